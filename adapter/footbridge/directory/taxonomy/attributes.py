"""What the attributes of a service hold: 211 codes, the populations that it is for, and words.

An attribute is one of HSDS: ``{taxonomy_term: {code, name, taxonomy}, linked?: [code]}``, ``linked`` being the codes
that stand in one statement with it (https://docs.openreferral.org/en/3.1/hsds/schema_reference.html#attribute).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from footbridge.directory.taxonomy.codes import CodeField, facts, read

_WHO: Final = re.compile(r"\bwho:\s*'[^']*'")
"""Of the words that stand for codes in {what:'COUNSELLING',who:'Youth'} those that say whom a service is for."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place for codes: where it stands in the service, what stood there, and what that is."""

    member: str
    text: str
    field: CodeField


def code_places(service: Mapping[str, Any]) -> tuple[Place, ...]:
    """The places of a service that have something where a code belongs, in their order."""
    found = []
    for number, attribute in enumerate(_objects(service.get("attributes"))):
        term = attribute.get("taxonomy_term")
        code = text_of(term.get("code")) if isinstance(term, Mapping) else ""
        if isinstance(term, Mapping) and code.strip():
            linked = [other for other in attribute.get("linked") or () if isinstance(other, str)]
            text = " * ".join([code, *linked])
            field = read(text, taxonomy=text_of(term.get("taxonomy")) or None)
            found.append(Place(f"attributes[{number}].taxonomy_term.code", text, field))
    return tuple(found)


def service_codes(places: tuple[Place, ...]) -> tuple[str, ...]:
    """The codes that name what a service is, populations left out, each once."""
    return tuple(dict.fromkeys(code for place in places for term in place.field.terms for code in term.services))


def population_codes(places: tuple[Place, ...]) -> tuple[str, ...]:
    """The codes of those whom a service is for, alone or linked to what it offers, each once."""
    return tuple(dict.fromkeys(code for place in places for term in place.field.terms for code in term.populations))


def target_populations(service: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of the populations that a service is meant for."""
    return population_codes(code_places(service))


def is_social_prescribing(service: Mapping[str, Any]) -> bool:
    """Whether a service is one of social prescribing itself (LH-6300.8020)."""
    return any(code in facts()["socialPrescribing"] for code in service_codes(code_places(service)))


def term_words(service: Mapping[str, Any], places: tuple[Place, ...]) -> str:
    """The names of the terms of a service, and the words that stand for codes, as one text."""
    terms = (attribute.get("taxonomy_term") for attribute in _objects(service.get("attributes")))
    names = [text_of(term.get("name")) for term in terms if isinstance(term, Mapping)]
    words = [text for place in places for text in place.field.words]
    return " . ".join(_WHO.sub(" ", text) for text in [*names, *words] if text)


def text_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """A text; an empty one for anything else."""
    return value if isinstance(value, str) else ""


def _objects(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    return [row if isinstance(row, Mapping) else {} for row in value] if isinstance(value, list | tuple) else []
