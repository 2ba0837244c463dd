"""Three compiled profiles are as they were: what a change of the compiler changes is seen in a diff."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from footbridge.validation import Validator
from footbridge.validation.compiled_json import compiled_json

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "compiled_profiles.py"
GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/"


def test_three_profiles_are_compiled_as_before():
    ran = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_what_a_profile_asks_is_in_it():
    made = compiled_json(Validator().types, GUIDE + "SDOHCC-TaskForReferralManagement")
    assert (made["type"], made["version"]) == ("Task", "3.0.0")
    children = made["root"]["children"]
    assert children["authoredOn"]["lists"][0].items() >= {"kind": "Cardinality", "least": 1}.items()
    slices = children["partOf"]["slicing"]["slices"]
    assert [one["name"] for one in slices] == ["SupportedPartOf"]
    assert children["status"]["rules"][0]["value_set"].endswith("SDOHCC-ValueSetReferralTaskStatus")


@pytest.mark.parametrize("name", ["SDOHCC-ServiceRequest", "SDOHCC-Goal", "SDOHCC-TaskForPatient"])
def test_every_profile_is_plain_json(name):
    made = compiled_json(Validator().types, GUIDE + name)
    assert json.loads(json.dumps(made)) == made
    assert made["root"]["children"]


def test_content_of_another_element_ends():
    questionnaire = compiled_json(Validator().types, "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire")
    assert "sameAs" in json.dumps(questionnaire)


def test_what_is_not_loaded_is_none():
    assert compiled_json(Validator().types, "https://clinic.test/lost") is None
