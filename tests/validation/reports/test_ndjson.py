"""NDJSON: a line for each resource, in its published shape, written as it comes."""

import itertools
import json

from footbridge.validation.reports import report


def test_the_shape(bad):
    [line] = report("ndjson")([bad])
    assert line.endswith("\n")
    found = json.loads(line)
    assert list(found) == ["source", "resourceType", "id", "valid", "issues", "unchecked"]
    assert found["source"], found["resourceType"] == ("b.ndjson:3", "Task")
    assert found["id"] is None
    assert found["valid"] is False
    assert list(found["issues"][0].items()) == [
        ("rule", "profile.fixed"),
        ("severity", "error"),
        ("code", "value"),
        ("expression", "Task.code"),
        ("line", 3),
        ("column", 7),
        ("profile", "urn:p"),
        ("message", 'A <b> & "c" was expected.'),
        ("spec", "https://hl7.org/fhir/R4/task.html"),
    ]
    assert found["unchecked"] == [{"rule": "binding.required", "expression": "Task.code", "why": "membership of urn:v"}]


def test_each_line_is_written_before_the_next_result_is_asked_for(good):
    lines = report("ndjson")(itertools.repeat(good))
    assert json.loads(next(lines))["valid"] is True


def test_whatever_a_document_has_is_one_line_of_utf8(odd):
    [line] = report("ndjson")([odd])
    assert line.count("\n") == 1
    assert json.loads(line.encode())["source"].endswith("\ud800.json")
