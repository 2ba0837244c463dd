"""``footbridge fhirpath``."""

import json

import pytest

PATIENT = '{"resourceType": "Patient", "active": true, "name": [{"given": ["Ada", "B"]}], "extension": [{"url": "urn:x", "valueDecimal": 1.50}]}'


@pytest.fixture
def file(tmp_path):
    (tmp_path / "patient.json").write_text(PATIENT)
    return tmp_path / "patient.json"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("Patient.name.given", "Ada\nB\n"),
        ("Patient.active", "true\n"),
        ("Patient.extension.value", "1.50\n"),
        ("Patient.name", '{"given":["Ada","B"]}\n'),
        ("Patient.contact", ""),
        ("1 + 1", "2\n"),
    ],
)
def test_a_result_is_a_line(run, file, expression, text):
    ran = run("fhirpath", expression, file)
    assert (ran.code, ran.out, ran.err) == (0, text, "")


def test_json_is_one_list(run, file):
    assert run("fhirpath", "Patient.name.given", file, "--json").json == ["Ada", "B"]
    assert run("fhirpath", "Patient.contact", file, "--json").json == []


@pytest.mark.parametrize(
    "expression", ["Patient.(", "Patient.nonsense", "1 / 'x'", "Patient.name.given.single()", "nope()"]
)
def test_an_error_is_one_line(run, file, expression):
    ran = run("fhirpath", expression, file)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("text", ["", "[]", "{", "<a"])
def test_what_is_no_resource_is_refused(run, tmp_path, text):
    (tmp_path / "x").write_text(text)
    ran = run("fhirpath", "true", tmp_path / "x")
    assert ran.code == 2
    assert ran.err.count("\n") == 1


def test_standard_input_and_xml(run):
    assert run("fhirpath", "Patient.name.given", "-", input=PATIENT).out == "Ada\nB\n"
    xml = '<Patient xmlns="http://hl7.org/fhir"><name><given value="Ada"/></name></Patient>'
    assert run("fhirpath", "Patient.name.given", "-", input=xml).out == "Ada\n"


def test_a_large_number_keeps_its_digits(run, file):
    assert json.loads(run("fhirpath", "12345678901.123456789", file).out) == 12345678901.123456789
