"""Every rule that a reader reports has its words in English and French, and every rule there is reported."""

import json
import re

import pytest
from support.pages import ROOT

RULES = ROOT / "mappings" / "directory" / "rules"
CODE = [
    *ROOT.glob("adapter/footbridge/directory/readers/*.py"),
    *ROOT.glob("adapter/footbridge/partners/directories/*.py"),
]
ROOMS = {"airs": ("airs",), "icarol": ("icarol",), "api": ("api", "ndp", "canada")}


@pytest.mark.parametrize("room", ROOMS)
def test_rules(room):
    rules = json.loads((RULES / f"{room}.json").read_text())["rules"]
    prefixes = "|".join(ROOMS[room])
    used = {name for path in CODE for name in re.findall(rf'"((?:{prefixes})\.[a-z-]+)"', path.read_text())}
    used -= {name for name in used if name.endswith(".json")}
    assert used == rules.keys()
    for rule in rules.values():
        assert rule["severity"] in {"error", "warning", "information"}
        for text in (rule["en"], rule["fr"], rule["done"]["en"], rule["done"]["fr"]):
            assert text.endswith(".")
        assert rule["en"] != rule["fr"]
