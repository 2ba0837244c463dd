"""Services for a whole province or country that say so in words alone: ``Province-wide``, ``partout au Québec``.

Table: ``mappings/directory/search/wide.json``. It is read only where a record names no service area.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from footbridge.data import read_json
from footbridge.directory.search.geography import key_of
from footbridge.directory.search.words import words

_REGION = "{region}"
_STATEMENT = re.compile(r"[.;:•\n|]+")


@dataclass(frozen=True, slots=True)
class _Table:
    signs: frozenset[str]
    named: tuple[re.Pattern[str], ...]
    statements: tuple[re.Pattern[str], ...]
    longest: int  # characters of such a statement
    province: tuple[str, ...]
    country: tuple[str, ...]


@functools.cache
def _table() -> _Table:
    read: dict[str, Any] = read_json("mappings", "directory", "search", "wide.json")
    regions: dict[str, dict[str, list[str]]] = read_json("mappings", "directory", "search", "regions.json")["regions"]
    names = sorted({name for some in regions.values() for names in some.values() for name in names}, key=len)
    choice = f"({'|'.join(map(re.escape, reversed(names)))})"
    named = tuple(re.compile(f" {text.replace(_REGION, choice)} ") for text in read["region"])
    statements = tuple(re.compile(text.replace(_REGION, choice)) for text in read["statement"])
    longest = max(map(len, read["statement"])) + max(map(len, names))
    return _Table(frozenset(read["words"]), named, statements, longest, tuple(read["province"]), tuple(read["country"]))


@functools.lru_cache(maxsize=4_096)
def _whole(statement: str) -> str | None:
    """The region that a statement names and says nothing else of."""
    plain = " ".join(words(statement))
    matches = (pattern.fullmatch(plain) for pattern in _table().statements)
    return next((match[1] for match in matches if match), None)


def said_areas(texts: Sequence[str], region: str, country: str) -> list[tuple[str, list[str]]]:
    """The areas that some texts name: each with its name, and the keys of its places.

    Args:
        texts: of the service.
        region: the code of the province or state that its addresses are in; empty where they have none, or several.
        country: of that; empty where it is not known.
    """
    table = _table()
    found: dict[str, str] = {}
    for text in texts:
        spoken = words(text)
        if table.signs.isdisjoint(spoken):
            continue
        for statement in _STATEMENT.split(text):
            if len(statement) <= table.longest and (match := _whole(statement)):
                found.setdefault(match.title(), key_of(match))
        plain = f" {' '.join(spoken)} "
        for pattern in table.named:
            found.update((match[1].title(), key_of(match[1])) for match in pattern.finditer(plain))
        if region and country and any(f" {one} " in plain for one in table.province):
            found[region] = f"{country}-{region}".lower()
        if any(f" {one} " in plain for one in table.country):
            found["Canada"] = "ca"
    return [(name, [key]) for name, key in found.items()]
