"""Every command and every program in the pages runs as it is written, but for those that the tables name."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from support.pages import NAMES, ROOT, blocks_of, commands_of

from footbridge.validation import Validator
from footbridge.validation.packs import files, guide_intent

SHELL = [block for page in NAMES for block in blocks_of(page, "sh")]
NOT_RUN = {
    "make demo": "tests/e2e/test_demo.py runs the demo",
    "make test": "it is this",
    'pip install "footbridge[dask]"': "it would fetch; pyproject.toml declares the extra",
    ".venv/bin/footbridge serve": "the curl commands below run against it",
    "footbridge packages install hl7.fhir.us.core#6.1.0": "needs a registry; tests/cli/test_packages.py has one",
    "export FOOTBRIDGE_TEST_DATA=...": "a place on the reader's machine",
}
READ_ONLY = ("curl ", "python -m benchmarks.")  # run, or read, by tests of their own below
PROGRAMS = {
    "docs/guides/validate-on-a-cluster.md": "a cluster; tests/validation/bulk runs the same on Dask here",
}
INSIDE = {"docs/guides/test-with-the-simulator.md"}
"""Pages whose later programs stand in the ``with`` of the first one."""


def of_kind(*beginnings):
    lines = [line for block in SHELL for line in commands_of(block)]
    return sorted({line for line in lines if line.startswith(beginnings)})


@pytest.mark.parametrize("block", SHELL, ids=lambda block: f"{block.page}:{block.text.split()[0]}")
def test_the_commands_of_a_block_run(block, sandbox, request):
    lines = [line for line in commands_of(block) if line not in NOT_RUN and not line.startswith(READ_ONLY)]
    if not any("tenant add" in line for line in lines):
        request.getfixturevalue("clinic")
    if "bundle.json" in block.text and "> bundle.json" not in block.text:
        assert sandbox.run("footbridge map prescription.json > bundle.json").returncode == 0
    for line in lines:
        if line.startswith("export "):
            name, value = line.removeprefix("export ").split("=", 1)
            sandbox.environment[name] = value
            continue
        ran = sandbox.run(line)
        assert ran.returncode == 0, line + "\n" + ran.stdout + ran.stderr


def test_the_tables_are_current():
    lines = {line for block in SHELL for line in commands_of(block)}
    assert lines >= NOT_RUN.keys()
    assert set(NAMES) >= PROGRAMS.keys()


@pytest.mark.parametrize("line", of_kind("python -m benchmarks."))
def test_the_options_of_a_benchmark_exist(line):
    words = shlex.split(line)
    ran = subprocess.run(
        [sys.executable, *words[1:3], "--help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert [word for word in words[3:] if word.startswith("--") and word not in ran.stdout] == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_requests_run_against_the_server(clinic):
    token = clinic.run("footbridge tenant token riverside --actor emr --role requester").stdout.strip()
    clinic.environment["TOKEN"] = token
    clinic.environment["FOOTBRIDGE_PORT"] = "0"
    command = [clinic.home / ".venv" / "bin" / "footbridge", "serve", "--workers", "1"]
    log = clinic.home / "serve.log"
    with log.open("w") as told:
        server = subprocess.Popen(command, cwd=clinic.home, env=clinic.environment, stdout=told, stderr=told)
    try:
        address = wait_for_address(log)
        for line in of_kind("curl "):
            ran = clinic.run(
                line.replace("http://127.0.0.1:8080", address).replace("curl ", "curl -sS -w '\\n%{http_code}' ")
            )
            body, code = ran.stdout.rsplit("\n", 1)
            assert code in {"200", "201"}, line + "\n" + ran.stdout + ran.stderr
            assert isinstance(json.loads(body), dict)
    finally:
        server.terminate()
        server.wait(60)


def wait_for_address(log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text()):
            try:
                urllib.request.urlopen(f"{found[0]}/healthz", timeout=5).close()
            except urllib.error.HTTPError:
                return found[0]
            except OSError:
                continue
            return found[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("page", [page for page in NAMES if blocks_of(page, "python")])
def test_the_programs_of_a_page_run_in_their_order(page, sandbox):
    first, *later = [block.text for block in blocks_of(page, "python")]
    program = "\n".join([first, *(textwrap.indent(one, " " * 4 if page in INSIDE else "") for one in later)])
    compile(program, page, "exec")
    if page in PROGRAMS:
        return
    ran = sandbox.python(program)
    assert ran.returncode == 0, ran.stderr
    said = re.search(r"It prints `([^`]+)`", (ROOT / page).read_text())
    assert said is None or ran.stdout.splitlines()[-1] == said[1]


def test_the_rule_of_the_guide_is_a_rule(tmp_path, monkeypatch):
    (rule,) = blocks_of("docs/guides/add-a-rule.md", "json")
    profiles = tmp_path / "profiles"
    shutil.copytree(ROOT / "profiles" / "packs", profiles / "packs")
    (profiles / "packs" / "guide-intent" / "order-reason.json").write_text(rule.text)
    monkeypatch.setattr(files, "folder", lambda _: profiles)
    guide_intent._rules.cache_clear()
    try:
        order = {"resourceType": "ServiceRequest", "status": "active", "intent": "order"}
        profile = json.loads(rule.text)["profiles"][0]
        assert "guide-intent.order-reason" in rules_of(order, profile)
        assert "guide-intent.order-reason" not in rules_of(order | {"reasonCode": [{"text": "rent"}]}, profile)
    finally:
        guide_intent._rules.cache_clear()


def rules_of(resource, profile):
    return {issue.rule for issue in Validator().check(resource, [profile]).issues}
