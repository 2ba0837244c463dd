"""Each rule that these readers name has its words in English and French, and each row is used."""

import json
import re
from pathlib import Path

import pytest

from footbridge import data as data_files
from footbridge.directory import readers

ROOM = Path(readers.__file__).parents[1]
OURS = [
    "archives.py",
    "files.py",
    *(
        f"readers/{name}.py"
        for name in ("text", "tally", "copies", "staging", "delimited", "table", "column_values", "lookups")
    ),
]
SEVERITIES = {"error", "warning", "information"}


def _used() -> set[str]:
    places = (
        [ROOM / name for name in OURS]
        + sorted((ROOM / "readers").glob("hsds_*.py"))
        + [ROOM / "readers/table_schemas.py"]
    )
    return {
        rule
        for place in places
        for rule in re.findall(r'"((?:hsds|table|files|text)\.[a-z0-9]+(?:-[a-z0-9]+)*)"', place.read_text("utf-8"))
    }


def _rows() -> dict[str, dict]:
    return {
        rule: row
        for name in ("hsds", "table", "files")
        for rule, row in data_files.read_json("mappings", "directory", "rules", f"{name}.json")["rules"].items()
    }


def test_every_rule_has_its_words_and_every_row_is_used():
    assert _used() == set(_rows())


@pytest.mark.parametrize("rule", sorted(_rows()))
def test_a_rule_says_what_was_found_and_what_was_done(rule):
    row = _rows()[rule]
    assert row["severity"] in SEVERITIES
    texts = [row["en"], row["fr"], row["done"]["en"], row["done"]["fr"]]
    assert all(text.endswith(".") for text in texts)
    assert len({row["en"], row["fr"]}) == 2


def test_the_aliases_lead_to_members_that_are_there():
    table = data_files.read_json("mappings", "directory", "hsds-aliases.json")
    for kind, row in table["objects"].items():
        targets = {*row["members"], *row.get("lists", {}), *row.get("one", {})}
        for alias, action in row.get("aliases", {}).items():
            assert alias not in targets, (kind, alias)
            if isinstance(action, str):
                assert action in row["members"], (kind, alias)
            for name in ("list", "one", "to"):
                if name in action and not isinstance(action, str):
                    assert action[name] in targets, (kind, alias)
            if isinstance(action, dict) and "as" in action:
                assert action["as"] in table["objects"], (kind, alias)
        for child in [*row.get("lists", {}).values(), *row.get("one", {}).values()]:
            assert child in table["objects"], (kind, child)


def test_no_text_of_the_specification_is_shipped():
    text = json.dumps(data_files.read_json("mappings", "directory", "hsds-aliases.json"))
    assert "The identifier for" not in text
    assert "human services" not in text.lower()
