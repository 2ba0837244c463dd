"""``footbridge fhirpath``."""

import json

import pytest

from footbridge.validation.bulk import inputs

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


def test_of_several_resources_each_result_has_its_source(run, tmp_path):
    place = tmp_path / "a.ndjson"
    place.write_text(f'{PATIENT}\n\n{{"resourceType": "Patient", "id": "b"}}\n')
    ran = run("fhirpath", "Patient.active | Patient.id", place)
    assert (ran.code, ran.out) == (0, f"{place}:1: true\n{place}:3: b\n")
    assert run("fhirpath", "Patient.name.given", place, "--json").lines == [
        {"source": f"{place}:1", "results": ["Ada", "B"]},
        {"source": f"{place}:3", "results": []},
    ]
    assert run("fhirpath", "Patient.name.given", tmp_path).out == f"{place}:1: Ada\n{place}:1: B\n"
    assert f"{place}:1" in run("fhirpath", "Patient.name.given.single()", place).err


def test_a_document_that_is_too_large_says_so(run, file, monkeypatch):
    monkeypatch.setattr(inputs, "LARGEST", 20)
    ran = run("fhirpath", "true", file)
    assert ran.code == 2
    assert "larger than 256 MiB" in ran.err


def test_a_large_number_keeps_its_digits(run, file):
    assert json.loads(run("fhirpath", "12345678901.123456789", file).out) == 12345678901.123456789
