"""Writes the schemas of a prescription into docs/openapi.yaml, from the model (``model/prescription/schema.py``).

Run ``python scripts/openapi_schemas.py`` after a change of the model; ``--check`` only says whether the file is up to
date (exit code 1 when not).

The description holds every schema in itself, in the part of JSON Schema that generators of clients read: types,
members, enumerations, lengths, patterns. Rules between members (``anyOf``, ``if`` and ``then``) stand only in the
JSON Schema: a generator makes a choice of classes from each, and loses members by it. The API enforces all of them.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from footbridge.model.prescription.schema import Schema, json_schema

OPENAPI = Path(__file__).resolve().parents[1] / "docs" / "openapi.yaml"
BEGIN = "    # prescription: made by scripts/openapi_schemas.py from the model\n"
END = "    # prescription end\n"
WHOLE = "PrescriptionDocument"
_LEFT_OUT = {"$schema", "$id", "$defs", "title", "anyOf", "allOf", "x-fhir", "examples"}
_INSTANT = "InstantWithOffset"  # the API's own Instant is in UTC


def openapi() -> str:
    """docs/openapi.yaml with the schemas of a prescription as the model has them."""
    before, rest = OPENAPI.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    lines = yaml.safe_dump(components(), sort_keys=False, allow_unicode=True, width=116, indent=2).splitlines()
    return before + BEGIN + "".join(f"    {line}\n" for line in lines) + END + after


def components() -> dict[str, Schema]:
    """The schemas by the names that they have among the components."""
    schema = json_schema()
    parts: Mapping[str, Schema] = schema["$defs"]
    names = {name: _name(name, part) for name, part in parts.items()}
    return {WHOLE: _plain(schema, names)} | {names[name]: _plain(part, names) for name, part in parts.items()}


def _name(name: str, part: Schema) -> str:
    if name == "Instant":
        return _INSTANT
    return f"Prescription{name}" if part["type"] == "object" else name


def _plain(part: Schema, names: Mapping[str, str]) -> Schema:
    """A schema without rules between its members."""
    return dict(_kept(part, names))


def _kept(part: Schema, names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for key, value in part.items():
        if key == "properties":
            yield key, {name: _plain(member, names) for name, member in value.items()}
        elif key == "items":
            yield key, _plain(value, names)
        elif key == "$ref":
            yield key, f"#/components/schemas/{names[value.rpartition('/')[2]]}"
        elif key == "pattern" and "format" in part:
            yield "x-pattern", value  # generated clients hold a date as a date, which no pattern takes
        elif key not in _LEFT_OUT:
            yield key, value


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({OPENAPI: openapi()}))
