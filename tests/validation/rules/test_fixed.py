"""Fixed values."""


def test_the_value_must_be_this_one(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.intent", "fixedCode": "plan"})
    assert found(task, profile) == {("profile.fixed", "Task.intent")}
    assert found(task | {"intent": "plan"}, profile) == set()


def test_a_fixed_concept_allows_nothing_beside(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.code", "fixedCodeableConcept": {"text": "a"}})
    assert found(task | {"code": {"text": "a"}}, profile) == set()
    assert found(task | {"code": {"text": "a", "id": "x"}}, profile) == {("profile.fixed", "Task.code")}
