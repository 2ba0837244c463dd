"""Finds the places of elements in JSON text. Slow, and so only asked for issues; what was found once is remembered."""

import functools
import json
import re
from bisect import bisect_left
from collections.abc import Callable
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from footbridge.validation.reading.document import Place
from footbridge.validation.reading.expressions import Step, steps

_scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
BLANKS = frozenset(" \t\r\n")
_BLANK = re.compile(r"[ \t\r\n]*")
_BREAK = re.compile("\n")
_SCALAR = re.compile(r"[^\s,\]}]+")


class Places:
    """The places in one text, which is JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members: dict[int, dict[str, int]] = {}
        self._rows: dict[int, list[int]] = {}

    def locate(self, expression: str) -> Place | None:
        """The place of the element, or of the nearest one above it that is there; None for a text without objects."""
        text = self._text
        at = self._skip(0)
        for step in steps(expression):
            after = self._enter(at, step)
            if after is None:
                break
            at = after
        if at >= len(text):
            return None
        line = bisect_left(self._breaks, at)
        return Place(line + 1, at - (self._breaks[line - 1] if line else -1))

    @functools.cached_property
    def _breaks(self) -> list[int]:
        """The offsets of the line breaks."""
        return [match.start() for match in _BREAK.finditer(self._text)]

    def _enter(self, at: int, step: Step) -> int | None:
        """The offset of a child of the object at an offset."""
        if at not in self._members:
            self._members[at] = self._members_of(at)
        members = self._members[at]
        found = members.get(step.name, members.get("_" + step.name))
        if found is None or step.at is None or self._text[found] != "[":
            return found
        if found not in self._rows:
            self._rows[found] = self._rows_of(found)
        rows = self._rows[found]
        return rows[step.at] if step.at < len(rows) else None

    def _members_of(self, at: int) -> dict[str, int]:
        """The offsets of the values of an object, by name; of a name that stands twice the first."""
        text = self._text
        found: dict[str, int] = {}
        if text[at : at + 1] != "{":
            return found
        at = self._skip(at + 1)
        while text[at : at + 1] == '"':
            key, at = scanstring(text, at + 1)
            at = self._skip(self._skip(at) + 1)
            found.setdefault(key, at)
            at = self._skip(self._end(at))
            at = self._skip(at + 1) if text[at : at + 1] == "," else at
        return found

    def _rows_of(self, at: int) -> list[int]:
        """The offsets of the values of an array."""
        at = self._skip(at + 1)
        if self._text[at : at + 1] == "]":
            return []
        found = [at]
        at = self._skip(self._end(at))
        while self._text[at : at + 1] == ",":
            at = self._skip(at + 1)
            found.append(at)
            at = self._skip(self._end(at))
        return found

    def _end(self, at: int) -> int:
        """The offset after the value at an offset."""
        first = self._text[at : at + 1]
        if first == '"':
            return int(scanstring(self._text, at + 1)[1])
        if first in {"{", "["}:
            return _scan(self._text, at)[1]
        match = _SCALAR.match(self._text, at)
        return match.end() if match else at + 1

    def _skip(self, at: int) -> int:
        if self._text[at : at + 1] not in BLANKS:
            return at
        match = _BLANK.match(self._text, at)
        return match.end() if match else at
