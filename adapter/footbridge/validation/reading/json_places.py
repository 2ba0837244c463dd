"""Finds the place of an element in JSON text. Slow, and so only called for issues."""

import json
import re

from footbridge.validation.reading.document import Place
from footbridge.validation.reading.expressions import Step, steps

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}]+")


def locate(text: str, expression: str) -> Place | None:
    """The place of the element, or of the nearest one above it that is there; None for a text without objects."""
    at = _skip(text, 0)
    for step in steps(expression):
        after = _enter(text, at, step)
        if after is None:
            break
        at = after
    return None if at >= len(text) else Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _enter(text: str, at: int, step: Step) -> int | None:
    """The offset of a child of the object at an offset."""
    found = _member(text, at, step.name)
    if found is None:
        found = _member(text, at, "_" + step.name)
    if found is None or step.at is None or text[found] != "[":
        return found
    return _row(text, found, step.at)


def _member(text: str, at: int, name: str) -> int | None:
    if text[at : at + 1] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at : at + 1] == '"':
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if key == name:
            return at
        at = _skip(text, _end(text, at))
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
    return None


def _row(text: str, at: int, index: int) -> int | None:
    at = _skip(text, at + 1)
    for _ in range(index):
        at = _skip(text, _end(text, at))
        if text[at : at + 1] != ",":
            return None
        at = _skip(text, at + 1)
    return at


def _end(text: str, at: int) -> int:
    """The offset after the value at an offset."""
    if text[at : at + 1] in {"{", "[", '"'}:
        return _DECODER.raw_decode(text, at)[1]
    match = _SCALAR.match(text, at)
    return match.end() if match else at + 1


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
