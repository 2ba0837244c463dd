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
SHORT = 20_000  # characters of a text whose line breaks are counted anew for each place
BLANKS = frozenset(" \t\r\n")
START = Place(1, 1)
_BLANK = re.compile(r"[ \t\r\n]*")
_BREAK = re.compile("\n")
# A name, and the value that follows unless it is an object or an array; then the comma.
_MEMBER = re.compile(
    r'[ \t\r\n]*+"([^"\\]*+(?:\\.[^"\\]*+)*+)"[ \t\r\n]*+:[ \t\r\n]*+'
    r'(?:("[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s"{}\[\],]++)[ \t\r\n]*+,?)?',
    re.DOTALL,
)
_SCALAR = re.compile(r"[^\s,\]}]+")


class Places:
    """The places in one text, which is JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        # By the offset of an object or array: what was read of it, and where an object is read on; 0 at its end.
        self._members: dict[int, dict[str, int]] = {}
        self._unread: dict[int, int] = {}
        self._rows: dict[int, list[int]] = {}

    def locate(self, expression: str) -> Place | None:
        """The place of the element, or of the nearest one above it that is there; None for a text without objects."""
        text = self._text
        if "." not in expression and text[:1] == "{":
            return START
        at = self._skip(0)
        for step in steps(expression):
            after = self._enter(at, step)
            if after is None:
                break
            at = after
        if at >= len(text):
            return None
        if len(text) <= SHORT:
            return Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        line = bisect_left(self._breaks, at)
        return Place(line + 1, at - (self._breaks[line - 1] if line else -1))

    @functools.cached_property
    def _breaks(self) -> list[int]:
        """The offsets of the line breaks."""
        return [match.start() for match in _BREAK.finditer(self._text)]

    def _enter(self, at: int, step: Step) -> int | None:
        """The offset of a child of the object at an offset."""
        members = self._members.get(at)
        if members is None:
            members = self._members[at] = {}
            self._unread[at] = at + 1 if self._text[at : at + 1] == "{" else 0
        if step.name not in members:
            self._read_on(at, members, step.name)
        found = members.get(step.name, members.get("_" + step.name))
        if found is None or step.at is None or self._text[found] != "[":
            return found
        return self._row(found, step.at)

    def _read_on(self, at: int, members: dict[str, int], wanted: str) -> None:
        """Read the members of an object up to the one that is wanted; of a name that stands twice the first counts."""
        text, then = self._text, self._unread[at]
        while then and wanted not in members:
            match = _MEMBER.match(text, then)
            if match is None:
                then = 0
                break
            name, value = match[1], match.start(2)
            if "\\" in name:
                name = scanstring(text, match.start(1))[0]
            if value < 0:
                value = match.end()
                after = self._skip(_scan(text, value)[1])
                then = after + 1 if text[after : after + 1] == "," else 0
            else:
                then = match.end()
            members.setdefault(name, value)
        self._unread[at] = then

    def _row(self, at: int, index: int) -> int | None:
        """The offset of a value of an array."""
        rows = self._rows.get(at)
        if rows is None:
            first = self._skip(at + 1)
            rows = self._rows[at] = [] if self._text[first : first + 1] == "]" else [first]
        while rows and len(rows) <= index:
            after = self._skip(self._end(rows[-1]))
            if self._text[after : after + 1] != ",":
                return None
            rows.append(self._skip(after + 1))
        return rows[index] if rows else None

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
