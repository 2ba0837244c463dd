"""Elements that a type does not have."""


def test_an_unknown_element_is_found_where_it_stands(found, task):
    assert found(task | {"code": {"colour": "red"}}) == {("structure.unknown-element", "Task.code.colour")}


def test_a_name_that_is_no_name_is_not_told(found, task):
    assert found(task | {"Ann Roe, born 1950": 1}) == {("structure.unknown-element", "Task....")}


def test_a_companion_of_a_complex_element_is_unknown(found, task):
    assert ("structure.unknown-element", "Task._code") in found(task | {"_code": {"id": "x"}})
