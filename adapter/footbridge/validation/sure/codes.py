"""Concepts and their codes: patterns, and membership in value sets, which is remembered by system and code."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from footbridge.validation.rules.equality import fits
from footbridge.validation.sure.members import Unsure
from footbridge.validation.sure.writer import Writer

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext

Json = Any
REMEMBERED = 10_000
LONGEST = 500  # characters of a code with its system that are remembered


def fitting(writer: Writer, at: str, pattern: Json) -> str:
    """Python for whether a value has all of a pattern: in short for a concept of one system and code."""
    pair = single_code(pattern)
    if pair is None:
        return f"{writer.const(fits)}({at}, {writer.const(pattern)})"
    system, code = pair

    def has(value: Json) -> bool:
        rows = value.get("coding") if value.__class__ is dict else None
        if rows.__class__ is not list:
            return False
        for row in rows:  # noqa: SIM110 - a generator costs more than the comparison
            if row.__class__ is dict and row.get("code") == code and row.get("system") == system:
                return True
        return False

    return f"{writer.const(has)}({at})"


def single_code(pattern: Json) -> tuple[str, str] | None:
    """The system and code of a concept that has nothing else; None for other values."""
    rows = pattern.get("coding") if isinstance(pattern, dict) and len(pattern) == 1 else None
    one = rows[0] if isinstance(rows, list) and len(rows) == 1 else None
    if not isinstance(one, dict) or one.keys() != {"system", "code"} or not all(map(_is_text, one.values())):
        return None
    return one["system"], one["code"]


def _is_text(value: Json) -> bool:
    return value.__class__ is str


def all_codes(value: Json) -> list[tuple[str, str]]:
    """Each system and code of a Coding or CodeableConcept; none where one lacks a part, or names a version."""
    rows: list[Json] = [value]
    if value.__class__ is dict and "coding" in value:
        rows = value["coding"] if value["coding"].__class__ is list else []
    found = []
    for row in rows:
        if row.__class__ is not dict or "version" in row:
            return []
        system, code = row.get("system"), row.get("code")
        if system.__class__ is not str or code.__class__ is not str:
            return []
        found.append((system, code))
    return found


def members_of(value_set: str, engine: "ValidationContext") -> Callable[[list[Json]], bool]:
    """A test whether some value of several is in a value set; it raises Unsure where that cannot be decided."""
    members: dict[tuple[str, str], bool | None] = {}

    def verdict(value: Json) -> bool | None:
        pairs = all_codes(value)
        if not pairs:
            return engine.member_of(value, value_set)
        verdicts = [judged(one) for one in pairs]
        return True if True in verdicts else None if None in verdicts else False

    def judged(one: tuple[str, str]) -> bool | None:
        if one in members:
            return members[one]
        found = engine.terminology.member(value_set, *one)
        if len(one[0]) + len(one[1]) <= LONGEST:
            if len(members) >= REMEMBERED:
                members.clear()
            members[one] = found
        return found

    def test(values: list[Json]) -> bool:
        verdicts = [verdict(value) for value in values]
        if None in verdicts and True not in verdicts:
            raise Unsure
        return True in verdicts

    return test
