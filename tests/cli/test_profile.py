"""``footbridge profile dump``."""

import json

PROFILE = {
    "resourceType": "StructureDefinition", "url": "https://clinic.test/StructureDefinition/t", "name": "T",
    "status": "draft", "fhirVersion": "4.0.1", "kind": "resource", "abstract": False, "type": "Task",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Task", "derivation": "constraint",
    "differential": {"element": [{"id": "Task.description", "path": "Task.description", "min": 1}]},
}  # fmt: skip


def test_an_embedded_profile(run):
    assert run("profile", "dump", "http://hl7.org/fhir/StructureDefinition/bp").json["type"] == "Observation"


def test_one_of_your_own_asks_what_it_says(run, tmp_path):
    (tmp_path / "t.json").write_text(json.dumps(PROFILE))
    found = run("profile", "dump", PROFILE["url"], "--definitions", tmp_path / "t.json").json
    assert list(found["root"]["children"]) == ["description"]
    [rule] = found["root"]["children"]["description"]["lists"]
    assert (rule["kind"], rule["least"]) == ("Cardinality", 1)


def test_one_that_is_not_loaded_or_cannot_be_used_is_refused(run, tmp_path):
    ran = run("profile", "dump", PROFILE["url"])
    assert (ran.code, ran.out) == (1, "")
    assert "is not loaded" in ran.err
    (tmp_path / "t.json").write_text(json.dumps(PROFILE | {"baseDefinition": "https://clinic.test/lost"}))
    assert "cannot be used" in run("profile", "dump", PROFILE["url"], "--definitions", tmp_path / "t.json").err
