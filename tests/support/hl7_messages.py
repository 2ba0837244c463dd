"""The HL7 validator's catalogue of messages: witnesses, its stored verdicts, and how ours compare.

A *witness* is a file in ``tests/validation/messages/witnesses/FAMILY/NAME.json``:

    message      the id in the catalogue that the resource makes the HL7 validator say
    resource     the smallest resource that does; a JSON object, or the text of a JSON or XML document
    neighbour    the nearest one that does not
    definitions  profiles, value sets and the like to validate with (optional)
    profile      canonical URLs to validate against (optional)

Verdicts are in ``verdicts/FAMILY.json``, made by ``scripts/hl7_messages.py``; no test starts Java.
"""

import csv
import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from footbridge.model.issues import Issue
from footbridge.validation import Validator

FOLDER = Path(__file__).resolve().parents[1] / "validation" / "messages"
Json = dict[str, Any]
Side = Literal["resource", "neighbour"]
SIDES: tuple[Side, Side] = ("resource", "neighbour")
_COMMENT = re.compile(r"/\*[^*]*\*/")
_TYPED = re.compile(r"\.ofType\([^)]*\)")
_NAMED = re.compile(r"\[url='[^']*'\]")


@dataclass(frozen=True)
class Said:
    """One message of the HL7 validator: its id in the catalogue, its severity and the place, as it writes it."""

    id: str
    level: str
    place: str


@dataclass(frozen=True)
class Verdict:
    """What the HL7 validator says of a resource."""

    valid: bool
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Witness:
    """One witness, with the verdicts of the HL7 validator."""

    family: str
    name: str
    content: Json
    verdicts: dict[Side, Verdict]

    @property
    def key(self) -> str:
        """Family and name, as the page shows it."""
        return f"{self.family}/{self.name}"

    @property
    def shown(self) -> dict[str, set[str]]:
        """The ids that the resource brings out and the neighbour does not, each with its places."""
        quiet = {one.id for one in self.verdicts["neighbour"].said}
        found: dict[str, set[str]] = {}
        for one in self.verdicts["resource"].said:
            if one.id not in quiet:
                found.setdefault(one.id, set()).add(_from_zero(one.id, normal(one.place)))
        return found


@dataclass(frozen=True)
class Ours:
    """What Footbridge says of both resources of a witness."""

    valid: dict[Side, bool]
    issues: dict[Side, tuple[Issue, ...]]

    @property
    def places(self) -> set[str]:
        """Where the resource has an issue that its neighbour does not have."""
        quiet = {(issue.rule, normal(issue.expression)) for issue in self.issues["neighbour"]}
        found = {(issue.rule, normal(issue.expression)) for issue in self.issues["resource"]}
        return {place for _, place in found - quiet}


def normal(place: str | None) -> str:
    """A place as both validators would write it: no types of choices, no ids, no slices; the root is empty."""
    text = _NAMED.sub("", _TYPED.sub("", _COMMENT.sub("", place or "")))
    if text.startswith("/"):
        text = ".".join(part.partition(":")[2] or part for part in text.strip("/").split("/"))
    text = text.replace("[x]", "").replace("$this", "")
    text = re.sub(r"^\(?(document|JSON|XML|\$)\)?", "", text)
    return text.partition(".")[2]


def _from_zero(message: str, place: str) -> str:
    """A place that the HL7 validator counts from one or two, counted from zero (``places.json``)."""
    wrong, right = _counted()["named"].get(message, ("", ""))
    place = place.replace(wrong, right) if wrong else place
    for name, offsets in _counted().items():
        offset = offsets.get(message, 0) if isinstance(offsets, dict) and name != "named" else 0
        if offset:
            start = re.match(rf"{name}\[(\d+)\]", place)
            return f"{name}[{int(start[1]) - offset}]{place[start.end() :]}" if start else place
    return place


@functools.cache
def _counted() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "places.json").read_text())
    return found


def near(one: str, other: str) -> bool:
    """Whether two normal places are the same element, or one is the other's parent."""
    steps, others = _steps(one), _steps(other)
    if len(steps) > len(others):
        steps, others = others, steps
    return len(others) - len(steps) <= 1 and others[: len(steps)] == steps


def _steps(place: str) -> list[str]:
    """``name[0].given[1]`` as ``name[0]``, ``given[1]``: the index of a list is no step of its own."""
    return [part for part in place.split(".") if part]


@functools.cache
def witnesses() -> tuple[Witness, ...]:
    """Every witness, in the order of their names."""
    return tuple(_read())


def _read() -> Iterator[Witness]:
    for family in sorted(path for path in (FOLDER / "witnesses").iterdir() if path.is_dir()):
        stored = json.loads((FOLDER / "verdicts" / f"{family.name}.json").read_text())
        for path in sorted(family.glob("*.json")):
            verdicts = {side: _verdict(stored[path.stem][side]) for side in SIDES} if path.stem in stored else {}
            yield Witness(family.name, path.stem, json.loads(path.read_text()), verdicts)


def _verdict(row: Json) -> Verdict:
    return Verdict(row["valid"], tuple(Said(*said) for said in row["said"]))


@functools.cache
def shown_by() -> dict[str, list[Witness]]:
    """The witnesses of each id; first those that were made for it."""
    found: dict[str, list[Witness]] = {}
    for witness in witnesses():
        for one in witness.shown:
            own = witness.content["message"] == one
            rows = found.setdefault(one, [])
            rows.insert(0 if own else len(rows), witness)
    return found


def definitions() -> list[Json]:
    """The definitions of all witnesses, each once: both validators have them all at hand."""
    found: dict[str, Json] = {}
    for path in sorted((FOLDER / "witnesses").glob("*/*.json")):
        for one in json.loads(path.read_text()).get("definitions", ()):
            if found.setdefault(one["url"], one) != one:
                raise ValueError(f"{path}: {one['url']} is defined otherwise by another witness")
    return list(found.values())


@functools.cache
def validator() -> Validator:
    """Ours, with the definitions of all witnesses."""
    return Validator(definitions=definitions())


def ours(witness: Witness) -> Ours:
    """What Footbridge says of a witness and its neighbour."""
    valid: dict[Side, bool] = {}
    issues: dict[Side, tuple[Issue, ...]] = {}
    for side in SIDES:
        outcome = validator().check(witness.content[side], witness.content.get("profile", ()))
        valid[side], issues[side] = outcome.valid, tuple(outcome.issues)
    return Ours(valid, issues)


@functools.cache
def judged(key: str) -> Ours:
    """What Footbridge says of the witness with that key; asked once."""
    return ours(next(witness for witness in witnesses() if witness.key == key))


def agreement(message: str, witness: Witness | None = None, *, exact: bool = False) -> str:
    """How ours differs on a message; empty where it agrees on the witness, or on any of those that show it."""
    candidates = shown_by()[message] if witness is None else [witness]
    found = [difference(one, message, judged(one.key), exact=exact) for one in candidates if message in one.shown]
    return "not shown any more" if not found else "" if "" in found else found[0]


def differs() -> dict[str, str]:
    """Why the two differ on a message, by its id; those that are not here are not done yet."""
    rows: dict[str, list[str]] = json.loads((FOLDER / "differs.json").read_text())
    return {one: why for why, ids in rows.items() for one in ids}


def difference(witness: Witness, message: str, found: Ours, *, exact: bool = False) -> str:
    """How ours differs from the HL7 validator on one message of a witness; empty where it does not.

    ``exact`` asks for an issue at the very same element; else one at its parent or child will do.
    """
    for side in SIDES:
        if found.valid[side] != witness.verdicts[side].valid:
            return f"{side}: {'valid' if found.valid[side] else 'invalid'} here"
    at_place = str.__eq__ if exact else near
    if not any(at_place(place, other) for place in witness.shown[message] for other in found.places):
        return "no issue at the place"
    return ""


def catalogue() -> list[dict[str, str]]:
    """The rows of ``catalogue.csv``: id, scope, reason, uttered, witness."""
    with (FOLDER / "catalogue.csv").open(newline="") as file:
        return list(csv.DictReader(file))
