"""Children in tables: rows that name their parent, kept in the staging file until the parent is given."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from footbridge.directory.packed_json import as_json
from footbridge.directory.readers import shapes
from footbridge.directory.readers.hsds_copies import KINDS
from footbridge.directory.readers.hsds_names import HsdsNames
from footbridge.directory.readers.hsds_types import snake
from footbridge.directory.readers.lookups import Lookups
from footbridge.directory.readers.staging import CoreObject, Staging, derived_id
from footbridge.directory.records import FOUND_LENGTH, Finding, Kind

_BATCH: Final = 5_000
_ELIGIBILITY: Final = "eligibility"
_SCHEMA: Final = """
CREATE TABLE child (n INTEGER PRIMARY KEY, parent TEXT, id TEXT, type TEXT, own TEXT, data BLOB, path TEXT,
    line INTEGER);
CREATE TABLE place (service TEXT, location TEXT);
"""
_LEFT: Final = "SELECT id, type, path, line FROM child WHERE parent = :parent AND NOT EXISTS ({}) ORDER BY n"
_CORE: Final = "SELECT 1 FROM copy WHERE copy.kind = :kind AND copy.id = child.id"
_CHILD: Final = "SELECT 1 FROM child AS other WHERE other.type = :parent AND other.own = child.id"


class Children:
    """The children of one source, by their parents: core objects, or contacts and phones."""

    def __init__(self, staging: Staging, names: HsdsNames) -> None:
        self.staging, self.names = staging, names
        self._lookups = Lookups(staging)
        self._rows: list[tuple[Any, ...]] = []
        self._parents: set[str] = set()  # types that have children
        self._ready = False
        staging.sql.executescript(_SCHEMA + "BEGIN;")

    def add(self, kind: str, data: dict[str, Any], cells: Mapping[str, str], path: str, line: int) -> None:
        """Take a child; it goes to each parent that its row names."""
        parents = list(self._named(cells))
        for member in self.names.table["parents"]:
            data.pop(member, None)
        self.attach(self.names.table["objects"][kind].get("is", kind), data, parents, path, line)

    def attach(self, kind: str, data: dict[str, Any], parents: Sequence[tuple[str, str]], path: str, line: int) -> None:
        """Take a child of these parents, each by its type and id."""
        if kind == "address" and parents and all(parent[0] != "location" for parent in parents):
            self._place_of_organization(data, parents, path, line)
            return
        if not parents:
            self.names.tally.add("hsds.child-without-parent", kind, path, line)
        if kind == "address":  # a table names the owner of the location beside it
            parents = [parent for parent in parents if parent[0] == "location"]
        packed = as_json(data, option=orjson.OPT_SORT_KEYS, default=str)
        for parent, native_id in parents:
            self._rows.append((parent, native_id, kind, data.get("id"), packed, path, line))
            self._parents.add(parent)
        if len(self._rows) >= _BATCH:
            self._flush()

    def add_eligibility(self, cells: Mapping[str, str], path: str, line: int) -> None:
        """Take a row of HSDS 1.x and 2.x that says who may use a service: it becomes members of the service."""
        parents = [parent for parent in self._named(cells) if parent[0] == "service"]
        if not parents:
            self.names.tally.add("hsds.child-without-parent", _ELIGIBILITY, path, line)
        given = {snake(name): cell for name, cell in cells.items()}
        data = self.names.read("service", {"eligibility": given}, path).data
        packed = as_json(data, option=orjson.OPT_SORT_KEYS)
        self._rows.extend((*parent, _ELIGIBILITY, None, packed, path, line) for parent in parents)
        self._parents.update(parent[0] for parent in parents)

    def note_place(self, joined: Mapping[str, Any]) -> None:
        """Remember where a service is given, for one that names no organization: its place's is meant."""
        self.staging.sql.execute("INSERT INTO place VALUES (?, ?)", (joined["service_id"], joined["location_id"]))

    def complete(self, kind: Kind, native_id: str, data: dict[str, Any]) -> None:
        """Put its children into a record, and what it refers to."""
        if not self._ready:
            self._flush()
            self.staging.sql.execute("CREATE INDEX child_parent ON child (parent, id)")
            self.staging.sql.execute("CREATE INDEX child_own ON child (type, own) WHERE own IS NOT NULL")
            self.staging.sql.execute("CREATE INDEX place_service ON place (service)")
            self._ready = True
        self._attach(kind, native_id, data)
        if kind == "service" and "organization_id" not in data:
            self._organization(native_id, data)
        if kind == "location":
            shapes.guard_location(data)
        self._lookups.complete(kind, native_id, data)

    def left(self) -> Iterator[Finding]:
        """Children whose parent is not there."""
        if not self._ready:
            return
        for parent in sorted(self._parents):
            kind = next((at for at, each in enumerate(KINDS) if each == parent), None)
            left = _LEFT.format(_CHILD if kind is None else _CORE)
            rows = self.staging.sql.execute(left, {"parent": parent, "kind": kind})
            for native_id, child, path, line in rows:
                member = f"{child}.{parent}_id"
                yield Finding("hsds.child-orphan", path, line, member=member, found=native_id[:FOUND_LENGTH])

    def _attach(self, parent: str, native_id: str, data: dict[str, Any]) -> None:
        if parent not in self._parents:
            return
        spec = self.names.types[parent]
        members = {kind: member for member, kind in reversed(list(spec.lists.items()))}
        rows = self.staging.sql.execute(
            "SELECT type, data FROM child WHERE parent = ? AND id = ? GROUP BY type, data ORDER BY min(n)",
            (parent, native_id),
        ).fetchall()
        own = {(member, each.get("id")) for member in members.values() for each in data.get(member, ()) if "id" in each}
        for kind, packed in rows:
            child = orjson.loads(packed)
            if kind == _ELIGIBILITY:
                self._eligible(child, data)
                continue
            member = members.get(kind, f"{kind}s")
            if (member, child.get("id")) in own:
                continue  # a cell of the parent's row has it already
            if "id" in child:
                self._attach(kind, child["id"], child)
            if kind == "service_capacity" and "unit" not in child and "unit_id" in child:
                unit = self.staging.look_up("unit", child["unit_id"])
                child |= {"unit": unit} if unit else {}
            data.setdefault(member, []).append(child)

    def _eligible(self, child: Mapping[str, Any], data: dict[str, Any]) -> None:
        for name, value in child.items():
            if name == "eligibility_description" and name in data and value not in str(data[name]):
                data[name] = f"{data[name]}\n{value}"
            else:
                data.setdefault(name, value)

    def _organization(self, service: str, data: dict[str, Any]) -> None:
        row = self.staging.sql.execute(
            "SELECT copy.data FROM place JOIN copy ON copy.kind = ? AND copy.id = place.location"
            " WHERE place.service = ? ORDER BY copy.n LIMIT 1", (KINDS.index("location"), service),
        ).fetchone()  # fmt: skip
        found = orjson.loads(row[0]).get("organization_id") if row else None
        if found:
            data["organization_id"] = found

    def _place_of_organization(
        self, data: dict[str, Any], parents: Sequence[tuple[str, str]], path: str, line: int
    ) -> None:
        """An address that names no location: HSDS 1.x lets it stand for an organization, which then has a place."""
        for parent, native_id in parents:
            if parent != "organization":
                self.names.tally.add("hsds.child-without-parent", "address", path, line)
                continue
            location = {"organization_id": native_id, "addresses": [data]}
            location |= {"location_type": data["address_type"]} if "address_type" in data else {}
            identity = {"address_1": str(data.get("address_1", "")), "organization": native_id}
            own = derived_id("location", identity, location)
            self.staging.add(CoreObject("location", own, {**location}, identity, 0, path, line, derived=True))

    def _named(self, cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The parents that a row names, by its columns."""
        given = {snake(name): cell.strip() for name, cell in cells.items()}
        seen = set()
        for member, parent in self.names.table["parents"].items():
            if given.get(member) and parent not in seen:
                seen.add(parent)
                yield parent, given[member]
        if seen:
            return
        for kind_member, id_member in self.names.table["links"]:
            kind = snake(given.get(kind_member, "")).removesuffix("s")
            if given.get(id_member) and kind in self.names.types:
                yield kind, given[id_member]
                return

    def _flush(self) -> None:
        self.staging.sql.executemany(
            "INSERT INTO child (parent, id, type, own, data, path, line) VALUES (?, ?, ?, ?, ?, ?, ?)", self._rows
        )
        self._rows = []
