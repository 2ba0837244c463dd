"""Invariants."""

import pytest

from footbridge.validation import Validator


def constraint(key, expression, severity="error"):
    return {"key": key, "severity": severity, "human": "x", "expression": expression}


def test_an_invariant_that_does_not_hold(found, profile_of, task):
    row = {"path": "Task", "constraint": [constraint("own-1", "description.exists()")]}
    profile = profile_of("Task", row)
    assert found(task, profile) == {("invariant.own-1", "Task")}
    assert found(task | {"description": "x"}, profile) == set()


def test_a_warning_stays_a_warning(found, profile_of, task):
    profile = profile_of(
        "Task", {"path": "Task", "constraint": [constraint("own-1", "description.exists()", "warning")]}
    )
    assert found(task, profile) == set()
    assert ("invariant.own-1", "Task") in found(task, profile, severity="warning")


def test_base_invariants_hold_in_types(found, patient):
    assert found(patient | {"contact": [{"gender": "male"}]}) == {("invariant.pat-1", "Patient.contact[0]")}


@pytest.mark.parametrize("expression", ["description.nonsense(", "description.nonsense()", "description and"])
def test_an_expression_that_cannot_be_read_is_a_fault(found, profile_of, task, expression):
    profile = profile_of("Task", {"path": "Task", "constraint": [constraint("own-1", expression)]})
    assert found(task, profile) == {("invariant.own-1", "Task")}


def test_a_function_of_a_later_fhirpath_is_listed(profile_of, task):
    profile = profile_of("Task", {"path": "Task", "constraint": [constraint("own-1", "priority.sum() = 1")]})
    outcome = Validator(definitions=[profile]).check(task, [profile["url"]])
    assert outcome.valid
    assert [row.rule for row in outcome.unchecked] == ["invariant.own-1"]


def test_within_a_contained_resource_it_is_the_resource(found, profile_of, patient):
    held = constraint("own-1", "%resource.type().name = 'Practitioner' and %rootResource.type().name = 'Patient'")
    profile = profile_of(
        "Patient",
        {"path": "Patient.contained", "type": [{"code": "Practitioner"}]},
        {"path": "Patient.contained.name", "constraint": [held]},
    )
    doctor = {"resourceType": "Practitioner", "id": "d", "name": [{"text": "x"}]}
    resource = patient | {"contained": [doctor], "generalPractitioner": [{"reference": "#d"}]}
    assert found(resource, profile) == set()
