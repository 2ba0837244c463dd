"""Inputs by chance: random JSON, resources with faults, texts with bytes changed."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from benchmarks.hostile import Json
from benchmarks.mutants import by_chance

from footbridge.validation import Validator
from footbridge.validation.writing import write_xml

ATOMS: tuple[Json, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    1e308,
    "",
    " ",
    "a",
    "2026-02-30",
    "#a",
    "#",
    "Patient/1",
    "urn:uuid:1",
    "http://x.test/y",
    "\x00",
    "\ud800",
    "\u202e",
    "a" * 5_000,
    {},
    [],
    [None],
    {"": 1},
    {"resourceType": "Patient"},
    {"reference": "#a"},
    {"coding": [{}]},
)
KEYS = (
    *[
        "resourceType",
        "id",
        "meta",
        "profile",
        "extension",
        "modifierExtension",
        "url",
        "value",
        "valueString",
        "valueReference",
        "_status",
    ],
    *[
        "status",
        "contained",
        "entry",
        "resource",
        "fullUrl",
        "reference",
        "coding",
        "code",
        "system",
        "display",
        "item",
        "answer",
        "linkId",
        "text",
        "div",
    ],
    *[
        "name",
        "type",
        "element",
        "differential",
        "snapshot",
        "compose",
        "include",
        "concept",
        "filter",
        "group",
        "link",
        "fhir_comments",
    ],
    "",
    "\u00e9",
)
TYPES = (
    *[
        "Task",
        "Patient",
        "Bundle",
        "ServiceRequest",
        "Questionnaire",
        "QuestionnaireResponse",
        "StructureDefinition",
        "ValueSet",
    ],
    *["CodeSystem", "MeasureReport", "SearchParameter", "Observation", "Parameters", "Basic", "Tusk"],
    7,
    None,
)


def made(chance: random.Random, sources: list[Json], validator: Validator) -> bytes:
    """One input: a random value, a resource with up to five faults, or such a text with bytes changed."""
    kind = chance.random()
    if kind < 0.3:
        value = random_json(chance, 5)
        if isinstance(value, dict) and chance.random() < 0.8:
            value["resourceType"] = chance.choice(TYPES)
        return json.dumps(value).encode()
    spoilt = copy.deepcopy(chance.choice(sources))
    for _ in range(chance.randrange(1, 6)):
        spoil(spoilt, sources, chance)
    if kind < 0.8:
        return json.dumps(spoilt).encode()
    data = json.dumps(spoilt).encode()
    if kind > 0.9:
        try:
            data = write_xml(spoilt, validator.types)
        except Exception:  # noqa: BLE001 - what cannot be written as XML is tried as JSON
            data = json.dumps(spoilt).encode()
    return with_bytes_changed(data, chance)


def random_json(chance: random.Random, depth: int) -> Json:
    """Any JSON value, of FHIR's names more than of others."""
    kind = chance.random()
    if depth == 0 or kind < 0.3:
        return copy.deepcopy(chance.choice(ATOMS))
    if kind < 0.5:
        return [random_json(chance, depth - 1) for _ in range(chance.randrange(4))]
    return {chance.choice(KEYS): random_json(chance, depth - 1) for _ in range(chance.randrange(6))}


def spoil(one: Json, sources: list[Json], chance: random.Random) -> None:
    """Put one fault into a resource: a value by chance, or one of those of the differential test."""
    if chance.random() < 0.5:
        rows = list(spots(one))
        holder, key = chance.choice(rows) if rows else (one, "x")
        holder[key] = random_json(chance, 3)
        return
    try:
        _, _, edit = chance.choice(list(by_chance.faults(one, sources, chance))[:40])
        edit(one)
    except (IndexError, KeyError, TypeError, ValueError, AttributeError):
        one[chance.choice(KEYS)] = random_json(chance, 3)


def spots(value: Json) -> Iterator[tuple[Json, Any]]:
    """Every place of a value: its holder, and its key there."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        rows = list(
            holder.items() if isinstance(holder, dict) else enumerate(holder) if isinstance(holder, list) else ()
        )
        for key, inner in rows:
            yield holder, key
            waiting.append(inner)


def with_bytes_changed(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some changed, cut out or doubled."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(4):
            case 0:
                changed[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del changed[at : at + chance.randrange(40)]
            case 2:
                changed[at:at] = changed[at : at + chance.randrange(40)]
            case _:
                changed[at:at] = chance.choice(
                    [b"{", b"}", b"[", b'"', b"<", b">", b"&", b"\\u0000", b"null", b",", b"//"]
                )
    return bytes(changed)
