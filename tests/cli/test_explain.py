"""``footbridge explain``, and ``footbridge validate explain``."""

import json

import pytest


@pytest.mark.parametrize("words", [["explain"], ["validate", "explain"]])
def test_example_neighbour_and_link_are_printed(run, words):
    ran = run(*words, "binding.required")
    assert ran.code == 0
    assert ran.out.startswith("binding.required\nText: https://hl7.org/fhir/R4/terminologies.html#strength\n")
    breaks, meets = ran.out.split("The nearest that does not:")
    assert "error: Patient.gender: The code is not in the value set" in breaks
    assert '"gender": "female"' in meets


def test_what_is_printed_as_json_can_be_validated(run, tmp_path):
    found = run("explain", "slicing.closed", "--json").json
    assert [one["severity"] for one in found["issues"]] == ["error"]
    for name in ("breaks", "meets"):
        (tmp_path / f"{name}.json").write_text(json.dumps(found[name]))
    (tmp_path / "definitions.ndjson").write_text("\n".join(map(json.dumps, found["definitions"])))
    words = ["--definitions", tmp_path / "definitions.ndjson", "--profile", found["profiles"][0], "--format", "csv"]
    assert "slicing.closed" in run("validate", tmp_path / "breaks.json", *words).out
    assert "slicing.closed" not in run("validate", tmp_path / "meets.json", *words).out


@pytest.mark.parametrize(
    "rule", ["slicing.match", "json.encoding", "structure.depth", "validation.failed", "invariant.ele-1"]
)
def test_odd_ones_are_printed_too(run, rule):
    assert run("explain", rule).code == 0


def test_an_unknown_rule_names_the_nearest(run):
    ran = run("explain", "bindng.required")
    assert (ran.code, ran.out) == (1, "")
    assert "Did you mean: binding.required" in ran.err
    assert "lists all" in run("explain", "zzzzzzzzzzzzzzzz").err


def test_a_file_of_that_name_is_a_file(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "explain").write_text('{"resourceType": "Task", "status": "requested", "intent": "order"}')
    assert run("validate", "explain", "--best-practice", "ignore").out == "explain: Task conforms\n"
