"""Bindings."""

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


def test_a_version_that_the_code_system_does_not_have(found):
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "code": {"text": "x"}}
    coding = {"system": system, "code": "refuted"}
    assert found(condition | {"verificationStatus": {"coding": [coding]}}) == set()
    rows = found(condition | {"verificationStatus": {"coding": [coding | {"version": "0.0.0"}]}})
    assert rows == {("binding.required", "Condition.verificationStatus")}
