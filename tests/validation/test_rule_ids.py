"""The code of a rule is found by one text search for its id."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "rules.md").read_text()
FILES = [
    *sorted((ROOT / "adapter" / "footbridge" / "validation").rglob("*.py")),
    *sorted((ROOT / "profiles" / "packs").rglob("*.json")),
]
SOURCES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in FILES}
IDS = sorted(set(re.findall(r"^\| `([a-z0-9.*-]+)`", PAGE, re.MULTILINE)) - {"invariant.*"})
PUT_TOGETHER = re.compile(r"""f?"([a-z][a-z-]*\.)(?:" *\+|\{)""")


@pytest.mark.parametrize("rule", IDS)
def test_one_file_makes_the_issues_of_a_rule(rule):
    files = [path for path, text in SOURCES.items() if f'"{rule}"' in text]
    assert len(files) == 1, files


def test_the_page_lists_the_rules():
    assert len(IDS) > 100


def test_only_ids_of_invariants_are_put_together():
    found = {match for path, text in SOURCES.items() if path.endswith(".py") for match in PUT_TOGETHER.findall(text)}
    assert found == {"invariant."}
