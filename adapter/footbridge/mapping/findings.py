"""What is found about a client, as SDOHCC-Condition where an honest code says it, else as an Observation.

Condition.code takes a code or nothing (its binding is required), so words without a code become an
SDOHCC-ObservationAssessment. Needs and barriers are both written here.
"""

from dataclasses import dataclass
from typing import Any

from footbridge.mapping.draft import Draft
from footbridge.mapping.elements import as_written, codings, put_text
from footbridge.mapping.terms import (
    accepted,
    category_concept,
    category_systems,
    label,
    said_concept,
    sdoh_concept,
    stand_in,
)
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import chosen_coding, entry_language, read_text
from footbridge.model.prescription import Coding

CONDITION_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in words.

    Attributes:
        role: role in the Bundle, e.g. ``need/0``.
        pointer: JSON Pointer of the part.
        words: the words.
        language: their own language, if any.
        category: SDOH category, if any.
        code: the caller's coding, if any.
        concept: what it is, of our codes: Observation.code, or a further Condition.category.
        marks_condition: whether a Condition needs ``concept`` too (a barrier's kind).
    """

    role: str
    pointer: str
    words: str
    language: str | None
    category: str | None
    code: Coding | None
    concept: dict[str, Any]
    marks_condition: bool = False


def condition_codings(draft: Draft, finding: Finding) -> list[dict[str, Any]]:
    """Codings for Condition.code; empty when none of them meets its binding."""
    said = finding.code if finding.code is not None and accepted("condition", finding.code) else None
    default = None
    if finding.category is not None and said is None:
        default = stand_in(finding.category, "condition", draft.jurisdiction)
    return codings(finding.code, default) if said is not None or default is not None else []


def write_finding(draft: Draft, finding: Finding, *, evidence: str | None = None, as_observation: bool = False) -> None:
    """Add a finding under its role.

    Args:
        draft: the Bundle in the making.
        finding: what to add.
        evidence: role of the screening answer behind it.
        as_observation: never a Condition, whatever its code (a strength is none).
    """
    coded = [] if as_observation else condition_codings(draft, finding)
    draft.place(finding.role, "Condition" if coded else "Observation")
    categories = [sdoh_concept()]
    if finding.category is not None:
        categories.append(category_concept(finding.category, draft.context.guide))
    body = _condition(draft, finding, coded, categories) if coded else _observation(draft, finding, categories)
    if evidence is not None and coded:
        body["evidence"] = [{"detail": [draft.ref(evidence)]}]
    elif evidence is not None:
        body["derivedFrom"] = [draft.ref(evidence)]
    speak = draft.speech(finding.language)
    draft.put(
        finding.role,
        body,
        origin=finding.pointer,
        claim="condition" if coded else "assessment",
        language=finding.language,
        lines=[
            ("", _said(draft, finding, speak)),
            (label("text", speak), draft.prose(finding.words, finding.language)),
        ],
    )


def _said(draft: Draft, finding: Finding, speak: str) -> str | None:
    """What the finding is, in our words."""
    text = finding.concept.get("text")
    return text if draft.context.narrative is None else said_concept(finding.concept, speak)


def _condition(
    draft: Draft, finding: Finding, coded: list[dict[str, Any]], categories: list[dict[str, Any]]
) -> dict[str, Any]:
    code: dict[str, Any] = {"coding": coded}
    put_text(code, "text", finding.words, finding.language)
    kinds = [{"coding": [{"system": CONDITION_CATEGORY, "code": "health-concern"}]}, *categories]
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": VERIFICATION, "code": "unconfirmed"}]},
        "category": [*kinds, finding.concept] if finding.marks_condition else kinds,
        "code": code,
        "subject": draft.ref("patient"),
        "recordedDate": as_written(draft.prescription.authored),
        "asserter": draft.ref("requester"),
    }


def _observation(draft: Draft, finding: Finding, categories: list[dict[str, Any]]) -> dict[str, Any]:
    code = dict(finding.concept)
    if finding.code is not None:
        code["coding"] = [*codings(finding.code, None), *code["coding"]]
    body: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "category": categories,
        "code": code,
        "subject": draft.ref("patient"),
        "effectiveDateTime": as_written(draft.prescription.authored),
        "performer": [draft.ref("patient")],
    }
    put_text(body, "valueString", finding.words, finding.language)
    return body


def read_finding(source: Cursor, words_key: str, own: set[str], general: str | None) -> dict[str, Any]:
    """Category, code, words and their language, of a Condition or an Observation.

    Args:
        source: the resource.
        words_key: ``statement`` or ``text``.
        own: systems of ours, whose codings say what the finding is and are no code of it.
        general: the prescription's language.
    """
    found: dict[str, Any] = {}
    if (category := read_category(source)) is not None:
        found["category"] = category
    code = source.child("code")
    for one in [] if code is None else code.each("coding"):
        if one.peek("system") in own:
            one.take()
            if code is not None and source.peek("resourceType") == "Observation":
                code.get("text")
    chosen = _chosen(code, own)
    words, language = (None, None)
    if source.peek("resourceType") == "Condition" and code is not None:
        words, language = read_text(code, "text")
    else:
        words, language = read_text(source, "valueString")
    if words is None and code is not None:
        words = code.text("text") or next((one.peek("display") for one in code.each("coding")), None)
    if chosen is not None:
        found["code"] = chosen
    found[words_key] = words or (chosen or {}).get("code")
    if (language := entry_language(source, language, general)) is not None:
        found["language"] = language
    return found


def _chosen(code: Cursor | None, own: set[str]) -> dict[str, Any] | None:
    if code is None or all(one.peek("system") in own for one in code.each("coding")):
        return None
    return chosen_coding(code)


def read_category(source: Cursor) -> str | None:
    """The first SDOH category of a resource; every one counts as read only when it is the first."""
    first = None
    systems = category_systems()
    for concept in source.each("category"):
        for coding in concept.each("coding"):
            if coding.peek("system") in systems and first is None:
                first = str(coding.peek("code"))
                concept.take()
    return first
