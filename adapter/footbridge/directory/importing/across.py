"""What other sources withhold is taken out of this one's records: the same service shows no more here than there.

First the records are found that may be about what another source withholds: by name, phone or link, or (for shelters)
by house and postal code. Then each is looked at with what belongs to it (``privacy.withheld``). Where all places of the
same service are withheld, so they are here; a value that is withheld there goes here too, with what repeats it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import orjson

from footbridge.directory import privacy
from footbridge.directory.importing.relations import Prepare, Records, neighbours, opened, resolve, stage
from footbridge.directory.importing.staging import Staged
from footbridge.directory.privacy.digests import is_numbered_street
from footbridge.directory.privacy.withheld import About, Entry, Size, about, is_at, place_of, values_in
from footbridge.directory.records import Kind

CIRCLE = 400  # records that belong to one, and are looked at with it


class EveryRecord(Records, Protocol):
    """Records of a source that can be read one after another."""

    def some(self, kinds: Sequence[Kind]) -> Iterator[tuple[str, Kind, bytes]]:
        """Id, kind and data of every record of these kinds."""
        ...


def withhold_across(records: EveryRecord, entries: Iterable[Entry], prepare: Prepare) -> dict[str, str]:
    """Take out of records what other sources withhold; returns the relation of each that has one, by id."""
    index = _Index(entries)
    if not index:
        return {}
    hits = {one: found for one, kind, data in records.some(_KINDS) if (found := index.hits(kind, orjson.loads(data)))}
    marks = _Marks(records, index, hits)
    changed = [
        row.id
        for row in records.where("id", sorted(marks.places | marks.secrets.keys()))
        if _mark(records, row, row.id in marks.places, marks.secrets.get(row.id, frozenset()), prepare)
    ]
    return resolve(records, prepare, only=frozenset(changed))


_KINDS: tuple[Kind, ...] = ("organization", "location", "service")


class _Index:
    """Entries of other sources, by what leads to them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_sign: dict[str, list[int]] = defaultdict(list)
        self._by_house: dict[int, list[int]] = defaultdict(list)
        for at, one in enumerate(self.entries):
            for word in {word for name in (*one.names, *one.owners) for word in name}:
                self._by_word[word].append(at)
            for sign in one.signs:
                self._by_sign[sign].append(at)
            for house in one.houses if one.shelter else ():
                self._by_house[house].append(at)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def hits(self, kind: Kind, data: Mapping[str, Any]) -> frozenset[int]:
        """The entries that a record may be about."""
        of = about(data)
        maybe = {at for name in of.names for word in name for at in self._by_word.get(word, ())}
        maybe.update(at for sign in of.signs for at in self._by_sign.get(sign, ()))
        found = {at for at in maybe if self.entries[at].is_related(of)}
        if kind == "location" and self._by_house:
            place = place_of(data)
            for at in {at for house in place for at in self._by_house.get(house, ())}:
                if place & self.entries[at].postals:
                    found.add(at)
        return frozenset(found)


class _Marks:
    """Which records lose their places (``places``), and which hold values to take out (``secrets``)."""

    def __init__(self, records: Records, index: _Index, hits: Mapping[str, frozenset[int]]) -> None:
        self._records, self._entries = records, index.entries
        self.places: set[str] = set()
        self.secrets: dict[str, frozenset[str]] = {}
        for row in records.where("id", sorted(hits)):
            self._look(row, [self._entries[at] for at in sorted(hits[row.id])])

    def _look(self, row: Staged, entries: list[Entry]) -> None:
        circle = [row, *(one for one in neighbours(self._records, row)[:CIRCLE] if one.id != row.id)]
        data = {one.id: orjson.loads(one.data) for one in circle if one.data is not None}
        self._values(circle, data, entries)
        if row.kind in ("service", "organization"):
            own = about(data.get(row.id, {}))
            if any(self._is_the_same(one, row, own, circle, data) for one in entries if one.is_the_same(own.names)):
                self.places.add(row.id)

    def _values(self, circle: Sequence[Staged], data: Mapping[str, Any], entries: Sequence[Entry]) -> None:
        wanted = frozenset().union(*(one.values for one in entries))
        sizes: frozenset[Size] = frozenset().union(*(one.sizes for one in entries))
        for one in circle:
            if one.data is None:
                continue
            found = values_in(data[one.id], sizes)
            secrets = frozenset(found[key] for key in wanted & found.keys())
            if secrets:
                self.secrets[one.id] = self.secrets.get(one.id, frozenset()) | secrets
            if one.kind != "location":
                continue
            is_numbered = any(is_numbered_street(secret) for secret in secrets)
            if is_numbered or any(is_at(data[one.id], each) for each in entries):
                self.places.add(one.id)

    @staticmethod
    def _is_the_same(one: Entry, row: Staged, own: About, circle: Sequence[Staged], data: Mapping[str, Any]) -> bool:
        """Whether something else agrees than the name: a phone, a link, a place, or the organization of a shelter."""
        signs = set(own.signs)
        links = [other for other in circle if other.service == row.id]
        places = {link.location for link in links}
        for other in circle:
            if other.id in {row.organization, *places} or other in links:
                signs |= about(data.get(other.id, {})).signs
            if other.id in places or (row.kind == "organization" and other.organization == row.id):
                found = data.get(other.id, {})
                if other.kind == "location" and (one.has_place(place_of(found)) or is_at(found, one)):
                    return True
        if one.signs & signs:
            return True
        owners = about(data.get(row.organization or "", {}))
        return one.shelter and any(set(name) == set(other) for name in one.owners for other in owners.names)


def _mark(records: Records, row: Staged, place: bool, secrets: frozenset[str], prepare: Prepare) -> bool:
    """Let a record withhold its place, or some values; whether there was anything to withhold."""
    record, findings = opened(row, prepare)
    if record is None:
        return False
    own = orjson.loads(row.secrets) if row.secrets else []
    if not place and secrets <= set(own):
        return False
    clean, more = privacy.redact(record, secrets)
    told = [one for one in more if one.rule == "privacy.repeated-value"]
    kept = privacy.redact_findings([*findings, *told], [*own, *secrets])
    row.withholds = row.withholds or place
    stage(records, row, clean, kept, tuple(sorted({*own, *secrets})))
    return True
