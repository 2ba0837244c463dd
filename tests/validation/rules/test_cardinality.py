"""A profile's minimum and maximum."""


def test_too_few_and_too_many_are_found_at_the_parent(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.note", "min": 1, "max": "2"})
    assert found(task, profile) == {("profile.min", "Task")}
    assert found(task | {"note": [{"text": "a"}] * 2}, profile) == set()
    assert found(task | {"note": [{"text": "a"}] * 3}, profile) == {("profile.max", "Task")}


def test_a_child_is_asked_for_only_where_its_parent_is(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.code.text", "min": 1})
    assert found(task, profile) == set()
    assert found(task | {"code": {"coding": [{"display": "x"}]}}, profile) == {("profile.min", "Task.code")}
