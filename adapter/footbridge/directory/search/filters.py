"""What a question restricts to: each restriction is a set of services, and they are intersected."""

import functools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import Connection

from footbridge.directory.search.bitmaps import bitmap_of, bitmap_where, slots_of
from footbridge.directory.search.hours import Moment, is_open
from footbridge.directory.search.nearby import within
from footbridge.directory.search.places import FoundPlace
from footbridge.directory.search.query import NEAR_KM, Query
from footbridge.directory.search.snapshot import Snapshot, SourceSnapshot
from footbridge.directory.search.values import language_code


@dataclass(frozen=True, slots=True)
class Hours:
    """What is known to be open at a moment, and of what nobody knows."""

    open: int
    unknown: int


def hours_at(connection: Connection, snapshot: Snapshot, query: Query) -> Hours:
    """The state of all services at the moment of a question."""
    assert query.open_at is not None  # noqa: S101 - the caller fills it in
    aware = query.open_at if query.open_at.tzinfo else query.open_at.replace(tzinfo=UTC)
    local = aware.astimezone(query.zone).replace(second=0, microsecond=0, tzinfo=None)
    moment = Moment.of(local)
    is_known_open = unknown = 0
    for part, offset in zip(snapshot.parts, snapshot.offsets, strict=False):
        own_open, own_unknown = part.at(local, lambda part=part: _hours_of(connection, part, moment))
        is_known_open |= own_open << offset
        unknown |= own_unknown << offset
    return Hours(is_known_open, unknown)


def _hours_of(connection: Connection, part: SourceSnapshot, moment: Moment) -> tuple[int, int]:
    states = []
    for known in part.part(connection, "hour-rules"):
        rules, incomplete = known or ((), 1)
        states.append(1 if is_open(rules, moment) else 2 if incomplete else 0)
    by_slot = bytes(map(states.__getitem__, part.part(connection, "hours")))
    live = part.part(connection, "sets").get("live", 0)
    return bitmap_where(by_slot, 1) & live, bitmap_where(by_slot, 2) & live


def served(connection: Connection, snapshot: Snapshot, place: FoundPlace) -> int:
    """Services whose area holds the place."""
    found = 0
    for part, offset in zip(snapshot.parts, snapshot.offsets, strict=False):
        areas = part.part(connection, "areas")
        slots = [slot for key in place.keys for slot in areas.get(key, ())]
        found |= bitmap_of(slots) << offset
    return found


def in_region(connection: Connection, snapshot: Snapshot, region: str) -> int:
    """Services with a site in a province or state."""
    found: int = snapshot.made(f"region {region}", lambda: _in_region(connection, snapshot, region))
    return found


def _in_region(connection: Connection, snapshot: Snapshot, region: str) -> int:
    found = 0
    for part, offset in zip(snapshot.parts, snapshot.offsets, strict=False):
        sets = part.part(connection, "town-sets")
        there = {number for number, towns in enumerate(sets) if any(town.endswith(f"|{region}") for town in towns)}
        column = part.part(connection, "towns")
        found |= bitmap_of([slot for slot, towns in enumerate(column) if towns in there]) << offset
    return found


def in_town(connection: Connection, snapshot: Snapshot, place: FoundPlace) -> int:
    """Services whose address names the town and says no more: many records have no coordinates."""
    found = 0
    for part, offset in zip(snapshot.parts, snapshot.offsets, strict=False) if place.town else ():
        towns: dict[str, list[tuple[str, list[int]]]] = part.made(
            "unlocated", functools.partial(_unlocated_by_town, connection, part)
        )
        for region, slots in towns.get(place.town, ()):
            if place.has(place.town, region):
                found |= bitmap_of(slots) << offset
    return found


def _unlocated_by_town(connection: Connection, part: SourceSnapshot) -> dict[str, list[tuple[str, list[int]]]]:
    """Regions and services of each town, for services with no point of their own."""
    placed = set(slots_of(part.part(connection, "sets").get("placed", 0)))
    by_set: defaultdict[int, list[int]] = defaultdict(list)
    for slot, number in enumerate(part.part(connection, "towns")):
        if number and slot not in placed:
            by_set[number].append(slot)
    found: defaultdict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    sets = part.part(connection, "town-sets")
    for number, slots in by_set.items():
        for town in sets[number]:
            key, _, region = town.rpartition("|")
            found[key].append((region, slots))
    return dict(found)


def usable(connection: Connection, snapshot: Snapshot, place: FoundPlace, query: Query, among: int) -> int:
    """Those of a set that a person at the place can use: near, serving the place, remote, or at a withheld address."""
    found = served(connection, snapshot, place)
    found |= snapshot.set(connection, "remote") | withheld_near(connection, snapshot, place)
    found |= in_town(connection, snapshot, place)
    if place.point is not None:
        radius = NEAR_KM if query.within_km is None else query.within_km
        found |= within(connection, snapshot, place.point, radius, among & ~found)
    elif place.how == "region":
        found |= in_region(connection, snapshot, place.region)
    return found & among


def withheld_near(connection: Connection, snapshot: Snapshot, place: FoundPlace) -> int:
    """Services at a withheld address of which it is not known that they are in a province where the place is not."""
    found = snapshot.set(connection, "withheld")
    if place.region:
        for region in snapshot.values(connection, "withheld-in"):
            if region != place.region and region not in place.neighbours:
                found &= ~snapshot.set(connection, f"withheld-in:{region}")
    return found


def surely_usable(connection: Connection, snapshot: Snapshot, place: FoundPlace, among: int) -> int:
    """Of those that are usable, those that serve the place or are near it in the same province or state.

    Of a withheld address nobody knows whether it is near; what lies across a border often takes nobody from there.
    """
    known = among & ~snapshot.set(connection, "withheld")
    if place.region:
        known &= in_region(connection, snapshot, place.region) | snapshot.set(connection, "remote")
        known |= among & snapshot.set(connection, f"withheld-in:{place.region}")
        known |= served(connection, snapshot, place) & among if among & ~known else 0
    return known


def speaking(connection: Connection, snapshot: Snapshot, language: str) -> int:
    """Services in a language, or with interpretation in it."""
    code = language_code(language) or language
    return snapshot.set(connection, f"language:{code}") | snapshot.set(connection, f"interpretation:{code}")


def for_age(connection: Connection, snapshot: Snapshot, age: float, among: int) -> int:
    """Those of a set that do not say that they are for people of another age."""
    excluded = 0
    for part, own, offset in snapshot.split(among & snapshot.set(connection, "aged")):
        youngest, oldest = part.part(connection, "youngest"), part.part(connection, "oldest")
        months = age * 12
        excluded |= bitmap_of([slot for slot in slots_of(own) if not youngest[slot] <= months < oldest[slot]]) << offset
    return among & ~excluded


def verified_since(connection: Connection, snapshot: Snapshot, ordinal: int, among: int) -> int:
    """Those of a set that were verified on a day or later."""
    found = 0
    for part, own, offset in snapshot.split(among):
        column = part.part(connection, "verified")
        found |= bitmap_of([slot for slot in slots_of(own) if column[slot] >= ordinal]) << offset
    return found


def chosen(connection: Connection, snapshot: Snapshot, query: Query) -> int:
    """What the restrictions leave that facets count: needs, cost, referrals, capacity; of language see ``speaking``."""
    left = snapshot.set(connection, "live")
    for services in each_chosen(connection, snapshot, query).values():
        left &= services
    return left


def each_chosen(connection: Connection, snapshot: Snapshot, query: Query) -> dict[str, int]:
    """The services that each of those restrictions keeps, by the name that ``Query`` has for it."""
    kept = {}
    if query.needs:
        kept["needs"] = _any_of(connection, snapshot, [f"category:{need}" for need in query.needs])
    if query.free:
        kept["free"] = snapshot.set(connection, "cost:free")
    if query.can_refer is not None:
        kept["can_refer"] = snapshot.set(connection, f"canRefer:{'true' if query.can_refer else 'false'}")
    if query.capacity:
        kept["capacity"] = _any_of(connection, snapshot, [f"capacity:{state}" for state in query.capacity])
    return kept


def for_person(connection: Connection, snapshot: Snapshot, query: Query) -> int:
    """What age and freshness leave."""
    left = snapshot.set(connection, "live")
    if query.age is not None:
        left = for_age(connection, snapshot, query.age, left)
    if query.verified_since is not None:
        left = verified_since(connection, snapshot, query.verified_since.toordinal(), left)
    return left


def _any_of(connection: Connection, snapshot: Snapshot, names: Sequence[str]) -> int:
    found = 0
    for name in names:
        found |= snapshot.set(connection, name)
    return found
