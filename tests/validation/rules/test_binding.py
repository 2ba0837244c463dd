"""Bindings."""

import pytest

from footbridge.validation import Validator

LOCAL = "http://footbridge.test/ValueSet/local"
SYSTEM = "http://footbridge.test/cs"
VALUE_SET = {
    "resourceType": "ValueSet", "url": LOCAL, "status": "draft",
    "compose": {"include": [{"system": SYSTEM, "concept": [{"code": "a"}]}]},
}  # fmt: skip


def concept(code):
    return {"coding": [{"system": SYSTEM, "code": code}]}


def test_a_code_outside_a_required_value_set(found, task):
    assert found(task | {"status": "bogus"}) == {("binding.required", "Task.status")}


def test_strength_decides_how_firmly(found, profile_of, task):
    for strength, severity in (("required", "error"), ("extensible", "warning")):
        binding = {"strength": strength, "valueSet": LOCAL}
        profile = profile_of("Task", {"path": "Task.code", "binding": binding})
        rule = (f"binding.{strength}", "Task.code")
        assert rule in found(task | {"code": concept("b")}, profile, definitions=[VALUE_SET], severity=severity)
        assert rule not in found(task | {"code": concept("a")}, profile, definitions=[VALUE_SET], severity=severity)


def test_one_coding_in_the_value_set_is_enough_and_text_alone_is_not(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.code", "binding": {"strength": "required", "valueSet": LOCAL}})
    both = {"coding": [{"system": SYSTEM, "code": "b"}, {"system": SYSTEM, "code": "a"}]}
    assert found(task | {"code": both}, profile, definitions=[VALUE_SET]) == set()
    assert found(task | {"code": {"text": "x"}}, profile, definitions=[VALUE_SET]) == {
        ("binding.required", "Task.code")
    }


def test_membership_that_cannot_be_decided_is_listed(profile_of, task):
    binding = {"strength": "required", "valueSet": "http://footbridge.test/ValueSet/nowhere"}
    profile = profile_of("Task", {"path": "Task.code", "binding": binding})
    outcome = Validator(definitions=[profile]).check(task | {"code": concept("a")}, [profile["url"]])
    assert outcome.valid
    assert [(row.rule, row.expression) for row in outcome.unchecked] == [("binding.required", "Task.code")]


def test_a_code_with_extensions_alone_is_no_code(found, task):
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    without = {name: value for name, value in task.items() if name != "status"}
    assert found(without | {"_status": {"extension": [absent]}}) == {("binding.required", "Task.status")}
    assert found(task | {"status": "  "}) == {("binding.required", "Task.status")}
    later = {"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Task.status", "valueCode": "new"}
    assert found(without | {"_status": {"extension": [later]}}) == set()


ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
ORIGINAL = {"url": "http://hl7.org/fhir/StructureDefinition/originalText", "valueString": "x"}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


# The verdicts are the HL7 validator's.
@pytest.mark.parametrize(
    "concept_of",
    [
        {"extension": [ABSENT]},
        {"extension": [ORIGINAL]},
        {"id": "a", "extension": [ABSENT]},
        {"extension": [ABSENT], "text": "x"},
        {"coding": [{"extension": [ABSENT]}]},
        {"extension": [ABSENT], "coding": [{"display": "x"}]},
        {"coding": [{"system": CLINICAL, "_code": {"extension": [ABSENT]}}]},
    ],
)
def test_a_concept_without_a_code_does_not_meet_a_required_binding(found, concept_of):
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "code": {"text": "x"}}
    assert ("binding.required", "Condition.clinicalStatus") in found(condition | {"clinicalStatus": concept_of})
    clinical = {"clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]}}
    rows = found(condition | clinical | {"verificationStatus": concept_of})
    assert ("binding.required", "Condition.verificationStatus") in rows
    assert found(condition | clinical | {"severity": concept_of}) == set()  # a preferred binding


def test_an_extension_meets_an_extensible_binding_of_a_profile_and_no_required_one(found, profile_of, task):
    for strength, rows in (("required", {("binding.required", "Task.code")}), ("extensible", set())):
        profile = profile_of("Task", {"path": "Task.code", "binding": {"strength": strength, "valueSet": LOCAL}})
        resource = task | {"code": {"extension": [ABSENT]}}
        assert found(resource, profile, definitions=[VALUE_SET]) == rows


def test_an_empty_concept_is_told_once(found):
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "code": {"text": "x"}}
    assert found(condition | {"clinicalStatus": {}}) == {("structure.empty", "Condition.clinicalStatus")}
    assert found(condition | {"clinicalStatus": {"id": "a"}}) == {("binding.required", "Condition.clinicalStatus")}


def test_a_version_that_the_code_system_does_not_have(found):
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "code": {"text": "x"}}
    coding = {"system": system, "code": "refuted"}
    assert found(condition | {"verificationStatus": {"coding": [coding]}}) == set()
    rows = found(condition | {"verificationStatus": {"coding": [coding | {"version": "0.0.0"}]}})
    assert rows == {("binding.required", "Condition.verificationStatus")}
