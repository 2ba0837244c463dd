"""Elements that may be of one of several types."""

import pytest

EXTENSION = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}


@pytest.fixture
def observation():
    """A small Observation that conforms."""
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}


def test_a_choice_has_one_value(found, observation):
    assert found(observation | {"valueString": "x"}) == set()
    assert found(observation | {"valueString": "x", "valueInteger": 1}) == {("structure.choice", "Observation")}


def test_the_companion_of_the_value_is_no_second_one(found, observation):
    assert found(observation | {"valueString": "x", "_valueString": {"extension": [EXTENSION]}}) == set()


def test_a_choice_within_a_backbone_element(found, task):
    two = {"type": {"text": "x"}, "valueString": "x", "valueBoolean": True}
    assert found(task | {"input": [two]}) == {("structure.choice", "Task.input[0]")}


def test_an_extension_with_two_values(found, patient):
    rows = found(patient | {"extension": [EXTENSION | {"valueString": "x"}]})
    assert ("structure.choice", "Patient.extension[0]") in rows
