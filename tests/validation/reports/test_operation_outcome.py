"""OperationOutcomes conform to FHIR themselves."""

import json

import pytest

from footbridge.validation import Validator
from footbridge.validation.reports import report


def written(*results):
    return json.loads("".join(report("operationoutcome")(results)))


def test_one_resource_gives_one(good):
    found = written(good)
    assert found["resourceType"] == "OperationOutcome"
    assert [issue["severity"] for issue in found["issue"]] == ["information"]


def test_issues_and_what_was_not_checked(bad):
    error, warning, left = written(bad)["issue"]
    assert (error["severity"], error["code"], error["expression"]) == ("error", "value", ["Task.code"])
    assert error["details"]["text"] == 'A <b> & "c" was expected.'
    assert error["diagnostics"] == "line 3, column 7; urn:p; https://hl7.org/fhir/R4/task.html"
    assert error["extension"][0]["valueString"] == "profile.fixed"
    assert warning["severity"] == "warning"
    assert (left["severity"], left["code"]) == ("information", "incomplete")


def test_several_come_in_a_bundle(good, bad):
    found = written(good, bad, good)
    assert (found["resourceType"], found["type"]) == ("Bundle", "collection")
    assert [entry["resource"]["extension"][0]["valueString"] for entry in found["entry"]] == [
        "a.json",
        "b.ndjson:3",
        "a.json",
    ]


@pytest.mark.parametrize("which", [[], ["good"], ["bad"], ["good", "bad"]])
def test_it_conforms(which, request):
    text = "".join(report("operationoutcome")(request.getfixturevalue(name) for name in which))
    outcome = Validator().check_text(text.encode())
    assert [issue for issue in outcome.issues if issue.is_error and issue.rule != "bundle.full-url"] == []
