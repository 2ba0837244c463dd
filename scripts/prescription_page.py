"""Writes the reference of the prescription: docs/reference/prescription.md and prescription.schema.json.

Run it after a change of the model or of its rules: python scripts/prescription_page.py
A test fails when the files are not current.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from footbridge.model.prescription.rules import RULES, Rule
from footbridge.model.prescription.schema import Schema, json_schema

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
SCHEMA_FILE = FOLDER / "prescription.schema.json"
PAGE_FILE = FOLDER / "prescription.md"
_STRINGS = {
    "Text": "text, to 10,000 characters",
    "ShortText": "text, to 255 characters",
    "Uri": "absolute URI",
    "Code": "code",
    "LanguageTag": "language tag (BCP 47)",
    "Date": "date, YYYY-MM-DD",
    "Instant": "instant with offset",
}

_INTRODUCTION = """\
# The prescription

<!-- Made by scripts/prescription_page.py from the model: change that, then run the script. -->

One social prescription is one JSON document, in UTF-8, as `POST /api/v1/prescriptions`, `footbridge map` and
`footbridge prescribe` take it. Its [JSON Schema](prescription.schema.json) is draft 2020-12; the
[examples](../../examples/README.md) show whole ones.

* Names are camelCase as in FHIR; code lists are FHIR's where FHIR has one.
* Text is stored byte for byte: never trimmed, never normalised. It holds no control characters but line feed,
  carriage return and tab, and is never blank.
* Dates are days of the calendar in the years 1800 to 2199. An instant has seconds and an offset.
* A member without a value is left out; one that is `null` counts as left out, at every depth. `null` as an entry of
  a list is an error. A list may be empty where its need starts with 0.
* A member that is not in these tables is an error, as is a member given twice.
* A list has at most 100 entries, the document at most 1,000,000 bytes (setting `FOOTBRIDGE_MAX_BODY_BYTES`).
* An error refuses the whole document. Every error has a rule, a JSON Pointer (RFC 6901) and a sentence.

*Need* says how often a member may occur: 1 is required, 0..1 optional, 0..\\* and 1..\\* are lists.
"""


def schema_text() -> str:
    """The published schema."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def page_text() -> str:
    """The reference page."""
    schema = json_schema()
    parts = [_part("Prescription", schema)]
    parts += [_part(name, schema["$defs"][name]) for name in _in_order(schema)]
    return "\n".join([_INTRODUCTION, *parts, _rules()])


def _in_order(schema: Schema) -> list[str]:
    """The parts in the order in which a reader meets them."""
    order: list[str] = []
    waiting = [schema]
    while waiting:
        part = waiting.pop(0)
        for member in part["properties"].values():
            name = _reference(member) or _reference(member.get("items", {}))
            if name and name not in _STRINGS and name not in order:
                order.append(name)
                waiting.append(schema["$defs"][name])
    return order


def _reference(member: Schema) -> str | None:
    return member["$ref"].rpartition("/")[2] if "$ref" in member else None


def _part(name: str, part: Schema) -> str:
    rows = "\n".join(_row(member, part["properties"][member], part) for member in part["properties"])
    head = "| member | need | type or values | meaning | in FHIR |\n|---|---|---|---|---|"
    return f"## {name}\n\n{part['description']}\n\n{head}\n{rows}\n"


def _row(name: str, member: Schema, part: Schema) -> str:
    least = 1 if name in part.get("required", ()) else 0
    most = "\\*" if member.get("type") == "array" else "1"
    need = "1" if (least, most) == (1, "1") else f"{least}..{most}"
    default = f" Default: `{json.dumps(member['default'])}`." if "default" in member else ""
    return f"| {name} | {need} | {_type(member)} | {member['description']}{default} | {member['x-fhir']} |"


def _type(member: dict[str, Any]) -> str:
    if member.get("type") == "array":
        return f"list of {_type(member['items'])}"
    name = _reference(member)
    if name:
        return _STRINGS.get(name) or f"[{name}](#{name.lower()})"
    if "enum" in member:
        return ", ".join(f"`{value}`" for value in member["enum"])
    return {"boolean": "true or false", "integer": "whole number, from 0"}[member["type"]]


def _rules() -> str:
    head = "| rule | finding | what holds |\n|---|---|---|"
    introduction = (
        "## Rules that span members\n\nBeside the form of each member. An error refuses the prescription; a warning "
        "comes back with the answer. Codes are judged as well: check digit, role, category, jurisdiction. Language "
        "tags are held against IANA's register: a deprecated one is a warning, one whose language is not registered "
        "an error. The system of an identifier starts with http:, https: or urn:, and never with an example URL. What "
        "the profiles refuse is an error at the member with that value."
    )
    return f"{introduction}\n\n{head}\n" + "\n".join(_rule_rows()) + "\n"


def _rule_rows() -> Iterator[str]:
    for rule in RULES:
        yield f"| prescription.{rule.name} | {rule.severity} | {_sentence(rule)} |"


def _sentence(rule: Rule) -> str:
    return (rule.find.__doc__ or "").strip().partition("\n")[0].replace("``", "`")


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({SCHEMA_FILE: schema_text(), PAGE_FILE: page_text()}))
