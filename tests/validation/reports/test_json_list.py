"""JSON: one list of what the lines of NDJSON have."""

import json

from footbridge.validation.reports import report


def test_it_is_a_list_of_the_same_rows(good, bad, odd):
    rows = json.loads("".join(report("json")([good, bad, odd])))
    assert rows == [json.loads(line) for line in report("ndjson")([good, bad, odd])]


def test_nothing_is_an_empty_list():
    assert json.loads("".join(report("json")([]))) == []
