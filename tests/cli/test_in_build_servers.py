"""The GitHub Action and the pre-commit hook: each runs its very command in a small git repository."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from footbridge.cli import main

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
GOOD = {"resourceType": "Task", "status": "requested", "intent": "order"}
BAD = GOOD | {"status": "nonsense"}
COMMAND = '#!/bin/sh\nexec "{}" -c "from footbridge.cli import main; main(prog_name=\'footbridge\')" "$@"\n'


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A clone without history of a repository with two resources, one of them bad since long ago; and the command."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "FOOTBRIDGE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "adapter"))
    command = tmp_path / "runner" / "footbridge" / "bin" / "footbridge"
    command.parent.mkdir(parents=True)
    command.write_text(COMMAND.format(sys.executable))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    (origin / "resources").mkdir()
    for name, resource in (("a.json", GOOD), ("old.json", BAD)):
        (origin / "resources" / name).write_text(json.dumps(resource))
    commit(origin)
    (origin / "resources" / "new.json").write_text(json.dumps(GOOD))
    commit(origin)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{origin}", "clone")
    return tmp_path


def git(where, *words):
    who = ["-c", "user.name=a", "-c", "user.email=a@clinic.test"]
    return subprocess.run(["git", *who, *words], cwd=where, check=True, capture_output=True, text=True).stdout.strip()


def commit(where):
    git(where, "add", ".")
    git(where, "commit", "-qm", "more")


def act(place, **inputs):
    """Run the last step of the action; its exit code, what it printed and its outputs."""
    step = ACTION["runs"]["steps"][-1]
    given = {name: str(row.get("default", "")) for name, row in ACTION["inputs"].items()} | inputs
    environment = dict(os.environ) | {"RUNNER_TEMP": str(place / "runner"), "GITHUB_OUTPUT": str(place / "output")}
    for name, value in step["env"].items():
        wanted = re.fullmatch(r"\$\{\{ inputs\.([a-z]+) \}\}", value)[1]
        environment[name] = "" if given[wanted].startswith("${{") else given[wanted]
    (place / "output").write_text("")
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=place / "clone", env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr, (place / "output").read_text()


def test_a_pull_request_is_judged_by_what_it_changed(place):
    base = git(place / "origin", "rev-parse", "HEAD~1")
    code, said, output = act(place, paths="resources", base=base)
    assert (code, output) == (0, "exit-code=0\n")
    assert "resources/new.json: Task conforms" in said
    assert "old.json" not in said
    (place / "clone" / "resources" / "new.json").write_text(json.dumps(BAD))
    assert act(place, paths="resources", base=base)[0] == 1


@pytest.mark.parametrize("inputs", [{"changed": "false", "base": "HEAD"}, {"base": "0" * 40}, {}])
def test_all_files_are_looked_at_where_there_is_nothing_to_compare_with(place, inputs):
    code, said, output = act(place, **inputs)
    assert (code, output) == (1, "exit-code=1\n")
    assert "resources/old.json: Task does not conform" in said


def test_options_and_paths_are_lines_and_no_code(place):
    (place / "clone" / "a b; touch hacked.json").write_text(json.dumps(GOOD))
    inputs = {"paths": "a b; touch hacked.json\n", "options": "--best-practice=ignore\n--fail-on=warning\n"}
    assert act(place, **inputs)[0] == 0
    assert not (place / "clone" / "hacked.json").exists()


def test_a_report_is_written_beside_the_log(place):
    code, said, _ = act(place, paths="resources", report="report.sarif")
    assert code == 1
    assert "does not conform" in said
    report = json.loads((place / "clone" / "report.sarif").read_text())
    assert report["runs"][0]["invocations"][0]["exitCode"] == 1


def test_a_base_that_cannot_be_fetched_is_no_pass(place):
    assert act(place, paths="resources", base="1" * 40)[0] != 0


def test_the_action_is_whole():
    assert ACTION["runs"]["using"] == "composite"
    steps = ACTION["runs"]["steps"]
    assert all(step["shell"] == "bash" for step in steps if "run" in step)
    assert not [step for step in steps if "${{" in step.get("run", "")], "an input in a script would be run as code"


def test_the_hook_runs_on_the_files_that_are_committed(place):
    clone = place / "clone"
    staged = [name for name in git(clone, "ls-files").splitlines() if re.search(HOOK["files"], name)]
    assert staged == ["resources/a.json", "resources/new.json", "resources/old.json"]
    words = shlex.split(HOOK["entry"])
    ran = subprocess.run([*words, *staged], cwd=clone, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 1
    assert "resources/old.json" in ran.stdout
    assert "resources/a.json" not in ran.stdout
    assert (
        subprocess.run([*words, *staged[:2]], cwd=clone, capture_output=True, check=False, timeout=120).returncode == 0
    )


def test_the_hook_names_options_that_exist():
    assert HOOK["language"] == "python"
    name, *words = shlex.split(HOOK["entry"])[1:]
    command = main.get_command(click.Context(main), name)
    command.make_context(name, [*words, "a.json"])
