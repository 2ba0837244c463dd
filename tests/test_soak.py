"""``make soak`` runs every test that has more examples there, and a run that was stopped goes on with the rest."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = str(ROOT / "scripts" / "soak.py")
FAILING = """
import pytest
from support.soak import count, ran, some

@pytest.mark.soak
def test_some():
    assert len(set(some(range(9), quick=2, seed="x"))) == 3

@pytest.mark.soak
def test_count():
    for _ in range(count(quick=1, soak=2)):
        ran()
    assert not {failing}

def test_that_has_no_more_there():
    ran()
"""


def test_every_file_that_has_more_examples_is_run():
    marked, larger = set(), set()
    for file in (ROOT / "tests").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if re.search(r"^\s*@pytest\.mark\.soak\b", text, re.MULTILINE):
            marked.add(file.name)
        if re.search(r"^from support\.soak import|environ.*FOOTBRIDGE_SOAK", text, re.MULTILINE):
            larger.add(file.name)
    own = Path(__file__).name
    assert marked - {own} == larger - {own, "soak.py"} != set()


def test_a_line_for_each_file_and_what_is_left(tmp_path):
    for name in ("failing", "passing"):
        Path(tmp_path, f"test_{name}.py").write_text(FAILING.format(failing=name == "failing"), encoding="utf-8")
    failing, passing = files = [str(tmp_path / f"test_{name}.py") for name in ("failing", "passing")]
    known = {
        **os.environ,
        "FOOTBRIDGE_SOAK_EXAMPLES": "3",
        "PYTEST_XDIST_AUTO_NUM_WORKERS": "0",
        "PYTEST_ADDOPTS": f"-p support.soak -c {ROOT / 'pyproject.toml'}",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]),
    }
    done = subprocess.run([sys.executable, SCRIPT, *files], env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert re.search(rf"^{failing} +2 tests +5 examples +[0-9]+ s +FAILED$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(rf"^{passing} +2 tests +5 examples +[0-9]+ s +passed$", done.stdout, re.MULTILINE), done.stdout
    assert done.stdout.splitlines()[-1] == f'To run what is left: make soak SOAK="{failing}"'
