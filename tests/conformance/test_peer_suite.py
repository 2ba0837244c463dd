"""The official test cases of the FHIR validator: verdicts agree as far as the project promises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def results(test_data, tmp_path_factory):
    """Every judgement of the runner, as the command gives them."""
    out = tmp_path_factory.mktemp("peer") / "results.json"
    suite = test_data / "peer-suite"
    command = [sys.executable, "-m", "benchmarks.peer_suite", "--cases", str(suite / "cases.json")]
    command += ["--files", str(suite / "files"), "--json", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    return json.loads(out.read_text())


def share(rows, verdict=None):
    rows = [row for row in rows if verdict in {None, row["expected"]}]
    return sum(row["expected"] == row["verdict"] for row in rows) / len(rows)


def test_the_core_set_agrees(results):
    core = [row for row in results if row["set"] == "core"]
    assert share(core) >= 0.97
    assert share(core, "valid") >= 0.98
    assert share(core, "invalid") >= 0.95


def test_the_extended_set_agrees(results):
    assert share([row for row in results if row["set"] == "extended"]) >= 0.85


def test_every_case_has_a_verdict_and_issues_say_where(results, test_data):
    cases = json.loads((test_data / "peer-suite" / "cases.json").read_text())
    assert [(row["name"], row["mode"]) for row in results] == [(case["name"], case["mode"]) for case in cases]
    assert all(issue["expression"] for row in results for issue in row["issues"])
