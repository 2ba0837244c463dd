"""``footbridge validate --tx``: a server decides what cannot be decided here, and an outage fails nothing."""

import json

import pytest
from support.terminology_server import terminology_server

VALUE_SET = "https://clinic.test/ValueSet/codes"
PROFILE = {
    "resourceType": "StructureDefinition", "url": "https://clinic.test/StructureDefinition/c", "name": "C",
    "status": "draft", "fhirVersion": "4.0.1", "kind": "resource", "abstract": False, "type": "Condition",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Condition", "derivation": "constraint",
    "differential": {"element": [
        {"id": "Condition.code", "path": "Condition.code", "binding": {"strength": "required", "valueSet": VALUE_SET}},
    ]},
}  # fmt: skip
SET = {"resourceType": "ValueSet", "url": VALUE_SET, "status": "draft", "compose": {"include": [
    {"system": "http://snomed.info/sct", "filter": [{"property": "concept", "op": "is-a", "value": "1"}]},
]}}  # fmt: skip
TEXT = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Ann Roe</div>'}


@pytest.fixture
def server():
    with terminology_server() as running:
        running.answers = {"73211009": True, "404684003": False}
        yield running


@pytest.fixture
def check(run, tmp_path):
    """Validate Conditions of these codes, with these options; the lines of the report, and the run."""
    (tmp_path / "definitions.ndjson").write_text("\n".join(map(json.dumps, (PROFILE, SET))))

    def call(codes, *words):
        lines = [
            json.dumps({
                "resourceType": "Condition", "text": TEXT, "subject": {"reference": "Patient/1", "display": "Ann Roe"},
                "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]},
            })
            for code in codes
        ]  # fmt: skip
        (tmp_path / "in.ndjson").write_text("\n".join(lines) + "\n")
        common = ["--definitions", tmp_path / "definitions.ndjson", "--profile", PROFILE["url"], "--format", "ndjson"]
        ran = run(
            "validate",
            tmp_path / "in.ndjson",
            *common,
            *words,
            env={"FOOTBRIDGE_CACHE_FOLDER": str(tmp_path / "cache")},
        )
        found = [
            ([one["rule"] for one in row["issues"] if one["severity"] == "error"],
             [one["rule"] for one in row["unchecked"] if "clinic.test" in one["why"]])
            for row in ran.lines
        ]  # fmt: skip
        return found, ran

    return call


def test_it_is_off_by_default(check, server):
    found, ran = check(["73211009", "404684003"])
    assert found == [([], ["binding.required"])] * 2
    assert (ran.code, server.asked) == (0, [])


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_server_decides(check, server, jobs):
    found, ran = check(["73211009", "404684003", "1"], "--tx", server.base_url, "--jobs", jobs)
    assert found == [([], []), (["binding.required"], []), ([], ["binding.required"])]
    assert ran.code == 1
    asked = {tuple(sorted(query.items())) for query in server.asked if query["url"] == VALUE_SET}
    assert asked == {
        (
            ("code", code),
            ("path", "/r4/ValueSet/$validate-code"),
            ("system", "http://snomed.info/sct"),
            ("url", VALUE_SET),
        )
        for code in ("73211009", "404684003", "1")
    }
    before = len(server.asked)
    check(["73211009", "404684003"], "--tx", server.base_url)
    assert len(server.asked) == before


def test_an_outage_leaves_it_unchecked(check, server):
    server.status = 500
    found, ran = check(["73211009", "404684003"], "--tx", server.base_url)
    assert found == [([], ["binding.required"])] * 2
    assert ran.code == 0
    assert "did not answer" in ran.err
    assert check(["404684003"], "--tx", "http://127.0.0.1:9")[0] == [([], ["binding.required"])]


@pytest.mark.parametrize("url", ["nonsense", "http://tx.clinic.test/r4", "https://user:word@tx.clinic.test"])
def test_an_address_that_is_not_fit_is_two(check, url):
    assert check(["1"], "--tx", url)[1].code == 2
