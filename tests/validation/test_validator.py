"""The door that intake uses: base R4 and what meta.profile claims."""

import pytest

from footbridge.validation import Validator

TEXT = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A task</div>'}
TASK = {"resourceType": "Task", "text": TEXT, "status": "requested", "intent": "order"}


def rules(resource):
    return {(issue.rule, issue.expression) for issue in Validator().validate(resource)}


def test_a_conforming_task_has_no_issue():
    assert rules(TASK) == set()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"colour": "red"}, ("structure.unknown-element", "Task.colour")),
        ({"for": {"reference": 3}}, ("structure.value", "Task.for.reference")),
        ({"note": [{"time": "2026-01-01"}]}, ("structure.required", "Task.note[0]")),
    ],
)
def test_each_fault_is_found_where_it_stands(change, found):
    assert found in rules(TASK | change)


@pytest.mark.parametrize("resource", [{}, {"resourceType": "Tusk"}, {"resourceType": 7}])
def test_what_is_no_resource_is_an_issue_and_never_an_exception(resource):
    assert rules(resource) == {("structure.resource-type", "$this")}


def test_a_message_never_tells_the_value():
    secret = "Okafor"
    issues = list(Validator().validate(TASK | {"authoredOn": secret, secret: {}}))
    assert issues
    assert all(secret not in issue.message for issue in issues if issue.rule == "structure.value")
