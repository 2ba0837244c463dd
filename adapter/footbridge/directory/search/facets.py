"""How many of what was found have which value."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection

from footbridge.directory.search.bitmaps import values_of
from footbridge.directory.search.filters import Hours
from footbridge.directory.search.snapshot import Snapshot

_BY_SET = {
    "category": ("category",),
    "language": ("language", "interpretation"),  # who asks for a language is glad of an interpreter
    "cost": ("cost",),
    "canRefer": ("canRefer",),
    "capacity": ("capacity",),
}
MOST_TOWNS = 100  # that are listed, those with most services first


def count(connection: Connection, snapshot: Snapshot, found: int, hours: Hours) -> dict[str, Mapping[str, int]]:
    """Counts by facet and value; values that nothing has are left out."""
    facets: dict[str, Mapping[str, int]] = {}
    for facet, kinds in _BY_SET.items():
        counts: dict[str, int] = {}
        for value in sorted({one for kind in kinds for one in snapshot.values(connection, kind)}):
            having = 0
            for kind in kinds:
                having |= snapshot.set(connection, f"{kind}:{value}")
            counts[value] = (found & having).bit_count()
        facets[facet] = _sorted(counts)
    opened, unknown = (found & hours.open).bit_count(), (found & hours.unknown).bit_count()
    facets["open"] = _sorted({"open": opened, "unknown": unknown, "closed": found.bit_count() - opened - unknown})
    facets["source"] = _sorted({part.source: own.bit_count() for part, own, _ in snapshot.split(found)})
    facets["town"] = _towns(connection, snapshot, found)
    return facets


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {value: counts[value] for value in sorted(counts, key=lambda one: (-counts[one], one)) if counts[value]}


def _towns(connection: Connection, snapshot: Snapshot, found: int) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for part, own, _ in snapshot.split(found):
        sets, names = part.part(connection, "town-sets"), part.part(connection, "town-names")
        for number, services in Counter(values_of(own, part.part(connection, "towns"))).items():
            for town in sets[number]:
                region = town.rpartition("|")[2]
                counts[f"{names[town]}, {region}" if region else names[town]] += services
    return dict(list(_sorted(counts).items())[:MOST_TOWNS])
