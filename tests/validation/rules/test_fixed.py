"""Fixed values."""


def test_the_value_must_be_this_one(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.intent", "fixedCode": "plan"})
    assert found(task, profile) == {("profile.fixed", "Task.intent")}
    assert found(task | {"intent": "plan"}, profile) == set()


def test_a_fixed_concept_allows_nothing_beside(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.code", "fixedCodeableConcept": {"text": "a"}})
    assert found(task | {"code": {"text": "a"}}, profile) == set()
    assert found(task | {"code": {"text": "a", "id": "x"}}, profile) == {("profile.fixed", "Task.code")}


def test_a_fixed_primitive_has_no_extensions(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.intent", "fixedCode": "order"})
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert found(task, profile) == set()
    assert ("profile.fixed", "Task.intent") in found(task | {"_intent": {"extension": [absent]}}, profile)
