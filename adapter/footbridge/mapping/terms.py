"""The one door of the mapping to codes: ours, the guide's, and the defaults that stand in.

Codings made by us carry ``userSelected: false``, the caller's ``true``: so a reader knows which was said and
which stands in (https://hl7.org/fhir/R4/datatypes-definitions.html#Coding.userSelected).
"""

import functools
from collections.abc import Mapping
from typing import Any, Literal

from footbridge.data import read_json
from footbridge.mapping.results import Guide, Jurisdiction
from footbridge.model.prescription import Coding, Kind
from footbridge.terminology import (
    category_of_support,
    default_code,
    designation,
    sdohcc_system,
    since,
    system,
)
from footbridge.uris import own_uri

SNOMED = "http://snomed.info/sct"
US_CORE_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category"
Role = Literal["condition", "goal", "service-request"]
OwnSystem = Literal[
    "prescription-kind",
    "requester-role",
    "barrier-kind",
    "support-kind",
    "task-input",
    "follow-up-question",
    "finding-type",
    "consent-form",
    "consent-scope",
    "service-form",
    "support-need",
    "follow-up",
    "task-output",
    "activity-done",
    "not-linked-reason",
    "follow-up-fit",
]


@functools.cache
def own_system(name: OwnSystem) -> str:
    """The url of one of our code systems."""
    return own_uri(f"CodeSystem/{name}")


@functools.cache
def _labels() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = read_json("mappings", "labels.json")["labels"]
    return table


def label(key: str, language: str) -> str:
    """A word of ours, in French where the language is French, else in English."""
    words = _labels()[key]
    return words["fr"] if language[:2].lower() == "fr" else words["en"]


def is_label(key: str, text: str) -> bool:
    """Whether a text is a word of ours, in either language."""
    return text in _labels()[key].values()


def is_own_instruction(text: str) -> bool:
    """Whether a Task's description is one that stands in because the prescriber told the client nothing."""
    own = [word for key in ("signpost-task", "information-task") for word in _labels()[key].values()]
    return any(text == word or text.startswith(f"{word}: ") for word in own)


def said_concept(concept: Mapping[str, Any], language: str) -> str | None:
    """A concept of ours in words of a language, for a narrative; the concept's own text where our tables have none."""
    for coding in concept.get("coding", ()):
        url, code = coding.get("system"), coding.get("code")
        if url and code and str(url).startswith(own_uri("CodeSystem/")) and (words := designation(url, code, language)):
            return words
    text = concept.get("text")
    return None if text is None else str(text)


@functools.cache
def _own_concept(url: str, code: str, language: str) -> tuple[str, str]:
    return designation(url, code, language) or code, code


def own_text(name: OwnSystem, code: str, language: str) -> str:
    """Our words for one of our codes."""
    return _own_concept(own_system(name), code, language)[0]


def own_concept(name: OwnSystem, code: str, language: str) -> dict[str, Any]:
    """A CodeableConcept with one of our codes and our words for it."""
    url = own_system(name)
    return {"coding": [{"system": url, "code": code}], "text": _own_concept(url, code, language)[0]}


def guide_coding(code: str) -> dict[str, Any]:
    """A Coding of the guide's temporary code system; no display, because its versions differ."""
    return {"system": sdohcc_system(), "code": code}


def category_concept(code: str, guide: Guide) -> dict[str, Any]:
    """An SDOH category. One that the guide's version lacks is said with a code of ours."""
    if guide == "2.3.0" and since(code) == "3.0.0":
        return {"coding": [{"system": own_uri("CodeSystem/sdoh-category"), "code": code}]}
    return {"coding": [guide_coding(code)]}


@functools.cache
def category_systems() -> tuple[str, str]:
    """The code systems that say an SDOH category."""
    return sdohcc_system(), own_uri("CodeSystem/sdoh-category")


def sdoh_concept() -> dict[str, Any]:
    """The US Core category that every SDOH resource carries."""
    return {"coding": [{"system": US_CORE_CATEGORY, "code": "sdoh"}]}


def accepted(role: Role | Literal["observation-question"], coding: Coding) -> bool:
    """Whether one coding of this system meets the profile's required binding in that role."""
    found = system(coding.system)
    return found is not None and role in found.roles


@functools.cache
def stand_in(category: str, role: Role, jurisdiction: Jurisdiction, kind: Kind | None = None) -> Coding | None:
    """The default code for a category in a role; None where none is honest."""
    return default_code(category, role, kind, jurisdiction).coding


@functools.cache
def support_stand_in(kind: str, jurisdiction: Jurisdiction) -> tuple[str | None, Coding | None]:
    """The SDOH category that a support serves and its own intervention code, where there is one."""
    category = category_of_support(kind).category
    if category is None:
        return None, None
    general = stand_in("sdoh-category-unspecified", "service-request", jurisdiction, "warm-connection")
    found = stand_in(category, "service-request", jurisdiction, "warm-connection")
    return category, None if found == general else found
