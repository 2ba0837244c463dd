"""Finds the names that stand twice in one object of JSON text. Slow, and so only asked where there is one."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from footbridge.validation.reading.document import Place

LONGEST = 64  # characters of a name that are told; no name of FHIR has more
DEEPEST = 100  # levels of a path that are told; a resource that nests deeper is refused anyway
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]', re.DOTALL)


class Duplicate(NamedTuple):
    """A name that stood in its object before: the name, its FHIRPath below the root, and where it stands."""

    name: str
    path: str
    place: Place


@dataclass(slots=True)
class _Object:
    """An object that the text is in: the names seen, the one whose value comes, and whether a name comes next."""

    seen: set[str] = field(default_factory=set)
    name: str = ""
    at_name: bool = True

    def __str__(self) -> str:
        return f".{_told(self.name)}"


@dataclass(slots=True)
class _Array:
    """An array that the text is in, and the position there."""

    at: int = 0

    def __str__(self) -> str:
        return f"[{self.at}]"


def duplicates(text: str) -> Iterator[Duplicate]:
    """Every name that stands in its object a second time, in their order. The text must be JSON."""
    holders: list[_Object | _Array] = []
    line, counted = 1, 0
    for token in _TOKEN.finditer(text):
        sign, inner = token[0], holders[-1] if holders else None
        if sign == "{":
            holders.append(_Object())
        elif sign == "[":
            holders.append(_Array())
        elif sign in {"}", "]"}:
            holders.pop()
        elif sign == "," and isinstance(inner, _Array):
            inner.at += 1
        elif sign == "," and isinstance(inner, _Object):
            inner.at_name = True
        elif sign[0] == '"' and isinstance(inner, _Object) and inner.at_name:
            inner.name, inner.at_name = json.loads(sign, strict=False), False
            if inner.name in inner.seen:
                line, counted = line + text.count("\n", counted, token.start()), token.start()
                place = Place(line, token.start() - text.rfind("\n", 0, token.start()))
                yield Duplicate(_told(inner.name), "".join(map(str, holders[:DEEPEST])), place)
            inner.seen.add(inner.name)


def _told(name: str) -> str:
    """A name as it may be told: a document may have any text for one."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:LONGEST])
