"""The published snapshots of a tenant's sources, as one: the slots of each source follow those of the one before.

A snapshot never changes once its number is current, so that a process keeps what it has read: ``SnapshotCache``. Parts
are read when they are first asked for. What they hold: ``footbridge.directory.search.publish``.
"""

import copy
import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, select

from footbridge.directory.search.bitmaps import Membership, bitmap_of
from footbridge.directory.search.dialect import SLOT_BITS, entry_id
from footbridge.directory.search.geography import Point, distance
from footbridge.directory.search.groups import Keyed, grouped
from footbridge.directory.search.located import has_places, locate
from footbridge.directory.search.packing import unpack, unpack_column
from footbridge.store.tables.directory_search import directory_index, directory_snapshot

KEPT = 8  # snapshots of sources that a process keeps
MOMENTS = 4  # for which it keeps what is open
_NEWER = (
    "frequent",
    "names",
)  # parts that a snapshot of an earlier version of this software has not; it is as good without
_REFERRALS = ("canRefer:true", "canRefer:false")
_COLUMNS = {"hours": "I", "towns": "I", "verified": "I", "youngest": "H", "oldest": "H", "names": "I"}


class SourceSnapshot:
    """What counts of one source at one import number; slots are its own."""

    def __init__(self, index: int, source: str, number: int) -> None:
        self.index, self.source, self.number = index, source, number
        self._parts: dict[str, Any] = {}
        self._moments: OrderedDict[object, Any] = OrderedDict()
        self._words: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def part(self, connection: Connection, name: str) -> Any:  # noqa: ANN401 - each part has a form of its own
        """A part by name; read once."""
        if name not in self._parts:
            snapshot = directory_snapshot.c
            same = (snapshot.index == self.index, snapshot.number == self.number, snapshot.name == name)
            data = connection.scalars(select(snapshot.data).where(*same)).one_or_none()
            if data is None and name not in _NEWER:
                raise LookupError(name)
            self._parts[name] = {} if data is None else _read(name, data)
        return self._parts[name]

    def replace(self, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        """Put something else in the place of a part: see ``located``."""
        self._parts[name] = value

    def made(self, name: str, make: Any) -> Any:  # noqa: ANN401 - whatever ``make`` makes
        """Something that is worked out from parts; made once, by ``make()``."""
        if name not in self._parts:
            self._parts[name] = make()
        return self._parts[name]

    def at(self, moment: object, make: Any) -> Any:  # noqa: ANN401 - as above
        """Something that holds for a moment, made by ``make()``; that of the last few moments is kept."""
        with self._lock:
            kept = self._moments.get(moment)
            if kept is None:
                kept = self._moments[moment] = make()
                if len(self._moments) > MOMENTS:
                    self._moments.popitem(last=False)
        return kept

    def kept_words(self, tokens: Sequence[str]) -> dict[str, int]:
        """Those of some tokens whose services are kept, with these; see ``postings``."""
        with self._lock:
            found = {token: self._words[token] for token in tokens if token in self._words}
            for token in found:
                self._words.move_to_end(token)
        return found

    def keep_words(self, found: Mapping[str, int], most: int) -> None:
        """Keep the services of some tokens; what was not asked for longest goes."""
        with self._lock:
            self._words.update(found)
            while len(self._words) > most:
                self._words.popitem(last=False)

    def size(self, connection: Connection) -> int:
        """How many slots it has."""
        return len(self.part(connection, "hours"))

    def keyed(self, connection: Connection, offset: int) -> Keyed:
        """Its services by what the same one has in another source; ``offset`` is added to each slot."""
        keys, slots = self.part(connection, "groups")
        return Keyed(keys, slots, offset)

    def distances(
        self, connection: Connection, point: Point, among: Iterable[int]
    ) -> Iterator[tuple[int, float, bool]]:
        """Of those slots that have a place: the slot, kilometres to its nearest site, whether they are exact."""
        sites = [(*self.part(connection, "points"), True), (*self.part(connection, "about"), False)]
        for slot in among:
            for slots, latitudes, longitudes, exact in sites:
                place = bisect_left(slots, slot)
                if place == len(slots) or slots[place] != slot:
                    continue
                nearest = distance(point, Point(latitudes[place], longitudes[place]))
                for other in range(place + 1, len(slots)):
                    if slots[other] != slot:
                        break
                    nearest = min(nearest, distance(point, Point(latitudes[other], longitudes[other])))
                yield slot, nearest, exact
                break


def _read(name: str, data: bytes) -> Any:  # noqa: ANN401 - each part has a form of its own
    if name in _COLUMNS:
        return unpack_column(_COLUMNS[name], data)
    value = unpack(data)
    if name in ("sets", "frequent"):
        return {one: int(bits, 16) for one, bits in value.items()}
    if name in ("points", "about"):
        return array("I", value[0]), array("d", value[1]), array("d", value[2])
    if name == "groups":
        return array("Q", value[0]), array("I", value[1])
    return value


class Snapshot:
    """The snapshots of some sources of a tenant together."""

    def __init__(self, connection: Connection, parts: Sequence[SourceSnapshot]) -> None:
        self.parts = tuple(parts)
        sizes = [part.size(connection) for part in self.parts]
        self.offsets = tuple(accumulate(sizes, initial=0))
        self._sets: dict[str, int] = {}
        self.stated: Mapping[int, tuple[str, str]] = {}  # capacity and its day, by slot, where a partner said it
        self._groups: list[tuple[int, ...]] | None = None
        self._made: dict[str, Any] = {}

    def made(self, name: str, make: Any) -> Any:  # noqa: ANN401 - whatever ``make`` makes
        """Something that is worked out from all parts together; made once, by ``make()``."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def with_stated(self, stated: Mapping[int, tuple[str, str]]) -> "Snapshot":
        """The same, with another state of capacity for some slots."""
        same = copy.copy(self)
        same.stated, same._sets = stated, {}  # noqa: SLF001 - of the same class
        return same

    def set(self, connection: Connection, name: str) -> int:
        """The bitmap of a value of a facet; empty for one that no service has."""
        if self.stated and name.startswith("capacity:"):
            state = name.removeprefix("capacity:")
            told = bitmap_of(sorted(self.stated))
            here = bitmap_of(sorted(slot for slot, (one, _day) in self.stated.items() if one == state))
            return self._set(connection, name) & ~told | here
        if name in _REFERRALS:
            only = self._for_information(connection)
            return self._set(connection, name) & ~only if name == _REFERRALS[0] else self._set(connection, name) | only
        return self._set(connection, name)

    def _for_information(self, connection: Connection) -> int:
        """Services that one source at least lists for information only, where several sources have them."""

        def make() -> int:
            only = Membership(self._set(connection, _REFERRALS[1]))
            groups = self.groups(connection)
            return bitmap_of([slot for group in groups if any(one in only for one in group) for slot in group])

        found: int = self.made("for information", make)
        return found

    def _set(self, connection: Connection, name: str) -> int:
        if name not in self._sets:
            found = 0
            for part, offset in zip(self.parts, self.offsets, strict=False):
                found |= part.part(connection, "sets").get(name, 0) << offset
            self._sets[name] = found
        return self._sets[name]

    def values(self, connection: Connection, facet: str) -> list[str]:
        """The values of a facet that any service has, sorted."""
        prefix = f"{facet}:"
        found = {name for part in self.parts for name in part.part(connection, "sets") if name.startswith(prefix)}
        if facet == "capacity":
            found |= {prefix + state for state, _day in self.stated.values()}
        return sorted(name[len(prefix) :] for name in found)

    def split(self, bitmap: int) -> Iterator[tuple[SourceSnapshot, int, int]]:
        """Each source with its part of a set as its own slots, and the offset; those with nothing are left out."""
        for place, part in enumerate(self.parts):
            start, end = self.offsets[place], self.offsets[place + 1]
            own = bitmap >> start & (1 << (end - start)) - 1
            if own:
                yield part, own, start

    def where(self, slot: int) -> tuple[SourceSnapshot, int]:
        """The source that a slot belongs to, and the slot in it."""
        place = bisect_right(self.offsets, slot) - 1
        return self.parts[place], slot - self.offsets[place]

    def entry(self, slot: int) -> int:
        """The id of the entry in a slot."""
        part, own = self.where(slot)
        return entry_id(part.index, own)

    def slot_of(self, index: int, slot: int) -> int:
        """The slot here of a slot in an index."""
        place = next(place for place, part in enumerate(self.parts) if part.index == index)
        return self.offsets[place] + slot

    def groups(self, connection: Connection) -> list[tuple[int, ...]]:
        """Services that several sources have: the slots of each group, those of the first source first."""
        if self._groups is None:
            keyed = [part.keyed(connection, offset) for part, offset in zip(self.parts, self.offsets, strict=False)]
            self._groups = grouped(keyed, lambda slot: self.where(slot)[0].index) if len(keyed) > 1 else []
        return self._groups


class SnapshotCache:
    """The snapshots that a process has read; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sources: OrderedDict[tuple[int, int, bool], SourceSnapshot] = OrderedDict()
        self._together: OrderedDict[tuple[tuple[int, int, bool], ...], Snapshot] = OrderedDict()

    def get(
        self, connection: Connection, tenant: str, current: Mapping[str, int], sources: Sequence[str] = ()
    ) -> Snapshot:
        """The snapshot of a tenant's sources, each at its current import or the newest before it.

        Args:
            connection: of a transaction that sees the moment at which ``current`` was read.
            tenant: whose directory it is.
            current: the number of the current import by source.
            sources: only these; empty: all.
        """
        wanted = {name: number for name, number in current.items() if not sources or name in sources}
        located = has_places(connection, tenant)
        keys = newest(connection, tenant, wanted)
        with self._lock:
            parts = [self._source(connection, tenant, located, *key) for key in keys]
            name = tuple((part.index, part.number, located) for part in parts)
            if name not in self._together:
                self._together[name] = Snapshot(connection, parts)
            self._together.move_to_end(name)
            while len(self._together) > KEPT:
                self._together.popitem(last=False)
            return self._together[name]

    def _source(
        self, connection: Connection, tenant: str, located: bool, index: int, source: str, number: int
    ) -> SourceSnapshot:
        key = (index, number, located)
        if key not in self._sources:
            part = SourceSnapshot(index, source, number)
            if located:
                locate(connection, tenant, part)
            self._sources[key] = part
        self._sources.move_to_end(key)
        while len(self._sources) > KEPT:
            self._sources.popitem(last=False)
        return self._sources[key]


def together(connection: Connection, parts: Sequence[tuple[int, str, int]]) -> dict[int, tuple[int, ...]]:
    """Services that several sources have, by the id of each one's entry: the entries of all that are the same one.

    ``parts``: as ``newest`` gives them. Nothing that is read for it is kept.
    """
    keyed = [SourceSnapshot(*part).keyed(connection, entry_id(part[0], 0)) for part in parts]
    return {one: group for group in grouped(keyed, lambda entry: entry >> SLOT_BITS) for one in group}


def newest(connection: Connection, tenant: str, current: Mapping[str, int]) -> list[tuple[int, str, int]]:
    """Index, source and number of the snapshot that counts of each source, by the source's name."""
    snapshot = directory_snapshot.c
    rows = connection.execute(
        select(directory_index.c.id, directory_index.c.source, snapshot.number)
        .join_from(directory_index, directory_snapshot, snapshot.index == directory_index.c.id)
        .where(directory_index.c.tenant == tenant, snapshot.name == "sets")
        .order_by(directory_index.c.id, snapshot.number)
    ).all()
    found = {
        index: (index, source, number)
        for index, source, number in rows
        if source in current and number <= current[source]
    }
    return sorted(found.values(), key=lambda one: one[1])
