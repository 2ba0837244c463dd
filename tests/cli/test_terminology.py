"""``footbridge terminology``: the user's own codes, and their effect on ``map``."""

import json

import pytest

OWN = "https://codes.invalid/help"


@pytest.fixture
def code_system(tmp_path):
    path = tmp_path / "own.json"
    concepts = [{"code": "box", "display": "Food box"}, {"code": "ride", "display": "A ride"}]
    system = {"resourceType": "CodeSystem", "url": OWN, "version": "1", "status": "active", "content": "complete"}
    path.write_text(json.dumps(system | {"concept": concepts}), encoding="utf-8")
    return path


def prescribed(examples, code):
    document = json.loads((examples / "01-good-food-box.json").read_text(encoding="utf-8"))
    document["needs"][0]["code"] = {"system": OWN, "code": code}
    return json.dumps(document)


def test_loaded_and_listed(run, code_system):
    assert run("terminology", "list", "--json").json == []
    assert "Nothing is loaded" in run("terminology", "list").err
    row = {"kind": "CodeSystem", "url": OWN, "version": "1", "codes": 2, "from": "own.json"}
    assert run("terminology", "load", code_system, "--json").json == [row]
    assert run("terminology", "list", "--json").json == [row]
    assert OWN in run("terminology", "list").out


def test_the_mapping_knows_what_is_loaded(run, code_system, examples):
    before = run("map", "-", "--json", input=prescribed(examples, "bx")).findings[0]
    run("terminology", "load", code_system)
    after = run("map", "-", "--json", input=prescribed(examples, "bx")).findings[0]
    right = run("map", "-", "--json", input=prescribed(examples, "box")).findings[0]
    assert {finding["pointer"] for finding in (*after["errors"], *after["warnings"])} >= {"/needs/0/code/code"}
    assert before != after
    assert right["errors"] == []
    assert "/needs/0/code/code" not in {finding["pointer"] for finding in right["warnings"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "UTF-8"),
        (b"[]", "no resourceType"),
        (b'{"resourceType": "Patient"}', "its resourceType is Patient"),
        (b'{"resourceType": "ValueSet"}', "has no url"),
        (b'{"resourceType": "Bundle", "entry": []}', "no ValueSet"),
        (b"\x1f\x8bnot really", "not a valid FHIR package"),
    ],
)
def test_what_cannot_be_loaded_is_told(run, tmp_path, content, said):
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_bytes(content)
    ran = run("terminology", "load", path)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert str(path) in ran.err
    assert run("terminology", "list", "--json").json == []


def test_a_folder_is_no_file(run, tmp_path):
    assert "Is a directory" in run("terminology", "load", tmp_path).err


def test_a_data_folder_that_cannot_be_made(run, code_system, monkeypatch, tmp_path):
    (tmp_path / "flat").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "flat"))
    ran = run("terminology", "load", code_system)
    assert ran.code == 2
    assert "cannot be written" in ran.err
