"""Takes over what came of a referral: the Procedure that was done, a questionnaire that was answered, words and codes.

A record becomes a resource of ours and is queued for the requester. What a network says in words and codes becomes a
Task.output with a code (https://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition-SDOHCC-TaskForReferralManagement.html).
"""

from collections.abc import Sequence
from typing import Any

from footbridge.mapping.references import Resource, local
from footbridge.mapping.terms import own_concept, own_system
from footbridge.model.prescription import Coding
from footbridge.model.principals import Principal
from footbridge.partners.ports import Output, Report
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store import resource_rows
from footbridge.store.resource_rows import Scope
from footbridge.terminology.codesystems import sdohcc_system
from footbridge.uris import own_uri

ACTIVITY = "resulting-activity"
NEW_NEED = "new-need"
NOTE = "outcome-note"


def take_over(unit: PrescriptionUnit, referral: str, principal: Principal, said: Report) -> list[Resource]:
    """Store the records of a report's outputs; returns the outputs as elements of our Task."""
    for fault in said.not_taken:
        why = {"why": "invalid", "rules": list(fault.rules)} if fault.rules else {"why": "no-identifier"}
        unit.note(principal, "output-not-taken-over", referral, detail={"type": fault.type, **why})
    records = [dict(record) for output in said.outputs for record in output.records]
    fresh = unit.new_among(records)
    unit.create(fresh)
    for one in fresh:
        unit.note(principal, "output", referral, detail={"type": one["resourceType"]})
    _queue(unit, referral, principal, fresh)
    return [element_of(output) for output in said.outputs]


def element_of(output: Output) -> Resource:
    """An output as an element of Task.output.

    Only what has a code of a procedure is a *resulting-activity*: the profile's binding is required
    (https://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition-SDOHCC-TaskForReferralManagement.html). Words alone,
    and codes of our own, are an *outcome-note* of CodeSystem *task-output*.
    """
    if output.content is not None:
        return dict(output.content)
    concept: dict[str, Any] = {}
    if output.code is not None:
        coding = {"system": output.code.system, "code": output.code.code, "display": output.code.display}
        concept["coding"] = [{name: value for name, value in coding.items() if value is not None}]
    if output.text is not None:
        concept["text"] = output.text
    is_own = output.code is None or str(output.code.system).startswith(own_uri("CodeSystem/"))
    coding = (
        {"system": own_system("task-output"), "code": NOTE} if is_own else {"system": sdohcc_system(), "code": ACTIVITY}
    )
    return {"type": {"coding": [coding]}, "valueCodeableConcept": concept}


def element_with_code(code: str, value: Resource, language: str) -> Resource:
    """An output of a type of our own (CodeSystem *task-output*): ``value`` is its ``value[x]``."""
    return {"type": own_concept("task-output", code, language), **value}


def outputs_of(scope: Scope, task: Resource) -> tuple[Output, ...]:
    """The outputs of a Task of ours in words and codes, for a network whose language has no records of outcomes.

    Of a record it is what the record says was done (its ``code``), else what kind of output it is.
    """
    found = (_in_words(scope, element) for element in task.get("output", []))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def outputs_with_notes(scope: Scope, task: Resource) -> list[tuple[Output, list[str]]]:
    """As ``outputs_of``, each with what its record has as notes: what was said of the outcome."""
    found = []
    for element in task.get("output", []):
        output = _in_words(scope, element)
        notes = _record(scope, element).get("note", [])
        if output is not None:
            found.append((output, [str(note["text"]) for note in notes if isinstance(note, dict) and "text" in note]))
    return found


def _is_new_need(element: Resource) -> bool:
    """Whether an output is a need that was found: nothing that was done."""
    codings = element.get("type", {}).get("coding", [])
    return any((one.get("system"), one.get("code")) == (own_system("task-output"), NEW_NEED) for one in codings)


def _in_words(scope: Scope, element: Resource) -> Output | None:
    if _is_new_need(element):
        return None
    for concept in (element.get("valueCodeableConcept"), _record(scope, element).get("code"), element.get("type")):
        output = _said(concept) if isinstance(concept, dict) else None
        if output is not None:
            return output
    return None


def _said(concept: Resource) -> Output | None:
    coding = next((one for one in concept.get("coding", []) if "system" in one and "code" in one), None)
    code = (
        None
        if coding is None
        else Coding.model_construct(system=coding["system"], code=coding["code"], display=coding.get("display"))
    )
    text = concept.get("text") or (None if coding is None else coding.get("display"))
    return None if code is None and text is None else Output(code=code, text=text)


def _record(scope: Scope, element: Resource) -> Resource:
    """The record of ours that an output refers to; empty where it refers to none."""
    reference = element.get("valueReference", {}).get("reference")
    key = local(reference) if isinstance(reference, str) else None
    stored = None if key is None else resource_rows.current(scope, *key)
    return {} if stored is None or stored.deleted else stored.resource


def _queue(unit: PrescriptionUnit, referral: str, principal: Principal, records: Sequence[Resource]) -> None:
    home = unit.requester
    if records and home is not None and home.name != principal.origin:
        keys = [(one["resourceType"], one["id"]) for one in records]
        unit.enqueue_delivery(home.name, unit.row(referral), keys)
