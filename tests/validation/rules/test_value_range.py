"""The least and greatest value."""

import pytest

UCUM = {"system": "http://unitsofmeasure.org"}


@pytest.fixture
def observation():
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}


def test_dates_and_numbers_have_limits(found, profile_of, patient):
    profile = profile_of("Patient", {"path": "Patient.birthDate", "minValueDate": "1900-01-01"})
    assert found(patient | {"birthDate": "1899-12-31"}, profile) == {("profile.min-value", "Patient.birthDate")}
    assert found(patient | {"birthDate": "1900-01-01"}, profile) == set()


def test_quantities_compare_by_their_units(found, profile_of, observation):
    limit = {"value": 1, "code": "kg", **UCUM}
    profile = profile_of(
        "Observation", {"path": "Observation.value[x]", "type": [{"code": "Quantity"}], "maxValueQuantity": limit}
    )
    place = "Observation.value.ofType(Quantity)"
    assert found(observation | {"valueQuantity": {"value": 900, "code": "g", **UCUM}}, profile) == set()
    assert found(observation | {"valueQuantity": {"value": 1100, "code": "g", **UCUM}}, profile) == {
        ("profile.max-value", place)
    }
    assert found(observation | {"valueQuantity": {"value": 1, "code": "m", **UCUM}}, profile) == {
        ("profile.max-value", place)
    }
