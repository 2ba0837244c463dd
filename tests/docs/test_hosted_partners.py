"""The pages on hosted partners, word for word: a referral from an EMR to a service and back, over HTTP with curl."""

import json
import shutil
import subprocess
import sys

import pytest
from docs.test_page_examples import served
from support.pages import ROOT, blocks_of, text_of

from footbridge.error_kinds import KINDS

PAGE = "docs/guides/hosted-partners.md"
TUTORIAL = "docs/tutorials/first-referral.md"
CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def run_in_order(sandbox, page):
    """The blocks of a page against a server of its own."""
    with served(sandbox) as address:
        script = "\n".join(block.text for block in blocks_of(page, "sh")).replace("http://127.0.0.1:8080", address)
        ran = sandbox.run(f"set -e\n{script}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran


@CURL
def test_the_commands_of_the_page_run_in_their_order(sandbox):
    assert sandbox.run("footbridge tenant add riverside --jurisdiction ca").returncode == 0
    ran = run_in_order(sandbox, PAGE)
    assert '"status":"accepted"' in (sandbox.home / "stored.json").read_text()
    assert "/open/" in ran.stdout


@CURL
def test_the_tutorial_ends_with_a_referral_that_was_accepted(sandbox):
    run_in_order(sandbox, TUTORIAL)
    home = json.loads((sandbox.home / "home.json").read_text())
    assert (home["resourceType"], home["status"]) == ("Task", "accepted")
    mistake = json.loads((sandbox.home / "mistake.json").read_text())
    assert all(issue["details"]["text"] and issue["expression"] for issue in mistake["issue"])


def test_the_tutorial_says_whose_fault_each_kind_of_error_is():
    rows = [line for line in text_of(TUTORIAL).splitlines() if line.startswith("| ")]
    yours = next(row for row in rows if "yours" in row)
    for name, kind in KINDS.items():
        if kind.fault == "caller":
            assert 400 <= kind.status <= 429 or str(kind.status) in yours, name
        else:
            word = {"server": "ours", "partner": "partner's"}[kind.fault]
            assert any(str(kind.status) in row and word in row for row in rows), name


def test_the_postman_collection_is_current():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "postman.py", "--check"],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    collection = json.loads((ROOT / "docs" / "postman.json").read_text(encoding="utf-8"))
    assert collection["info"]["schema"].endswith("/v2.1.0/collection.json")
    names = [one["name"] for one in collection["item"]]
    assert {"prescriptions", "/fhir as a requester", "/fhir as a recipient"} <= set(names)
