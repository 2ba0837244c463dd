"""``footbridge map`` and ``footbridge read``: there and back."""

import json

import pytest

from footbridge.data import folder, read_json
from footbridge.mapping.validate_input import accept

EXAMPLES = sorted(entry.name for entry in folder("examples").iterdir() if entry.name[:2].isdigit())
EXPECTED = read_json("examples", "bad", "expected.json")
UNSAFE = "11-do-not-phone.json"


def same(document, path):
    return accept(document).prescription == accept(path.read_bytes()).prescription


@pytest.mark.parametrize("guide", ["3.0.0", "2.3.0"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_goes_there_and_comes_back(run, examples, name, guide):
    mapped = run("map", examples / name, "--guide", guide, "--with-contact")
    assert mapped.code == 0, mapped.err
    assert mapped.json["resourceType"] == "Bundle"
    assert ": error: " not in mapped.err
    back = run("read", "-", input=mapped.out)
    assert back.code == 0, back.err
    assert same(back.json, examples / name)


def test_several_are_one_line_each(run, examples):
    files = [examples / name for name in EXAMPLES]
    mapped = run("map", *files, "--with-contact")
    assert mapped.code == 0
    assert len(mapped.lines) == len(files)
    for path, bundle in zip(files, mapped.lines, strict=True):
        assert same(run("read", "-", input=json.dumps(bundle)).json, path)


def test_several_are_read_one_line_each(run, examples, tmp_path):
    files = []
    for number, name in enumerate(EXAMPLES[:3]):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(run("map", examples / name).out, encoding="utf-8")
    ran = run("read", *files)
    assert ran.code == 0
    assert [same(line, examples / name) for line, name in zip(ran.lines, EXAMPLES, strict=False)] == [True] * 3


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_the_api_refuses_is_refused_at_the_same_places(run, examples, name):
    wanted = {(fault["rule"], fault["pointer"]) for fault in EXPECTED[name]["faults"]}
    for command in ("map", "prescribe"):
        if command == "prescribe":
            run("tenant", "add", "riverside", "--jurisdiction", "ca")
        ran = run(command, examples / "bad" / name, "--json")
        assert ran.code == 1
        (told,) = ran.findings if command == "map" else ran.lines
        assert told["status"] == "refused"
        assert {(fault["rule"], fault["pointer"]) for fault in told["errors"]} == wanted
        assert (ran.out == "") == (command == "map")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_faults_for_people_name_file_and_place(run, examples, name):
    path = examples / "bad" / name
    ran = run("map", path)
    assert (ran.code, ran.out) == (1, "")
    lines = ran.err.splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    for fault in EXPECTED[name]["faults"]:
        assert any(f"{path}: error: {fault['pointer']}" in line or ": fatal: " in line for line in lines)


def test_ten_megabytes_are_refused(run, tmp_path):
    (tmp_path / "large.json").write_bytes(b'{"a": "' + b"x" * 10_000_000 + b'"}')
    ran = run("map", tmp_path / "large.json", "--json")
    assert ran.code == 1
    assert ran.findings[0]["errors"][0]["rule"] == "prescription.too-large"


def test_one_bad_file_does_not_stop_the_others(run, examples, tmp_path):
    files = [examples / EXAMPLES[0], examples / "bad" / "null.json", tmp_path, examples / EXAMPLES[1]]
    ran = run("map", *files)
    assert ran.code == 2
    assert len(ran.lines) == 2
    assert f"Error: {tmp_path}: Is a directory." in ran.err
    assert run("map", *files[:2]).code == 1


def test_standard_input(run, examples):
    raw = (examples / EXAMPLES[0]).read_bytes()
    assert run("map", "-", input=raw).out == run("map", examples / EXAMPLES[0]).out
    empty = run("map", "-", input=b"")
    assert empty.code == 1
    assert "-: fatal: " in empty.err or "-: error: " in empty.err


def test_contact_of_a_client_who_is_not_safe_to_contact_is_withheld(run, examples):
    document = json.loads((examples / UNSAFE).read_text(encoding="utf-8"))
    secrets = [entry["value"] for entry in document["client"]["contacts"]] + document["client"]["address"]["line"]
    kept = run("map", examples / UNSAFE)
    assert kept.code == 0
    assert [secret for secret in secrets if secret in kept.out + kept.err] == []
    assert "/client/contacts: Left out" in kept.err
    assert [secret for secret in secrets if secret not in run("map", examples / UNSAFE, "--with-contact").out] == []


def test_findings_for_machines(run, examples):
    (told,) = run("map", examples / UNSAFE, "--json").findings
    assert (told["status"], told["errors"]) == ("mapped", [])
    assert {"/client/contacts", "/client/address"} <= {warning["pointer"] for warning in told["warnings"]}


def test_a_prescription_without_jurisdiction_takes_the_one_given(run, examples):
    document = json.loads((examples / "bad" / "consent-implied.json").read_text(encoding="utf-8"))
    document.pop("jurisdiction", None)
    raw = json.dumps(document)
    assert run("map", "-", "--jurisdiction", "ca", input=raw).code == 1
    assert run("map", "-", "--jurisdiction", "us", input=raw).code == 0


def test_json_is_utf_8_whatever_the_locale(shell, examples):
    latin = {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = shell("map", examples / "03-groupe-exercice.json", env=latin)
    assert ran.code == 0, ran.err
    assert ran.out == shell("map", examples / "03-groupe-exercice.json").out
    assert "é" in ran.out


def test_bundles_of_others_are_read_and_what_has_no_place_is_told(run, test_data):
    paths = sorted((test_data / "samples" / "bundles").glob("*.json"))
    assert paths
    for path in paths:
        ran = run("read", path, "--json")
        assert ran.code == 0
        assert ran.json["kind"] in path.name
        (told,) = ran.findings
        assert (told["status"], told["errors"]) == ("read", [])
        assert all(finding["expression"] for finding in told["warnings"])


def test_resources_alone_and_in_a_list(run, examples):
    resources = [entry["resource"] for entry in run("map", examples / EXAMPLES[0]).json["entry"]]
    assert run("read", "-", input=json.dumps(resources)).code in {0, 1}
    patient = next(one for one in resources if one["resourceType"] == "Patient")
    ran = run("read", "-", input=json.dumps(patient))
    assert (ran.code, ran.out) == (1, "")
    assert "-: error: " in ran.err


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"[1]",
        b"7",
        b"null",
        b'"Bundle"',
        b"\xff\xfe",
        b"{}",
        b"[{}]",
        b'{"resourceType": "Bundle", "entry": 7}',
        b'{"resourceType": "Bundle", "entry": [null, {"resource": []}]}',
        b'{"resourceType": 7}',
        b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "name": "x", "meta": []}}]}',
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ],
    ids=range(16),
)
def test_what_is_no_fhir_is_refused_in_lines(run, raw):
    ran = run("read", "-", input=raw)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("-: ")
    (told,) = run("read", "-", "--json", input=raw).findings
    assert told["status"] == "refused"
    assert told["errors"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The document is empty"),
        (b"\xff\xfe", "UTF-8"),
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', "This is XML"),
        (b"[" * 5000 + b"]" * 5000, "nested deeper than 100 levels"),
        (
            b'{"resourceType": "Bundle",\n "type" "collection"}',
            "not JSON: Expecting ':' delimiter, at line 2 column 9.",
        ),
        (b"[" + b"{}," * 30_000 + b"{]", "not JSON (line 1, column "),
        (b'{"resourceType": "Patient", "multipleBirthInteger": NaN}', "NaN is not valid JSON"),
    ],
    ids=["empty", "encoding", "xml", "deep", "syntax", "long", "nan"],
)
def test_what_cannot_be_read_is_told_with_its_cause(run, raw, said):
    ran = run("read", "-", input=raw)
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert said in line
    assert "$this" not in line


def test_without_an_order_and_a_task_nothing_else_is_told(run):
    ran = run("read", "-", input=json.dumps({"resourceType": "Patient", "name": [{"family": "A"}]}))
    assert ran.err == "-: error: Bundle.entry: There is no ServiceRequest and no Task.\n"


def test_what_is_missing_is_told_with_the_elements_that_would_say_it(run):
    order = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "authoredOn": "tomorrow"}
    ran = run("read", "-", input=json.dumps(order))
    errors = {line.split(": ")[2]: line for line in ran.err.splitlines() if ": error: " in line}
    assert (
        "it is missing, or its reference cannot be resolved. Task.requester can be used instead."
        in errors["ServiceRequest.requester"]
    )
    assert "ServiceRequest.authoredOn" in errors
    for pydantics in ("Field required", "Input should", "Value error"):
        assert pydantics not in ran.err
