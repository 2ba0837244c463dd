"""SARIF 2.1.0."""

import json

from footbridge.validation.reports import report


def written(*results):
    return json.loads("".join(report("sarif")(results)))


def test_results_have_rule_level_and_place(good, bad):
    run = written(good, bad)["runs"][0]
    error, warning, left = run["results"]
    assert (error["ruleId"], error["level"]) == ("profile.fixed", "error")
    place = error["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "b.ndjson"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert place["logicalLocations"] == [{"fullyQualifiedName": "Task.code"}]
    assert warning["level"] == "warning"
    assert "region" not in warning["locations"][0]["physicalLocation"]
    assert (left["kind"], left["level"]) == ("open", "none")


def test_every_rule_told_of_is_listed(bad, odd):
    driver = written(bad, odd)["runs"][0]["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == [
        "binding.extensible",
        "binding.required",
        "json.syntax",
        "profile.fixed",
    ]
    assert driver["rules"][-1]["helpUri"] == "https://hl7.org/fhir/R4/task.html"


def test_no_result_is_a_report_too():
    assert written()["runs"][0]["results"] == []
