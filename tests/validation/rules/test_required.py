"""What a type requires."""


def test_a_missing_element_is_found_at_its_parent(found, task):
    assert found(task | {"note": [{}, {"time": "2026-01-01"}]}) >= {("structure.required", "Task.note[1]")}


def test_a_choice_may_stand_under_any_of_its_names(found, task):
    kind = {"type": {"text": "x"}}
    assert found(task | {"input": [kind | {"valueString": "y"}]}) == set()
    assert found(task | {"input": [kind]}) == {("structure.required", "Task.input[0]")}
