"""The greatest length of a text."""


def test_a_longer_text_is_found(found, profile_of, task):
    profile = profile_of("Task", {"path": "Task.description", "maxLength": 3})
    assert found(task | {"description": "abc"}, profile) == set()
    assert found(task | {"description": "abcd"}, profile) == {("profile.max-length", "Task.description")}
