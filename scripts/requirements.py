"""Writes tests/conformance/requirements.csv and docs/reference/conformance.md: what the guide asks for, what shows it.

``python scripts/requirements.py FACTS`` makes the table anew from the facts about the guide, in the folder FACTS:
``gravity_statements.json`` (the statements of its pages) and ``gravity_capabilities.json`` (the rows of its
CapabilityStatements: the server of a Referral Source and of a Coordination Platform, and the client of a Referral
Recipient Light). Without FACTS it makes the page from the table. ``--check`` only says whether the page is up to date.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "conformance" / "requirements.csv"
SHOWN = ROOT / "tests" / "conformance" / "shown.json"
PAGE = ROOT / "docs" / "reference" / "conformance.md"
GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare"
COLUMNS = ("id", "url", "actor", "level", "resource", "kind", "item", "type", "text", "test", "reason")
REQUESTS = {"server": "test_each_row_of_a_server_is_answered", "client": "test_each_row_of_a_recipient_is_served"}
WORDS = {
    "resource": "Supports {resource}.",
    "supportedProfile": "Supports the profile {item} of {resource}.",
    "interaction": "Supports {item} of {resource}.",
    "searchParam": "Supports the search parameter {item} of {resource}.",
    "include": "Supports _include={item}.",
    "operation": "Supports the operation ${item} of {resource}.",
    "referencePolicy": "References of {resource} are {item}.",
    "versioning": "Versioning of {resource} is {item}.",
    "conditionalRead": "Conditional read of {resource} is {item}.",
    "security": "Security service {item}.",
    "system-interaction": "Supports the system interaction {item}.",
}
INTRODUCTION = f"""# Conformance

What SDOH Clinical Care 3.0.0 ({GUIDE}) asks for, row by row, and what shows that Footbridge does it: a test, or the \
reason why there is none. Made by `scripts/requirements.py` from `tests/conformance/requirements.csv`.

The rows of the CapabilityStatements are those of a server (Referral Source and Coordination Platform), and of the \
client of a Referral Recipient Light, whose requests a test client sends to `/fhir`.
""".split("\n")
ACTORS = {"RS": "Referral Source", "CP": "Coordination Platform", "RL": "Referral Recipient Light"}

Row = dict[str, str]


def rows_of(facts: Path) -> Iterator[Row]:
    """Every row of the table."""
    shown = json.loads(SHOWN.read_text(encoding="utf-8"))
    for said in json.loads((facts / "gravity_statements.json").read_text(encoding="utf-8"))["statements"]:
        yield _row(
            id=said["id"],
            url=f"{GUIDE}/{said['page']}.html#{said['id']}",
            actor=said["actor"],
            level="+".join(said["strength"]),
            kind="statement",
            text=_worded(said["requirement"], shown["words"]),
            **shown["statements"].get(said["id"], {}),
        )
    for found in json.loads((facts / "gravity_capabilities.json").read_text(encoding="utf-8"))["rows"]:
        role = found["id"][:2]
        wanted = (role in {"RS", "CP"} and found["mode"] == "server") or (role == "RL" and found["mode"] == "client")
        if wanted:
            yield _capability(found, role, shown["notRequested"])


def _worded(text: str, words: dict[str, str]) -> str:
    """The statement in the words of our pages."""
    for theirs, ours in words.items():
        text = text.replace(theirs, ours)
    return text


def _capability(found: dict[str, Any], role: str, excused: dict[str, str]) -> Row:
    reason = next((words for part, words in excused.items() if part in found["id"]), "")
    names = {"resource": found["resource"] or "", "item": found["item"]}
    return _row(
        id=found["id"],
        url=f"{GUIDE}/CapabilityStatement/SDOHCC-{found['role']}",
        actor=ACTORS[role],
        level=found["strength"],
        kind=found["kind"],
        type=found.get("type", ""),
        text=WORDS[found["kind"]].format(**names),
        test="" if reason else f"tests/conformance/test_requirements.py::{REQUESTS[found['mode']]}",
        reason=reason,
        **names,
    )


def _row(**members: str) -> Row:
    return {name: members.get(name, "") for name in COLUMNS}


def table() -> list[Row]:
    """The table as it is stored."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(rows: list[Row]) -> str:
    """The page."""
    counts = Counter((row["level"], "a test" if row["test"] else "a reason") for row in rows)
    levels = list(dict.fromkeys(row["level"] for row in rows))
    lines = [
        *INTRODUCTION,
        "| level | with a test | with a reason |",
        "|---|---|---|",
        *(f"| {level} | {counts[level, 'a test']} | {counts[level, 'a reason']} |" for level in levels),
        "",
        "## Statements of the guide's pages",
        "",
        "| id | level | who | what | shown by |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        if row["kind"] == "statement":
            proof = f"`{row['test'].partition('::')[0]}`" if row["test"] else row["reason"]
            lines.append(f"| [{row['id']}]({row['url']}) | {row['level']} | {row['actor']} | {row['text']} | {proof} |")
    lines += ["", "## Rows of the CapabilityStatements that are not met by a request", ""]
    lines += ["| id | level | what | reason |", "|---|---|---|---|"]
    lines += [
        f"| {row['id']} | {row['level']} | {row['text']} | {row['reason']} |"
        for row in rows
        if row["kind"] != "statement" and row["reason"]
    ]
    lines += ["", "Every other row is a request of `tests/conformance/test_requirements.py`, or is read in the answer."]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the table and the page, or compare the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("facts", type=Path, nargs="?")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if asked.facts is not None:
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows_of(asked.facts))
    text = page(table())
    if not asked.check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE} is out of date: run python scripts/requirements.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
