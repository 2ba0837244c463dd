"""Patterns."""

CODE = {"system": "http://footbridge.test/cs", "code": "a"}


def test_the_value_may_have_more_than_the_pattern(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.code", "patternCodeableConcept": {"coding": [CODE]}})
    more = {"coding": [{"code": "b"}, CODE | {"display": "A"}], "text": "a"}
    assert found(task | {"code": more}, profile) == set()
    assert found(task | {"code": {"coding": [{"code": "b"}]}}, profile) == {("profile.pattern", "Task.code")}
