"""A resource may be handed in as a dict, as text, or as an object of a library of models."""

import json
from collections import OrderedDict
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient
from pydantic import BaseModel

from footbridge.validation import Validator

PATIENT = {"resourceType": "Patient", "id": "1", "active": True, "birthDate": "2000-01-01", "gender": "female"}
BAD = {"resourceType": "Task", "status": "nonsense"}


def rules(resource):
    return [issue.rule for issue in Validator().check(resource).issues]


class Loose(BaseModel):
    """A model of somebody's own."""

    resourceType: str = "Patient"  # noqa: N815 - as FHIR has it
    birthDate: date  # noqa: N815 - as above
    gender: str = "female"


class Old:
    """What has dict() alone, as pydantic 1 did."""

    def dict(self):
        return dict(PATIENT)


@pytest.mark.parametrize(
    "given",
    [
        json.dumps(PATIENT),
        json.dumps(PATIENT).encode(),
        bytearray(json.dumps(PATIENT).encode()),
        '<Patient xmlns="http://hl7.org/fhir"><id value="1"/><gender value="female"/></Patient>',
        Patient(**PATIENT),
        Patient(**PATIENT).model_dump(),
        Loose(birthDate=date(2000, 1, 1)),
        Old(),
        OrderedDict(PATIENT),
        MappingProxyType(PATIENT),
        {**PATIENT, "birthDate": date(2000, 1, 1)},
    ],
    ids=lambda given: type(given).__name__,
)
def test_every_form_is_accepted(given):
    assert rules(given) == ["narrative.missing"]
    assert [issue.rule for issue in Validator().validate(given)] == ["narrative.missing"]


def test_faults_are_found_in_every_form():
    for given in (BAD, json.dumps(BAD), json.dumps(BAD).encode()):
        assert "binding.required" in rules(given)
    measured = Observation(status="final", code={"text": "x"}, valueQuantity={"value": Decimal("1.50")})
    assert set(rules(measured)) == {"narrative.missing", "observation.context"}
    assert "binding.required" in rules(Patient(gender="nonsense"))


@pytest.mark.parametrize("given", [Path("task.json"), object(), Patient, Validator(), {1, 2}, iter(())])
def test_what_is_none_says_what_to_hand_in(given):
    with pytest.raises(TypeError, match="as a dict, as JSON or XML in str or bytes"):
        Validator().check(given)
