"""``footbridge validate --changed``: what git says has changed, in a real repository."""

import json
import os
import subprocess
from pathlib import Path

import pytest

GOOD = {"resourceType": "Task", "status": "requested", "intent": "order"}
BAD = GOOD | {"status": "nonsense"}
PROFILE = {
    "resourceType": "StructureDefinition", "url": "https://clinic.test/StructureDefinition/t", "name": "T",
    "status": "draft", "fhirVersion": "4.0.1", "kind": "resource", "abstract": False, "type": "Task",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Task", "derivation": "constraint",
    "differential": {"element": [{"id": "Task", "path": "Task"}, {"id": "Task.description", "path": "Task.description", "min": 1}]},
}  # fmt: skip


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Two good resources on the branch main; a function that runs git there."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    place = tmp_path / "clinic"
    (place / "resources").mkdir(parents=True)
    monkeypatch.chdir(place)

    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@clinic.test"]
        return subprocess.run(["git", *who, *words], cwd=place, check=True, capture_output=True, text=True).stdout

    git("init", "-q", "-b", "main")
    for name in ("a", "b"):
        put(f"{name}.json", GOOD)
    git("add", ".")
    git("commit", "-qm", "first")
    return git


def put(name, resource):
    Path("resources", name).write_text(json.dumps(resource))


def sources(ran):
    return [row["source"] for row in ran.lines]


def test_what_is_committed_staged_edited_and_new_counts(run, repository):
    repository("checkout", "-qb", "work")
    put("committed.json", BAD)
    repository("add", ".")
    repository("commit", "-qm", "second")
    put("staged.json", GOOD)
    repository("add", ".")
    put("a.json", BAD)
    put("néw file.json", GOOD)
    ran = run("validate", "resources", "--changed", "--format", "ndjson")
    assert sources(ran) == [f"resources/{name}.json" for name in ("a", "committed", "néw file", "staged")]
    assert ran.code == 1
    assert "4 files changed since main (" in ran.err
    assert sources(run("validate", "resources", "--changed=HEAD", "--format", "ndjson")) == [
        f"resources/{name}.json" for name in ("a", "néw file", "staged")
    ]


def test_what_is_deleted_or_ignored_does_not(run, repository):
    repository("rm", "-q", "resources/a.json")
    Path(".gitignore").write_text("ignored.json\n")
    put("ignored.json", BAD)
    ran = run("validate", "resources", "--changed")
    assert (ran.code, ran.err) == (
        0,
        "Note: 0 files changed since main (" + repository("rev-parse", "HEAD")[:9] + ").\n",
    )


def test_what_was_bad_before_is_left_alone(run, repository):
    put("old.json", BAD)
    repository("add", ".")
    repository("commit", "-qm", "second")
    assert run("validate", "resources").code == 1
    assert run("validate", "resources", "--changed").code == 0
    assert run("validate", "resources", "--changed", "HEAD~1").code == 1
    assert run("validate", "resources", "--changed", "HEAD~1", "-q").err == ""


def test_without_path_it_is_this_folder_and_a_path_is_no_ref(run, repository):
    put("a.json", BAD)
    assert sources(run("validate", "--changed", "--format", "ndjson")) == ["resources/a.json"]
    assert sources(run("validate", "--changed", "resources/", "--format", "ndjson")) == ["resources/a.json"]


def test_a_definition_that_changed_is_about_all_files(run, repository):
    Path("profiles").mkdir()
    Path("profiles/t.json").write_text(json.dumps(PROFILE))
    ran = run(
        "validate",
        "resources",
        "--changed",
        "--definitions",
        "profiles",
        "--profile",
        PROFILE["url"],
        "--format",
        "ndjson",
    )
    assert ran.code == 1
    assert sources(ran) == ["resources/a.json", "resources/b.json"]
    assert "all files are validated" in ran.err


@pytest.mark.parametrize(
    "words", [["--changed=nowhere"], ["--changed=-x"], ["--changed", "--watch"], ["--changed", "-"]]
)
def test_what_cannot_be_told_is_two(run, repository, words):
    ran = run("validate", "resources", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_outside_of_a_repository_is_two(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    ran = run("validate", tmp_path, "--changed")
    assert ran.code == 2
    assert "git says: not a git repository" in ran.err


def test_a_repository_without_a_commit_has_all_changed(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    Path("resources").mkdir()
    put("a.json", GOOD)
    assert sources(run("validate", "--changed", "--format", "ndjson")) == ["resources/a.json"]
