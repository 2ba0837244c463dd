"""``footbridge validate --compare-hl7``: where both validators differ.

The reports of the HL7 validator that the first tests read are of our own making, in its form; the last test runs it.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

GOOD = {"resourceType": "Task", "status": "requested", "intent": "order"}
BAD = GOOD | {"status": "nonsense"}
UNDECIDED = GOOD | {"code": {"coding": [{"system": "urn:nobody-has-it", "code": "1"}]}}
DEFINITIONS = [
    {
        "resourceType": "ValueSet", "url": "urn:values", "status": "draft",
        "compose": {"include": [{"system": "urn:nobody-has-it"}]},
    },
    {
        "resourceType": "StructureDefinition", "url": "urn:profile", "name": "T", "status": "draft", "kind": "resource",
        "abstract": False, "type": "Task", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Task",
        "differential": {
            "element": [
                {
                    "id": "Task.code", "path": "Task.code",
                    "binding": {"strength": "required", "valueSet": "urn:values"},
                }
            ]
        },
    },
]  # fmt: skip
JAR = os.environ.get("FOOTBRIDGE_TEST_HL7_JAR")
FILE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-file"
MESSAGE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id"
JAVA = """#!{python}
import json, os, pathlib, sys
words = sys.argv[1:]
pathlib.Path(os.environ["FOOTBRIDGE_TEST_SEEN"]).write_text(json.dumps(words))
report = json.loads(pathlib.Path(os.environ["FOOTBRIDGE_TEST_REPORT"]).read_text())
if report is not None:
    pathlib.Path(words[words.index("-output") + 1]).write_text(json.dumps(report) if isinstance(report, dict) else report)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A program `java` that writes the report that a test gives it, a jar, and two files."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").write_text(JAVA.format(python=sys.executable))
    (tmp_path / "bin" / "java").chmod(0o755)
    (tmp_path / "validator_cli.jar").write_bytes(b"")
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "a.json").write_text(json.dumps(GOOD))
    (tmp_path / "resources" / "b.json").write_text(json.dumps(BAD))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def compare(run, place):
    """Compare the two files with a report."""

    def call(report, *words, jar="validator_cli.jar", path="bin"):
        (place / "report.json").write_text(json.dumps(report))
        seen = {"FOOTBRIDGE_TEST_SEEN": str(place / "seen.json"), "FOOTBRIDGE_TEST_REPORT": str(place / "report.json")}
        return run("validate", "resources", "--compare-hl7", jar, *words, env=seen | {"PATH": str(place / path)})

    return call


def outcome(name, *errors):
    issues = [
        {
            "severity": severity, "code": "invalid", "expression": [where], "details": {"text": "Ann Roe"},
            "extension": [{"url": MESSAGE, "valueString": message}],
        }
        for severity, where, message in errors
    ]  # fmt: skip
    return {"resourceType": "OperationOutcome", "extension": [{"url": FILE, "valueString": name}], "issue": issues}


def bundle(*rows):
    return {"resourceType": "Bundle", "entry": [{"resource": row} for row in rows]}


AGREED = bundle(
    outcome("/x/000000.json", ("warning", "Task", "A_Warning")),
    outcome("/x/000001.json", ("error", "Task.status", "Terminology_TX_NoValid_16")),
)
OTHER = bundle(outcome("000001.json"), outcome("000000.json", ("error", "Task.intent.extension[0]", "Some_Message")))


def test_both_agree(compare):
    ran = compare(AGREED)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "resources/a.json: agree", "resources/b.json: agree", "Documents that agree: 2; that differ: 0",
    ]  # fmt: skip
    assert compare(AGREED, "-q").out.splitlines() == ["Documents that agree: 2; that differ: 0"]


def test_where_they_differ_is_told_without_values(compare):
    ran = compare(OTHER)
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "resources/a.json: differ", "  only theirs: Task.intent.extension[0]: Some_Message",
        "resources/b.json: differ", "  only ours:   Task.status: binding.required",
        "Documents that agree: 0; that differ: 2",
    ]  # fmt: skip
    assert "Ann Roe" in compare(OTHER, "--show-values").out


def test_what_is_left_unchecked_here_is_no_difference(compare, place):
    """A code of a system that nobody has here: without a terminology server the HL7 validator calls it an error."""
    (place / "resources" / "b.json").write_text(json.dumps(UNDECIDED))
    (place / "own").mkdir()
    for number, one in enumerate(DEFINITIONS):
        (place / "own" / f"{number}.json").write_text(json.dumps(one))
    words = ("--definitions", "own", "--profile", "urn:profile")
    known, other = ("error", "Task.code", "Terminology_TX_NoValid_1_CC"), ("error", "Task.owner", "Some_Message")
    ran = compare(bundle(outcome("0.json"), outcome("1.json", known)), *words)
    assert (ran.code, ran.out.splitlines()[1:]) == (
        0, ["resources/b.json: agree", "  not checked here: Task.code: Terminology_TX_NoValid_1_CC",
            "Documents that agree: 2; that differ: 0"],
    )  # fmt: skip
    ran = compare(bundle(outcome("0.json"), outcome("1.json", known, other)), *words, "--json")
    assert (ran.code, [one["rule"] for one in ran.json[1]["onlyTheirs"]]) == (1, ["Some_Message"])
    assert ran.json[1]["notCheckedHere"] == [{"place": "Task.code", "rule": "Terminology_TX_NoValid_1_CC"}]


def test_as_json(compare):
    first, second = compare(OTHER, "--json").json
    assert (first["valid"], first["onlyTheirs"]) == (
        {"ours": True, "theirs": False}, [{"place": "Task.intent.extension[0]", "rule": "Some_Message"}],
    )  # fmt: skip
    assert [one["rule"] for one in second["onlyOurs"]] == ["binding.required"]
    [pair] = compare(AGREED, "--json").json[1]["agree"]
    assert (pair["ours"]["rule"], pair["theirs"]["rule"]) == ("binding.required", "Terminology_TX_NoValid_16")


def test_both_are_given_the_same(compare, place):
    (place / "v.json").write_text('{"resourceType": "ValueSet", "url": "urn:v", "status": "draft"}')
    compare(AGREED, "--definitions", "v.json", "--allow-example-urls", "--best-practice", "ignore")
    words = json.loads((place / "seen.json").read_text())
    assert words[:2] == ["-jar", str(place / "validator_cli.jar")]
    for option, value in {
        "-version": "4.0.1", "-tx": "n/a", "-ig": str(place / "v.json"), "-allow-example-urls": "true",
        "-best-practice": "ignore",
    }.items():  # fmt: skip
        assert words[words.index(option) + 1] == value
    assert not Path(words[-1]).exists(), "the copies of the documents are deleted"


@pytest.mark.parametrize("report", [None, {}, {"resourceType": "Bundle", "entry": [1]}, "no JSON"])
def test_a_validator_that_does_not_work_is_two(compare, report):
    ran = compare(report)
    assert (ran.code, ran.out) == (2, "")
    assert "--compare-hl7: the" in ran.err


def test_what_is_missing_is_named(compare):
    assert "there is no `java` on the PATH" in compare(AGREED, path="empty").err
    ran = compare(AGREED, jar="none.jar")
    assert ran.code == 2
    assert "none.jar: file not found" in ran.err
    assert compare(AGREED, "--watch").code == 2
    assert compare(AGREED, "--format", "sarif").code == 2


if JAR is not None and shutil.which("java") is not None:  # the jar is large, and nothing here brings it

    @pytest.mark.oracle
    def test_the_hl7_validator_itself(run, place):
        ran = run("validate", "resources", "--compare-hl7", JAR, "--json")
        first, second = ran.json
        assert (ran.code, first["valid"], second["valid"]) == (
            0, {"ours": True, "theirs": True}, {"ours": False, "theirs": False},
        )  # fmt: skip
        assert second["agree"][0]["ours"]["place"] == "Task.status"
