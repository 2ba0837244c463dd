"""Writes docs/reference/mapping.md from the tables in mappings/.

Run ``python scripts/mapping_page.py`` after a table has changed; ``--check`` only says whether the page is
up to date (exit code 1 when not).
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from footbridge.data import read_json

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "mapping.md"

INTRO = """# From prescription to FHIR and back

This page is made from `mappings/prescription-sdohcc.json`, `mappings/minting.json`, `mappings/claims.json` and
`mappings/implied.json` by `scripts/mapping_page.py`; change them there.

`footbridge.mapping.to_bundle(prescription, context)` makes a FHIR R4 transaction Bundle that meets SDOH Clinical
Care 3.0.0 and 2.3.0; `footbridge.mapping.from_bundle(bundle)` makes a prescription again and says what it could not
carry. Nothing is lost on the way there and back.

* A coding that the prescriber gave has `userSelected` true, a default has false.
* A text with a language of its own has the core extension *language* on it; the resource's language says it too.
* There are no extensions of our own. Our own codes are in our own CodeSystems, with words in English and French.
* Every resource has an identifier of ours, and every entry is a conditional create by it.
"""


def page() -> str:
    """The whole page as Markdown."""
    element_map, minting = read_json("mappings", "prescription-sdohcc.json"), read_json("mappings", "minting.json")
    claims, implied = read_json("mappings", "claims.json"), read_json("mappings", "implied.json")
    rules = {way: [rule for rule in minting["rules"] if rule["direction"] == way] for way in ("write", "read")}
    parts = [
        INTRO,
        "## Where each member goes\n\n" + _homes(element_map["rows"]),
        "## Small values\n\n" + _homes(element_map["values"]),
        "## What is added on the way out\n\n" + _minting(rules["write"]),
        "## What is assumed on the way in\n\n" + _minting(rules["read"]),
        "## Profiles\n\n" + claims["about"] + "\n\n" + _claims(claims["claims"]),
        "When one is not claimed, a warning says why:\n\n" + _list(claims["reasons"].values()),
        "## What a reader passes over\n\n" + implied["about"] + "\n\n" + _implied(implied),
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"* {item}" for item in items) + "\n"


def _homes(rows: Iterable[dict[str, Any]]) -> str:
    head = ("member", "FHIR element", "note", "source")
    return _table(
        head,
        (
            (f"`{row['member']}`", "<br>".join(f"`{one}`" for one in row["element"]), row["note"], f"<{row['source']}>")
            for row in rows
        ),
    )


def _minting(rules: Iterable[dict[str, str]]) -> str:
    head = ("element", "when", "value", "reason")
    return _table(head, ((f"`{rule['element']}`", rule["when"], rule["value"], rule["reason"]) for rule in rules))


def _claims(claims: dict[str, dict[str, str]]) -> str:
    return _table(
        ("resource", "profile", "of"), ((key, f"`{row['profile']}`", row["of"]) for key, row in claims.items())
    )


def _implied(table: dict[str, Any]) -> str:
    rows = []
    for kind, elements in table.items():
        if kind == "about":
            continue
        for element, allowed in elements.items():
            shown = "always" if allowed is True else ", ".join(f"`{one}`" for one in allowed)
            rows.append((f"`{'Resource' if kind == 'any' else kind}.{element}`", shown))
    return _table(("element", "when it is"), rows)


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({PAGE: page()}))
