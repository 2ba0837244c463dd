"""What ``footbridge validate`` tells a person beside the issues: counts, hints, and why the exit code is what it is."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from lxml import etree

from footbridge.validation.reports import FORMATS

CODE = {"coding": [{"system": "http://snomed.info/sct", "code": "73211009"}]}
ACTIVE = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
UNCHECKED = {
    "resourceType": "AllergyIntolerance",
    "meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-allergyintolerance"]},
    "patient": {"reference": "Patient/1"},
    "clinicalStatus": {"coding": [{"system": ACTIVE, "code": "active"}]},
    "code": CODE,
    "reaction": [{"manifestation": [CODE]}] * 2,
}
WARNED = {"resourceType": "Patient", "active": True}
LOST = {"resourceType": "Patient", "id": "g", "active": True, "meta": {"profile": ["https://clinic.test/lost"]}}
TEXT = {"text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A</div>'}}
GOOD = WARNED | TEXT


@pytest.fixture
def put(tmp_path):
    """Write a resource to a file."""

    def write(name, resource):
        place = tmp_path / name
        place.write_text(json.dumps(resource))
        return place

    return write


def test_what_was_not_checked_is_one_line_and_all_lines_where_asked(run, put):
    place = put("c.json", UNCHECKED | TEXT)
    out = run("validate", place).out
    [counted] = [line for line in out.splitlines() if line.startswith("  unchecked")]
    assert "binding." in counted
    assert "--show-unchecked" in counted
    assert " not checked" in out.splitlines()[0]
    every = run("validate", place, "--show-unchecked").out
    rows = [line for line in every.splitlines() if line.startswith("  unchecked")]
    assert len(rows) > 1
    assert f"{len(rows)} rules" in counted


def test_quiet_tells_nothing_while_all_is_well(run, put):
    ran = run("validate", put("a.json", WARNED), put("c.json", UNCHECKED), "-q")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_quiet_tells_what_fails(run, put):
    ran = run("validate", put("a.json", WARNED), put("b.json", WARNED | {"gender": "x"}), "--quiet")
    assert ran.code == 1
    assert [line.split()[0] for line in ran.out.splitlines()] == [f"{put('b.json', {}).parent}/b.json:", "error"]
    assert ran.err == ""


def test_quiet_tells_of_what_fails_the_errors_only(run, put):
    """Not what was not checked, which fails nothing here."""
    ran = run("validate", put("c.json", UNCHECKED | {"recordedDate": "x"}), "--quiet")
    assert ran.code == 1
    assert {line.split()[0] for line in ran.out.splitlines()[1:]} == {"error"}


@pytest.mark.parametrize("style", sorted(FORMATS))
@pytest.mark.parametrize(
    ("resource", "wanted", "code"),
    [
        (GOOD, ["warning", "unchecked"], 0),
        (WARNED, ["error"], 0),
        (WARNED, ["warning"], 1),
        (WARNED, ["unchecked"], 0),
        (UNCHECKED | TEXT, ["unchecked"], 1),
        (UNCHECKED | TEXT, ["error"], 0),
        (LOST | TEXT, ["error"], 0),
        (LOST | TEXT, ["unchecked"], 1),
        (LOST | TEXT, ["warning", "unchecked"], 1),
        (GOOD | {"gender": "x"}, ["unchecked"], 1),
    ],
)
def test_the_exit_code_is_what_fail_on_asks_and_reports_agree(run, put, style, resource, wanted, code):
    options = [word for name in wanted for word in ("--fail-on", name)]
    ran = run("validate", put("r.json", resource), "--format", style, *options)
    assert ran.code == code
    if style == "junit":
        suite = etree.fromstring(ran.out.encode()).find("testsuite")
        assert suite.get("failures") == str(code)
        assert len(suite.findall("testcase/failure")) == code
    if style == "sarif":
        assert ran.json["runs"][0]["invocations"] == [{"executionSuccessful": True, "exitCode": code}]
    if code and resource.get("gender") != "x":
        assert "Failed by --fail-on: " in ran.err


def test_a_claimed_profile_that_is_not_loaded_is_told_with_what_helps(run, put):
    ran = run("validate", put("g.json", LOST))
    assert ran.code == 0
    assert "1 rule not checked" in ran.out.splitlines()[0]
    assert "https://clinic.test/lost" in ran.err
    assert "--package" in ran.err


def test_an_invariant_of_a_later_fhirpath_fails_where_unchecked_counts(run, put):
    url = "https://clinic.test/StructureDefinition/p"
    rule = {"key": "x-1", "severity": "error", "human": "x", "expression": "name.count().sum() = 1"}
    profile = {
        "resourceType": "StructureDefinition", "url": url, "name": "P", "status": "active", "kind": "resource",
        "abstract": False, "type": "Patient", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": {"element": [{"id": "Patient", "path": "Patient", "constraint": [rule]}]},
    }  # fmt: skip
    words = ["validate", put("a.json", GOOD), "--profile", url, "--definitions", put("p.json", profile)]
    assert run(*words).code == 0
    ran = run(*words, "--fail-on", "unchecked")
    assert ran.code == 1
    assert "invariant.x-1" in ran.out


def test_hints_name_what_helps(run, put, examples):
    assert (
        "--allow-example-urls" in run("validate", put("a.json", GOOD | {"implicitRules": "http://example.org/x"})).err
    )
    for style in ("text", "ndjson"):
        ran = run("validate", *sorted(examples.glob("0*.json")), "--format", style)
        assert ran.code == 1
        assert ran.err.count("footbridge map") == 1
    assert "footbridge map" not in run("validate", put("b.json", {"client": 1})).err


def test_why_a_text_is_no_json(run, tmp_path):
    (tmp_path / "a.json").write_text('{"resourceType": "Patient",\n "active" true}')
    out = run("validate", tmp_path / "a.json").out
    assert "Expecting ':' delimiter, at line 2, column 11" in out
    (tmp_path / "b.json").write_bytes('{"resourceType": "Patient"}'.encode("utf-16"))
    assert "UTF-16" in run("validate", tmp_path / "b.json").out
    (tmp_path / "c.xml").write_text('<Patient xmlns="http://hl7.org/fhir"><a></Patient>')
    assert "tag name mismatch" in run("validate", tmp_path / "c.xml").out


def test_few_allowed_codes_are_listed_and_many_are_not(run, put):
    out = run("validate", put("a.json", GOOD | {"gender": "x"})).out
    assert "Allowed: female, male, other, unknown." in out
    assert (
        "Allowed" not in run("validate", put("t.json", {"resourceType": "Task", "status": "x", "intent": "order"})).out
    )


@pytest.mark.parametrize("named", ["nofile.tgz", "./guide", "~/nowhere/guide.tgz", "guides/a#1.0.0", "a.zip"])
def test_a_missing_package_file_is_told_as_a_file(run, put, named):
    ran = run("validate", put("a.json", GOOD), "--package", named)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no such file or folder" in ran.err
    assert "packages install" not in ran.err


def test_definitions_pass_over_what_is_no_resource_in_a_folder(run, put, tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "a", "version": "1.0.0"}')
    (folder / "list.json").write_text("[1]")
    (folder / "v.json").write_text(json.dumps({"resourceType": "ValueSet", "url": "urn:v", "status": "active"}))
    ran = run("validate", put("a.json", GOOD), "--definitions", folder)
    assert ran.code == 0
    assert "1 file is not a FHIR resource" in ran.err  # package.json is expected there
    assert "list.json" in ran.err
    assert run("validate", put("a.json", GOOD), "--definitions", folder / "package.json").code == 2
    (folder / "v.json").write_text('{"resourceType": "ValueSet",')
    broken = run("validate", put("a.json", GOOD), "--definitions", folder)
    assert broken.code == 2
    assert "v.json: The text is no JSON" in broken.err
    (folder / "v.json").unlink()
    assert "the folder has no FHIR resource" in run("validate", put("a.json", GOOD), "--definitions", folder).err


@pytest.mark.parametrize("indexed", [False, True], ids=["plain", "with-index"])
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
def test_a_package_with_a_broken_file_is_told_with_its_name_and_the_file(run, put, tmp_path, packed, indexed):
    folder = tmp_path / "clinic" / "package"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"name": "clinic.guide", "version": "1.0.0"}')
    (folder / "ValueSet-x.json").write_text('{"resourceType": "ValueSet",\n "url": }')
    if indexed:
        (folder / ".index.json").write_text("{")
    named = folder.parent
    if packed:
        import tarfile

        named = tmp_path / "clinic.tgz"
        with tarfile.open(named, "w:gz") as archive:
            archive.add(folder, "package")
    for jobs in ("1", "2"):
        ran = run("validate", put("a.json", GOOD), "--package", named, "--jobs", jobs)
        assert (ran.code, ran.out) == (2, "")
        assert "clinic.guide#1.0.0" in ran.err
        assert (".index.json" if indexed else "ValueSet-x.json") in ran.err
        assert "report it" not in ran.err


def test_archives_patterns_and_empty_folders_are_told(run, put, tmp_path):
    put("a.json", GOOD)
    put("b.json", GOOD)
    assert "2 resources: 2 conform" in run("validate", f"{tmp_path}/*.json").out
    assert run("validate", f"{tmp_path}/*.xml").code == 2
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.json")
    ran = run("validate", tmp_path / "a.zip")
    assert (ran.code, ran.out) == (2, "")
    assert "archive" in ran.err
    (tmp_path / "empty").mkdir()
    assert "the folder has no" in run("validate", tmp_path / "empty").err


def test_it_can_be_interrupted(put):
    resource = {"resourceType": "Bundle", "type": "collection", "entry": [{}] * 400_000}
    place = put("large.json", resource)
    command = [sys.executable, "-m", "footbridge", "validate", str(place)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))
    time.sleep(2)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert (running.returncode, err.decode().strip()) == (130, "Interrupted.")


def test_the_module_is_the_command():
    ran = subprocess.run([sys.executable, "-m", "footbridge", "--version"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert "footbridge" in ran.stdout
