"""CSV opens in a spreadsheet, and runs nothing there."""

import csv
import io

from footbridge.model.issues import Issue
from footbridge.validation import Outcome
from footbridge.validation.bulk import Checked
from footbridge.validation.reports import report


def rows(*results):
    return list(csv.DictReader(io.StringIO("".join(report("csv")(results)), newline="")))


def test_a_row_for_each_issue_and_for_what_was_not_checked(good, bad):
    error, warning, left = rows(good, bad)
    assert list(error) == [
        "source", "line", "column", "resourceType", "id", "severity", "rule", "code", "expression", "profile",
        "message", "spec",
    ]  # fmt: skip
    assert (error["source"], error["line"], error["column"], error["rule"]) == ("b.ndjson:3", "3", "7", "profile.fixed")
    assert (error["profile"], error["message"]) == ("urn:p", 'A <b> & "c" was expected.')
    assert (warning["severity"], warning["line"]) == ("warning", "")
    assert (left["severity"], left["rule"], left["message"]) == ("unchecked", "binding.required", "membership of urn:v")


def test_nothing_found_is_the_heading_alone(good):
    assert rows(good) == []
    assert "".join(report("csv")([])).count("\n") == 1


def test_no_name_is_a_formula():
    issue = Issue("json.syntax", "fatal", "invalid", "No.")
    for name in ("=HYPERLINK(1)", "+1", "@a", "-2+3", "\t=1"):
        [row] = rows(Checked(name, "Task", name, Outcome((issue,), ())))
        assert row["source"][0] == row["id"][0] == "'"


def test_standard_input_stays_what_it_is_and_odd_names_are_printable(odd):
    issue = Issue("json.syntax", "fatal", "invalid", "No.")
    assert rows(Checked("-", None, None, Outcome((issue,), ())))[0]["source"] == "-"
    assert rows(odd)[0]["source"] == "�[2Jc�.json"
