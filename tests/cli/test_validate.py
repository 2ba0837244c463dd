"""``footbridge validate``, as a person and as a build server call it."""

import gzip
import json
import os
import subprocess
import sys

import pytest

GOOD = {"resourceType": "Task", "status": "requested", "intent": "order"}
BAD = {"resourceType": "Task", "id": "bad", "status": "nonsense"}
WARNED = {"resourceType": "Patient", "active": True, "meta": {"profile": ["https://clinic.test/StructureDefinition/x"]}}
REFERRAL = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement"


@pytest.fixture
def files(tmp_path):
    """A folder with a good and a bad resource."""
    folder = tmp_path / "resources"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(GOOD))
    (folder / "b.json").write_text(json.dumps(BAD, indent=1))
    return folder


def test_exit_codes_are_documented(run):
    out = run("validate", "--help").out
    assert all(f"  {code}  " in out for code in "012")


def test_what_conforms_is_zero(run, files):
    ran = run("validate", files / "a.json", "--best-practice", "ignore")
    assert (ran.code, ran.out) == (0, f"{files / 'a.json'}: Task conforms\n")


def test_good_practice_is_a_warning(run, files):
    ran = run("validate", files / "a.json", "--format", "ndjson")
    assert ran.code == 0
    assert [(row["rule"], row["severity"]) for row in ran.lines[0]["issues"]] == [("narrative.missing", "warning")]


def test_what_does_not_is_one_and_says_where(run, files):
    ran = run("validate", files / "b.json", "--format", "ndjson")
    assert ran.code == 1
    [found] = ran.lines
    assert (found["source"], found["id"], found["valid"]) == (str(files / "b.json"), "bad", False)
    status = next(issue for issue in found["issues"] if issue["expression"] == "Task.status")
    assert (status["rule"], status["line"]) == ("binding.required", 4)
    assert "nonsense" not in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.json"],
        ["{a}", "--package", "no.such.package#1.0.0"],
        ["{a}", "--definitions", "none.json"],
        ["{a}", "--format", "nonsense"],
        ["{a}", "--jobs", "0"],
        [],
    ],
)
def test_what_cannot_run_is_two(run, files, arguments):
    ran = run("validate", *(word.format(a=files / "a.json") for word in arguments))
    assert ran.code == 2
    assert ran.err
    assert ran.out == ""


@pytest.mark.parametrize("words", [["validate"], ["validate", "--jobs", "2"], ["fhirpath", "true"]])
def test_a_wrong_setting_ends_it_before_the_first_document(run, files, words):
    ran = run(*words, files / "a.json", env={"FOOTBRIDGE_PORT": "abc"})
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "FOOTBRIDGE_PORT" in ran.err


def test_a_profile_that_cannot_be_used_ends_it_with_the_reason(run, files, tmp_path):
    url = "https://clinic.test/StructureDefinition/lost"
    (tmp_path / "profile.xml").write_text(
        PROFILE_XML.replace("judged", "lost").replace("http://hl7.org/fhir/StructureDefinition/Task", "urn:none")
    )
    words = ["validate", files / "a.json", "--definitions", tmp_path / "profile.xml", "--profile"]
    for profile, reason in [(url, "Its base urn:none"), ("http://hl7.org/fhir/ValueSet/task-status", "a ValueSet")]:
        ran = run(*words, profile)
        assert (ran.code, ran.out) == (2, "")
        assert reason in ran.err


def test_a_missing_package_says_how_to_get_it(run, files):
    words = ["validate", files / "a.json", "--package", "x.y#1"]
    assert "footbridge packages install" in run(*words).err
    assert "FOOTBRIDGE_PACKAGE_REGISTRY" in run(*words).err
    set_already = run(*words, env={"FOOTBRIDGE_PACKAGE_REGISTRY": "https://packages.clinic.test"}).err
    assert "footbridge packages install" in set_already
    assert "FOOTBRIDGE_PACKAGE_REGISTRY" not in set_already


def test_what_is_no_package_says_what_one_is(run, files):
    ran = run("validate", files / "a.json", "--package", files / "b.json")
    assert (ran.code, ran.out) == (2, "")
    assert "no package archive (.tgz)" in ran.err
    ran = run("validate", files / "a.json", "--package", files)
    assert ran.code == 2
    assert "one unpacked package, with its package.json" in ran.err
    assert ".tgz" not in ran.err
    (files / "a.tgz").write_bytes(b"")
    assert "Name each .tgz" in run("validate", files / "a.json", "--package", files).err


@pytest.mark.parametrize("words", [["-", "-"], ["-", "--definitions", "-"]])
def test_standard_input_comes_only_once(run, words):
    ran = run("validate", *words, input="{}")
    assert (ran.code, ran.out) == (2, "")
    assert "only once" in ran.err


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_document_is_told(run, tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    for ran in (run("validate", tmp_path / "a.json"), run("validate", "-", input=text)):
        assert ran.code == 1
        assert "The document is empty." in ran.out


def test_ndjson_without_a_resource_is_told(run, tmp_path, files):
    (tmp_path / "a.ndjson").write_text("\n\n")
    ran = run("validate", tmp_path / "a.ndjson", files / "a.json", "--format", "ndjson")
    assert (ran.code, len(ran.lines)) == (0, 1)
    assert ran.err == f"Warning: {tmp_path / 'a.ndjson'}: the file has no resource.\n"


def test_fail_on_warning_changes_the_exit_code_and_not_the_verdict(run, tmp_path):
    (tmp_path / "w.json").write_text(json.dumps(WARNED))
    assert run("validate", tmp_path / "w.json").code == 0
    ran = run("validate", tmp_path / "w.json", "--fail-on", "warning", "--format", "ndjson")
    assert ran.code == 1
    assert ran.lines[0]["valid"] is True


def test_profiles_are_added_to_what_is_claimed(run, files):
    assert run("validate", files / "a.json", "--profile", REFERRAL).code == 1


def test_another_version_of_a_guide(run, files):
    ran = run(
        "validate", files / "a.json", "--profile", REFERRAL + "|2.3.0", "--package",
        "hl7.fhir.us.sdoh-clinicalcare#2.3.0", "--format", "ndjson",
    )  # fmt: skip
    assert ran.code == 1
    assert not any(issue["rule"] == "profile.unknown" for issue in ran.lines[0]["issues"])


def test_definitions_of_ones_own(run, files, tmp_path):
    profile = {
        "resourceType": "StructureDefinition",
        "url": "https://clinic.test/StructureDefinition/described",
        "name": "Described",
        "status": "active",
        "kind": "resource",
        "abstract": False,
        "type": "Task",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Task",
        "derivation": "constraint",
        "differential": {"element": [{"id": "Task.description", "path": "Task.description", "min": 1}]},
    }
    (tmp_path / "profile.json").write_text(json.dumps(profile))
    ran = run(
        "validate", files / "a.json", "--definitions", tmp_path / "profile.json", "--profile", profile["url"],
        "--format", "ndjson",
    )  # fmt: skip
    assert ran.code == 1
    assert [issue["expression"] for issue in ran.lines[0]["issues"] if issue["severity"] == "error"] == ["Task"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_many_come_in_order(run, tmp_path, jobs):
    rows = [GOOD | {"id": str(number)} for number in range(250)]
    (tmp_path / "many.ndjson.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    ran = run("validate", tmp_path / "many.ndjson.gz", "--jobs", jobs, "--format", "ndjson")
    assert ran.code == 0
    assert [row["id"] for row in ran.lines] == [row["id"] for row in rows]
    assert ran.lines[9]["source"] == f"{tmp_path / 'many.ndjson.gz'}:10"


def test_standard_input(run):
    assert run("validate", "-", input=json.dumps(GOOD)).code == 0
    ran = run("validate", "-", "--format", "ndjson", input=f"{json.dumps(GOOD)}\n{json.dumps(BAD)}\n")
    assert ran.code == 1
    assert [row["source"] for row in ran.lines] == ["-:1", "-:2"]


def test_standard_input_is_answered_as_it_comes():
    command = [sys.executable, "-c", "from footbridge.cli import main; main()"]
    with subprocess.Popen(
        [*command, "validate", "-", "--format", "ndjson"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        for _ in range(2):  # the second line tells that the first is NDJSON
            process.stdin.write(json.dumps(GOOD).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["source"] == "-:1"
        process.stdin.close()
        assert json.loads(process.stdout.readline())["source"] == "-:2"


@pytest.mark.parametrize("style", ["text", "json", "ndjson", "operationoutcome", "sarif", "junit"])
def test_every_format(run, files, style):
    ran = run("validate", files, "--format", style)
    assert ran.code == 1
    assert "b.json" in ran.out
    assert ran.out.endswith("\n")


def test_xml_has_the_same_issues(run, tmp_path):
    (tmp_path / "b.xml").write_text(
        '<Task xmlns="http://hl7.org/fhir">\n <id value="bad"/>\n <status value="nonsense"/>\n</Task>'
    )
    ran = run("validate", tmp_path / "b.xml", "--format", "ndjson")
    places = {(issue["rule"], issue["expression"], issue["line"]) for issue in ran.lines[0]["issues"]}
    assert ("binding.required", "Task.status", 3) in places


def test_packs_can_be_left_out(run, tmp_path):
    condition = {"resourceType": "Condition", "subject": {"display": "x"}} | {
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "733423004"}]}
    }
    (tmp_path / "c.json").write_text(json.dumps(condition))
    assert "terminology-hygiene.snomed-check-digit" in run("validate", tmp_path / "c.json").out
    assert "hygiene" not in run("validate", tmp_path / "c.json", "--without", "terminology-hygiene").out


def test_no_progress_is_told_where_nobody_looks(shell, files):
    assert shell("validate", files).err == ""


def test_one_resource_needs_neither_pydantic_nor_the_database(files):
    script = (
        "import sys; from footbridge.cli import main\n"
        f"try: main(['validate', {str(files / 'a.json')!r}])\n"
        "except SystemExit: pass\n"
        "print(sorted({'pydantic', 'sqlalchemy', 'flask', 'rich', 'fhir', 'requests'} & sys.modules.keys()))"
    )
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FOOTBRIDGE_")}
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=bare)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_definitions_in_xml_and_json_side_by_side(run, tmp_path):
    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "profile.xml").write_text(PROFILE_XML)
    (folder / "values.xml").write_text(VALUE_SET_XML)
    (folder / "system.json").write_text(json.dumps(CODE_SYSTEM))
    (folder / "system-2.xml").write_text(CODE_SYSTEM_XML)
    for number, (code, system) in enumerate([("yes", "one"), ("also", "two"), ("no", "one"), ("no", "two")]):
        coding = {"system": f"https://clinic.test/CodeSystem/{system}", "code": code}
        task = GOOD | {"id": f"t{number}", "businessStatus": {"coding": [coding]}}
        (tmp_path / f"{number}.json").write_text(json.dumps(task))
    files = [tmp_path / f"{number}.json" for number in range(4)]
    url = "https://clinic.test/StructureDefinition/judged"
    ran = run("validate", *files, "--definitions", folder, "--profile", url, "--format", "ndjson")
    assert [line["valid"] for line in ran.lines] == [True, True, False, False]
    rules = {issue["rule"] for issue in ran.lines[2]["issues"]}
    assert {"binding.required", "coding.unknown"} <= rules
    assert all(not line["unchecked"] for line in ran.lines)


def test_the_same_is_told_in_the_same_order_in_every_process(shell, tmp_path):
    kinds = [f"kind-{number}" for number in range(6)]
    names = [f"https://clinic.test/ValueSet/{kind}" for kind in kinds]
    usage = "http://hl7.org/fhir/tools/StructureDefinition/additional-binding"
    rows = [
        {"url": usage, "extension": [
            {"url": "purpose", "valueCode": "required"},
            {"url": "valueSet", "valueCanonical": name},
            {"url": "usage", "valueUsageContext": {
                "code": {"system": "https://clinic.test", "code": "ServiceRequest.category"},
                "valueCodeableConcept": {"coding": [{"system": CODE_SYSTEM["url"], "code": kind}]},
            }},
        ]}
        for kind, name in zip(kinds, names, strict=True)
    ]  # fmt: skip
    profile = {
        "resourceType": "StructureDefinition", "url": "https://clinic.test/StructureDefinition/bound", "name": "Bound",
        "status": "active", "kind": "resource", "abstract": False, "type": "ServiceRequest",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/ServiceRequest", "derivation": "constraint",
        "differential": {"element": [{
            "id": "ServiceRequest.code", "path": "ServiceRequest.code",
            "binding": {"strength": "example", "extension": rows},
        }]},
    }  # fmt: skip
    include = {"include": [{"system": CODE_SYSTEM["url"], "concept": [{"code": "yes"}]}]}
    sets = [{"resourceType": "ValueSet", "url": name, "status": "active", "compose": include} for name in names]
    concepts = [{"coding": [{"system": CODE_SYSTEM["url"], "code": kind}]} for kind in kinds]
    request = {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": {"reference": "Patient/1"},
        "category": concepts, "code": {"coding": [{"system": CODE_SYSTEM["url"], "code": "no"}]},
    }  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in (profile, *sets)]}
    (tmp_path / "definitions.json").write_text(json.dumps(bundle))
    (tmp_path / "request.ndjson").write_text(json.dumps(request))
    words = ["validate", tmp_path / "request.ndjson", "--definitions", tmp_path / "definitions.json"]
    words += ["--profile", profile["url"], "--format", "ndjson"]
    ran = [shell(*words, env={"PYTHONHASHSEED": seed}) for seed in ("0", "1")]
    assert ran[0].out == ran[1].out
    told = [issue["message"] for issue in ran[0].lines[0]["issues"] if issue["rule"] == "binding.required"]
    assert [name for message in told for name in names if name in message] == names


CODE_SYSTEM = {
    "resourceType": "CodeSystem", "url": "https://clinic.test/CodeSystem/one", "status": "active",
    "content": "complete", "concept": [{"code": "yes"}],
}  # fmt: skip
CODE_SYSTEM_XML = """<?xml version="1.0"?>
<CodeSystem xmlns="http://hl7.org/fhir"><url value="https://clinic.test/CodeSystem/two"/><status value="active"/>
<content value="complete"/><concept><code value="also"/></concept></CodeSystem>"""
VALUE_SET_XML = """<ValueSet xmlns="http://hl7.org/fhir"><url value="https://clinic.test/ValueSet/judged"/>
<status value="active"/><compose><include><system value="https://clinic.test/CodeSystem/one"/></include>
<include><system value="https://clinic.test/CodeSystem/two"/></include></compose></ValueSet>"""
PROFILE_XML = """<StructureDefinition xmlns="http://hl7.org/fhir">
<url value="https://clinic.test/StructureDefinition/judged"/><name value="Judged"/><status value="active"/>
<kind value="resource"/><abstract value="false"/><type value="Task"/>
<baseDefinition value="http://hl7.org/fhir/StructureDefinition/Task"/><derivation value="constraint"/>
<differential><element id="Task.businessStatus"><path value="Task.businessStatus"/><min value="1"/>
<binding><strength value="required"/><valueSet value="https://clinic.test/ValueSet/judged"/></binding></element>
</differential></StructureDefinition>"""
