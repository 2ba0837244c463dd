"""Needs, and the screening answers that they rest on."""

from typing import Any

from footbridge.i18n import _
from footbridge.mapping.draft import Draft
from footbridge.mapping.elements import as_written, plain_coding, put_text
from footbridge.mapping.findings import Finding, condition_codings, read_finding, write_finding
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.terms import (
    accepted,
    category_concept,
    label,
    own_concept,
    own_system,
    sdoh_concept,
)
from footbridge.mapping.values import day, read_coding
from footbridge.model.prescription import Coding, Evidence, Need
from footbridge.terminology import display

SURVEY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}
UNKNOWN = {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}


def write_needs(draft: Draft) -> None:
    """Add every need, its evidence first."""
    for index, need in enumerate(draft.prescription.needs):
        evidence = None
        if need.evidence is not None:
            evidence = f"evidence/{index}"
            _write_evidence(draft, index, need, need.evidence)
        finding = Finding(
            role=f"need/{index}",
            pointer=f"/needs/{index}",
            words=need.statement,
            language=need.language,
            category=need.category,
            code=need.code,
            concept=own_concept("finding-type", "need", draft.language),
        )
        write_finding(draft, finding, evidence=evidence)
        if not condition_codings(draft, finding):
            draft.warn(
                "need-not-coded",
                _(
                    "There is no code for this need, so it becomes an Observation with its text; a receiver "
                    "that reads only Conditions will not see it."
                ),
                f"/needs/{index}",
                severity="information",
            )


def _write_evidence(draft: Draft, index: int, need: Need, evidence: Evidence) -> None:
    """Add the answer (role ``evidence/N``), and the panel that it belongs to (``instrument/N``)."""
    role, pointer = f"evidence/{index}", f"/needs/{index}/evidence"
    draft.place(role, "Observation")
    body = _response(draft, need, evidence, evidence.question) | _answer(evidence)
    coded = accepted("observation-question", evidence.question)
    lines = [
        (label("question", draft.speech()), _spoken(evidence.question)),
        (label("answer", draft.speech()), draft.prose(evidence.answer_text) or _spoken(evidence.answer)),
    ]
    unclaimed = None if coded else "question-not-coded"
    draft.put(role, body, origin=pointer, claim="screening", unclaimed=unclaimed, lines=lines)
    if evidence.instrument is not None:
        panel = _response(draft, need, evidence, evidence.instrument) | {"hasMember": [draft.ref(role)]}
        draft.place(f"instrument/{index}", "Observation")
        coded = coded and accepted("observation-question", evidence.instrument)
        draft.put(
            f"instrument/{index}",
            panel,
            origin=f"{pointer}/instrument",
            claim="screening",
            unclaimed=None if coded else "question-not-coded",
            lines=[(label("question", draft.speech()), _spoken(evidence.instrument))],
        )


def _spoken(coding: Coding | None) -> str | None:
    """A coding in words: the caller's, else the system's own as far as our tables have them, else the code."""
    if coding is None:
        return None
    return coding.display or display(coding.system, coding.code) or coding.code


def _answer(evidence: Evidence) -> dict[str, Any]:
    """Observation.value, coded, in words or both; a question without an answer says that it has none."""
    if evidence.answer is not None:
        value: dict[str, Any] = {"coding": [plain_coding(evidence.answer)]}
        put_text(value, "text", evidence.answer_text, None)
        return {"valueCodeableConcept": value}
    if evidence.answer_text is not None:
        return {"valueString": evidence.answer_text}
    return {"dataAbsentReason": {"coding": [UNKNOWN]}}


def _response(draft: Draft, need: Need, evidence: Evidence, code: Coding) -> dict[str, Any]:
    """What the answer and its panel share. A date that was not given is the moment of writing."""
    when = evidence.date.isoformat() if evidence.date is not None else as_written(draft.prescription.authored)
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [SURVEY]}, sdoh_concept(), category_concept(need.category, draft.context.guide)],
        "code": {"coding": [plain_coding(code)]},
        "subject": draft.ref("patient"),
        "effectiveDateTime": when,
        "performer": [draft.ref("patient")],
    }


def read_need(graph: Graph, node: Node, authored: str | None) -> dict[str, Any]:
    """A Condition or an Observation as a need."""
    source = graph.cursor(node)
    found = read_finding(source, "statement", {own_system("finding-type")}, graph.language)
    details = [one for item in source.each("evidence") for one in item.each("detail")] + list(
        source.each("derivedFrom")
    )
    screened = [target for place in details if (target := graph.target(node, place)) is not None]
    answers = [target for target in screened if target.type == "Observation"]
    if answers:
        found["evidence"] = _read_evidence(graph, answers[0], authored)
    for target in screened:
        if target not in answers[:1]:
            graph.tell("one-evidence", _("A need has one screening answer; this one is left out."), target)
    return found


def _read_evidence(graph: Graph, node: Node, authored: str | None) -> dict[str, Any]:
    source = graph.cursor(node)
    found: dict[str, Any] = {}
    for panel in graph.of_type("Observation"):
        members = panel.resource.get("hasMember", [])
        if any(graph.follow(panel, member) is node for member in members):
            above = graph.cursor(panel)
            instrument = next((read_coding(one) for one in (above.at("code") or above).each("coding")), None)
            if instrument is not None:
                found["instrument"] = instrument
            for place in above.each("hasMember"):
                if graph.follow(panel, place.value) is node:
                    place.take()
            above.get("effectiveDateTime")
            break
    code = source.child("code")
    question = None if code is None else next((read_coding(one) for one in code.each("coding")), None)
    if question is not None:
        found["question"] = question
    _read_answer(graph, node, found)
    when = source.get("effectiveDateTime")
    if when is not None and when != authored and day(when) is not None:
        found["date"] = day(when)
    return found


def _read_answer(graph: Graph, node: Node, found: dict[str, Any]) -> None:
    source = graph.cursor(node)
    concept = source.child("valueCodeableConcept")
    if concept is not None:
        answer = next((read_coding(one) for one in concept.each("coding")), None)
        if answer is not None:
            found["answer"] = answer
        if (words := concept.text("text")) is not None:
            found["answerText"] = words
    elif (words := source.text("valueString")) is not None:
        found["answerText"] = words
