"""Each rule that privacy or cleaning names stands in the tables, in both languages."""

import json
import re
from pathlib import Path

import footbridge.directory as directory

CODE = Path(directory.__file__).parent
RULES = Path(__file__).resolve().parents[2] / "mappings" / "directory" / "rules"
ROOMS = [
    "privacy",
    "text",
    "record",
    "phone",
    "web",
    "hours",
    "date",
    "age",
    "place",
    "position",
    "language",
    "cost",
    "code",
    "status",
    "number",
    "capacity",
]


def rules():
    found = {}
    for room in ROOMS:
        found |= json.loads((RULES / f"{room}.json").read_text())["rules"]
    return found


def named():
    sources = [*(CODE / "privacy").glob("*.py"), *(CODE / "cleaning").glob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    return {
        name for name in re.findall(rf'"((?:{"|".join(ROOMS)})\.[a-z][a-z-]+)"', text) if not name.endswith(".json")
    }


def test_the_rules_of_the_code_are_those_of_the_tables():
    assert named() == set(rules())


def test_each_rule_says_what_was_found_and_done_in_both_languages():
    for rule, row in rules().items():
        assert row["severity"] in {"error", "warning", "information"}, rule
        for words in (row, row["done"]):
            assert len(words["en"]) > 10, rule
            assert len(words["fr"]) > 10, rule
        assert row["en"] != row["fr"], rule
