"""``footbridge validate --pack``: the pack of the guide, in one process and in several."""

import json
from pathlib import Path

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "add-a-rule.md"


@pytest.fixture
def pack(tmp_path):
    """The program of the guide, as a reader writes it to a file."""
    [text] = [part.partition("```")[0] for part in GUIDE.read_text().split("```python\n")[1:]]
    (tmp_path / "clinic_rules.py").write_text(text)
    return tmp_path / "clinic_rules.py"


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_pack_of_the_guide(run, pack, tmp_path, jobs):
    phone = [{"system": "phone", "value": "1"}]
    rows = [
        {"resourceType": "Patient", "active": True},
        {"resourceType": "Patient", "telecom": phone},
        {"resourceType": "Task", "status": "in-progress", "intent": "order"},
        {"resourceType": "Task", "status": "draft", "intent": "order"},
    ]
    (tmp_path / "in.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    ran = run("validate", tmp_path / "in.ndjson", "--pack", pack, "--jobs", jobs, "--format", "ndjson")
    assert ran.code == 1
    found = [[one["rule"] for one in row["issues"] if one["rule"].startswith("clinic.")] for row in ran.lines]
    assert found == [["clinic.phone"], [], ["clinic.owner"], []]


def test_one_that_cannot_be_used_is_two(run, tmp_path):
    (tmp_path / "bad.py").write_text("def")
    (tmp_path / "a.json").write_text("{}")
    ran = run("validate", tmp_path / "a.json", "--pack", tmp_path / "bad.py")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: --pack ")
    assert "SyntaxError, line 1" in ran.err
