"""The children of JSON objects by name, for functions that must be sure: what is shaped oddly raises Unsure."""

import marshal
import re
from typing import Any

from footbridge.validation.fhirpath.typemodel import Element

Json = Any
LARGEST = 2000  # bytes of a value that is remembered by a hash
Keys = tuple[tuple[str, str, bool], ...]
# Dates and times of one precision in one zone, which stand in their order as text.
_SAME_ORDER = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?\Z|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z\Z", re.ASCII)


NO_CODES: frozenset[tuple[str, str]] = frozenset()
OF_HOLDER = frozenset({"Coding", "Extension"})
"""Types whose functions are given the path of what holds the value."""


class Unsure(Exception):  # noqa: N818 - reads as the state that it names
    """A value is none that can be decided fast. It ends a sure function; no caller sees it."""


# What a value of a wrong shape may raise in a sure function: it is not known then.
ODD = (Unsure, RecursionError, TypeError, AttributeError)


def digest(value: Json) -> tuple[int, int, int] | None:
    """What a value is known by: equal ones alone have the same. None for what is large, or no plain JSON."""
    try:
        data = marshal.dumps(value, 2)  # the types are told exactly, and nothing depends on shared objects
    except ValueError:
        return None
    return None if len(data) > LARGEST else (len(data), hash(data), hash(data[::-1]))


def keys_of(element: Element) -> Keys:
    """The JSON names of an element, of its companions, and whether it is primitive."""
    return tuple((choice.key, choice.extra_key, choice.primitive) for choice in element.choices)


def children(row: Json, keys: Keys) -> list[Json]:
    """The children of an object, as FHIRPath has them; raises Unsure for a companion, a null or a wrong shape."""
    if row.__class__ is not dict:
        raise Unsure
    found: list[Json] = []
    for key, extra, primitive in keys:
        if primitive and extra in row:
            raise Unsure
        value = row.get(key)
        if value is None:
            continue
        rows = value if value.__class__ is list else (value,)
        for one in rows:
            if one is None or (one.__class__ is dict) is primitive:
                raise Unsure
        found += rows
    return found


def objects(row: dict[str, Json], key: str) -> list[Json]:
    """As ``children``, of an object, by the one name of an element that is not primitive."""
    value = row.get(key)
    if value.__class__ is list:
        for one in value:
            if one.__class__ is not dict:
                raise Unsure
        return value
    if value is None:
        return []
    if value.__class__ is dict:
        return [value]
    raise Unsure


def codes_in(row: Json, name: str) -> frozenset[tuple[str, str]]:
    """Each system and code of the concepts under a name of an object; raises Unsure for a wrong shape."""
    if row.__class__ is not dict or "_" + name in row:
        raise Unsure
    value = row.get(name)
    if value is None:
        return NO_CODES
    found = set()
    for concept in value if value.__class__ is list else (value,):
        for coding in concept.get("coding", ()) if concept.__class__ is dict else (None,):
            if coding.__class__ is not dict or "_system" in coding or "_code" in coding:
                raise Unsure
            system, code = coding.get("system", ""), coding.get("code", "")
            if system.__class__ is not str or code.__class__ is not str:
                raise Unsure
            found.add((system, code))
    return frozenset(found)


def is_absent(row: Json, names: tuple[str, ...]) -> bool:
    """Whether an object has none of the names."""
    if row.__class__ is not dict:
        raise Unsure
    for name in names:  # noqa: SIM110 - a generator costs more than the look-ups
        if name in row:
            return False
    return True


def in_order(row: Json, first: str, second: str) -> bool:
    """Whether two dates or times of an object stand in order; False too where that cannot be told by their text."""
    one, other = row.get(first), row.get(second)
    if one.__class__ is not str or other.__class__ is not str or len(one) != len(other):
        return False
    if "_" + first in row or "_" + second in row or one > other:
        return False
    return _SAME_ORDER.match(one) is not None and _SAME_ORDER.match(other) is not None
