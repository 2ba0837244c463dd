"""The shape of FHIR's JSON."""

import pytest


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"note": {"text": "x"}}, ("structure.list", "Task.note")),
        ({"note": []}, ("structure.empty", "Task.note")),
        ({"code": {}}, ("structure.empty", "Task.code")),
        ({"code": "x"}, ("structure.object", "Task.code")),
        ({"description": None}, ("structure.null", "Task.description")),
        ({"_description": {"id": "a"}}, ("structure.empty", "Task.description")),
        ({"_description": 5}, ("structure.object", "Task.description")),
    ],
)
def test_each_fault_of_shape_is_found(found, task, change, expected):
    assert expected in found(task | change)


def test_an_id_alone_says_nothing_but_is_no_error(found, task):
    assert found(task | {"code": {"id": "a"}}) == set()
    assert ("structure.empty", "Task.code") in found(task | {"code": {"id": "a"}}, severity="warning")


def test_a_primitive_may_have_extensions_alone(found, task):
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert found(task | {"_description": {"extension": [absent]}}) == set()


def test_nesting_has_a_limit_and_the_rest_is_still_checked(found, task):
    deep = {"text": "x"}
    for _ in range(150):
        deep = {"extension": [{"url": "http://footbridge.test/x", "extension": [deep]}]}
    rules = {rule for rule, _ in found(task | {"code": deep, "colour": 1}, severity="error")}
    assert {"structure.depth", "structure.unknown-element"} <= rules


def test_comments_are_no_element_of_r4(found, task):
    assert found(task | {"fhir_comments": ["x"]}) == {("structure.unknown-element", "Task....")}


def test_an_empty_companion(found, task):
    assert found(task | {"_status": {}}) == {("structure.empty", "Task.status")}
