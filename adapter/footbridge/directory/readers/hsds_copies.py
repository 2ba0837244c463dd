"""Records out of the staged copies of core objects (``staging``): each once, its references pointing to what they mean.

It only reads the file, so that several processes can, each a part of it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson

from footbridge.directory.readers.tally import Tally
from footbridge.directory.records import FOUND_LENGTH, Finding, Kind, Record

KINDS: Final[tuple[Kind, ...]] = ("organization", "location", "service", "service_at_location")
REFERENCES: Final[Mapping[str, Kind]] = {
    "organization_id": "organization", "parent_organization_id": "organization", "service_id": "service",
    "location_id": "location",
}  # fmt: skip
Complete = Callable[[Kind, str, dict[str, Any]], None]
_LAST: Final = 2**63 - 1
_NEAR: Final = 2_000  # objects that are remembered


class Copies:
    """The staged copies.

    Attributes:
        kinds: positions in ``KINDS`` of those that the source has.
        has_split: whether an id means several objects somewhere.
    """

    def __init__(self, sql: sqlite3.Connection, tally: Tally, kinds: frozenset[int], *, has_split: bool) -> None:
        self.sql, self.tally, self.kinds, self.has_split = sql, tally, kinds, has_split
        self._near: dict[str, int] = {}  # native ids, and the kind of what was given or found under it last

    def look_up(self, type_name: str, native_id: object) -> dict[str, Any] | None:
        """What others refer to, by its id."""
        row = self.sql.execute(
            "SELECT data FROM lookup WHERE type = ? AND id = ?", (type_name, str(native_id))
        ).fetchone()
        return orjson.loads(row[0]) if row else None

    def has(self, kind: Kind, native_id: str) -> bool:
        """Whether an object with this id was taken."""
        position = KINDS.index(kind)
        if self._near.get(native_id) == position:
            return True
        found = self.sql.execute(
            "SELECT 1 FROM copy WHERE kind = ? AND id = ? LIMIT 1", (position, native_id)
        ).fetchone()
        if found is not None:
            self._note(position, native_id)
        return found is not None

    def _note(self, kind: int, native_id: str) -> None:
        """Remember that an object is there: most references lead to what stands beside them."""
        if len(self._near) >= _NEAR:
            self._near.clear()
        self._near[native_id] = kind

    def records(self, complete: Complete, first: int = 0, last: int = _LAST) -> Iterator[tuple[int, Record | Finding]]:
        """Each record once, in the order of the source, its findings before it, each with the number of its copy.

        Args:
            complete: adds what belongs to a record.
            first: number of the first copy that is given.
            last: number of the last one.
        """
        rows = self.sql.execute(
            "SELECT copy.n, copy.kind, copy.id, coalesce(joined.digest, copy.digest), copy.derived, copy.path,"
            " copy.line, coalesce(joined.data, copy.data), joined.n, joined.native_id, joined.findings"
            " FROM copy LEFT JOIN joined ON joined.n = copy.n WHERE copy.n BETWEEN ? AND ? ORDER BY copy.n",
            (first, last),
        )
        for at, kind, own, digest, derived, path, line, data, n, native_id, findings in rows:
            if n is not None and native_id is None:
                continue  # a copy that went into another
            self._note(kind, own)
            name = KINDS[kind]
            made: dict[str, Any] = orjson.loads(data)
            if derived and name == "service_at_location" and self._stated(made):
                continue
            where = (path, line, name, native_id or own)
            for rule, member, found in orjson.loads(findings) if findings else ():
                yield at, Finding(rule, *where, member=member, found=found)
            if derived and name != "service_at_location":
                yield at, Finding("hsds.no-id", *where, done=native_id or own)
            for finding in self._refer(made, (kind, own, digest), where):
                yield at, finding
            complete(name, own, made)
            made["id"] = native_id or own
            yield at, Record(name, native_id or own, made, path, line)

    def _stated(self, data: Mapping[str, Any]) -> bool:
        """Whether the source itself joins this service and location, perhaps to say that it is no longer so."""
        pair = (data.get("service_id"), data.get("location_id"))
        return self.sql.execute("SELECT 1 FROM pair WHERE service = ? AND location = ?", pair).fetchone() is not None

    def _refer(
        self,
        data: dict[str, Any],
        copy: tuple[int, str, bytes],
        where: tuple[str, int | None, Kind, str],
    ) -> Iterator[Finding]:
        """Point each reference to the record that it means; one that means nothing stays, with a finding."""
        for member, kind in REFERENCES.items():
            target = data.get(member)
            if not isinstance(target, str):
                continue
            position = KINDS.index(kind)
            if position not in self.kinds:
                self.tally.add("hsds.nothing-referred", f"{where[2]}.{member}", where[0])
            elif not self.has(kind, target):
                yield Finding("hsds.orphan", *where, member=member, found=target[:FOUND_LENGTH])
            elif self.has_split:
                chosen = self._meant(position, target, copy)
                if chosen is None:
                    yield Finding("hsds.ambiguous", *where, member=member, found=target[:FOUND_LENGTH])
                elif chosen != target:
                    data[member] = chosen

    def _meant(self, kind: int, target: str, copy: tuple[int, str, bytes]) -> str | None:
        """The id that a reference of this copy has now, in the documents where it stands; None: it could be several."""
        split = "SELECT 1 FROM split WHERE kind = ? AND id = ? LIMIT 1"
        if self.sql.execute(split, (kind, target)).fetchone() is None:
            return target
        rows = self.sql.execute(
            "SELECT own.scope, count(DISTINCT split.native_id), min(split.native_id) FROM seen AS own"
            " JOIN seen AS other ON other.scope = own.scope AND other.kind = ? AND other.id = ?"
            " JOIN split ON split.kind = other.kind AND split.id = other.id AND split.digest = other.digest"
            " WHERE own.kind = ? AND own.id = ? AND own.digest = ? GROUP BY own.scope",
            (kind, target, *copy),
        ).fetchall()
        return min((row[2] for row in rows if row[1] == 1), default=None)
