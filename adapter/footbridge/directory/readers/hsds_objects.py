"""Core objects out of one document: one object with those that stand in it, or several side by side.

Objects in objects become objects of their own that name each other by id; a service with locations gets a service at
location for each. An object without an id gets one from what it is. Which members hold what is in the table
``mappings/directory/hsds-aliases.json``.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from footbridge.directory.readers import shapes
from footbridge.directory.readers.copies import Copy, cluster, merged
from footbridge.directory.readers.hsds_names import DEPTH, HsdsNames
from footbridge.directory.readers.hsds_types import Relation
from footbridge.directory.readers.refused import refused
from footbridge.directory.readers.shapes import Json
from footbridge.directory.readers.staging import CoreObject, derived_id
from footbridge.directory.records import FOUND_LENGTH, Finding

_JOINED: Final = "service_at_location"
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
_BETWEEN_ASCII_WORDS: Final = {code: None for code in range(128) if not chr(code).isalnum()}
_PLACE: Final = ("address_1", "city", "postal_code")
Check = Callable[[str, Any, str, int | None], Iterator[Finding]]


class Place:
    """Where a value stands."""

    def __init__(self, path: str, line: int | None, stem: str) -> None:
        self.path, self.line, self.stem = path, line, stem

    def inside(self, part: str) -> "Place":
        """The place of a member or item."""
        return Place(f"{self.path}/{part}", self.line, self.stem)


class DocumentReading:
    """The objects of one document, and what each is, by its id."""

    def __init__(self, names: HsdsNames, scope: int, place: Place, check: Check | None = None) -> None:
        self.names, self.scope, self.place, self._check = names, scope, place, check
        self._parts: Mapping[str, Any] = names.table["documents"]
        self._found: list[CoreObject] = []
        self._findings: list[Finding] = []
        self._identities: dict[tuple[str, str], Mapping[str, str]] = {}
        self._stated: set[tuple[str, str]] = set()  # service and location, joined by the source itself
        self._is_addressed = False  # the root is an organization with an address, and no location

    def result(self) -> Iterator[CoreObject | Finding]:
        """The objects, each once; each pair of a service and a location too."""
        pairs: set[tuple[str, str]] = set()
        for item in self._merged():
            if item.kind == _JOINED and item.derived:
                pair = (str(item.data.get("service_id")), str(item.data.get("location_id")))
                if pair in self._stated or pair in pairs:
                    continue
                pairs.add(pair)
            if item.kind == _JOINED:
                item.identity = self._joined_identity(item.data)
            yield item
        yield from self._findings

    def _merged(self) -> list[CoreObject]:
        """The objects, with the copies of one id made one."""
        groups: dict[tuple[str, str], list[CoreObject]] = {}
        for item in self._found:
            groups.setdefault((item.kind, item.native_id), []).append(item)
        if len(groups) == len(self._found):
            return self._found
        return [item for items in groups.values() for item in (items if len(items) == 1 else self._one(items))]

    def _one(self, items: list[CoreObject]) -> Iterator[CoreObject]:
        copies = [
            Copy(at, 0, repr(item.data).encode(), dict(item.identity), item.data) for at, item in enumerate(items)
        ]
        copies.sort(key=lambda copy: (-len(copy.digest), copy.digest))
        apart = items[0].derived and items[0].kind == "service"
        for group in [] if apart else cluster(copies, one=False, apart=False):
            data, differing = merged(group.copies)
            first = items[min(copy.n for copy in group.copies)]
            where = (first.path, first.line, first.kind, first.native_id)
            found = ((name, None if value is None else str(value)[:FOUND_LENGTH]) for name, value in differing)
            self._findings.extend(
                Finding("hsds.copies-differ", *where, member=name, found=text) for name, text in found
            )
            self._identities[first.kind, first.native_id] = group.identity
            yield replace(first, data=data, identity=group.identity)
        yield from items if apart else ()

    def root(self, kind: str, value: Json, path: str, refers: Mapping[str, str] | None = None) -> str | None:
        """Take a core object that stands in no other, unless it breaks its schema in strict mode."""
        broken = list(self._check(kind, value, path, self.place.line)) if self._check else []
        if not broken:
            own = self.core(kind, value, path, refers)
            if self._is_addressed:
                self._assume_location()
            return own
        self._findings.extend((*broken, *refused(kind, value, path, self.place.line)))
        return None

    def core(
        self, kind: str, value: Json, path: str, refers: Mapping[str, str] | None = None, depth: int = 0
    ) -> str | None:
        """Take one core object and those in it; return its id. A bare id, or an object with only that, refers."""
        if not isinstance(value, dict):
            return self._bare(kind, value, path)
        if depth > DEPTH:
            self.names.tally.add("hsds.too-deep", kind, path)
            return None
        named = self.names.read(kind, value, path)
        data = named.data
        for member, target in (refers or {}).items():
            data.setdefault(member, target)
        for relation, inner in named.related:
            if relation.refers:
                self._referred(relation, inner, data, path, depth)
        own = data.get("id")
        if set(data) <= {"id"} and not named.related:
            return own
        if kind == "location":
            shapes.guard_location(data)
        identity = self._identity(kind, data)
        derived = own is None
        if own is None:
            joins = kind == _JOINED and {"service_id", "location_id"} <= data.keys()
            own = f"{data['service_id']}@{data['location_id']}" if joins else derived_id(kind, identity, data)  # type: ignore[arg-type]
        elif kind == _JOINED and {"service_id", "location_id"} <= data.keys():
            self._stated.add((data["service_id"], data["location_id"]))
        self._identities.setdefault((kind, own), identity)
        self._take(kind, own, data, identity, path, derived=derived)
        for relation, inner in named.related:
            if not relation.refers:
                self._children(relation, inner, (kind, own), data.get("organization_id"), path, depth)
        return own

    def bundle(self, value: Mapping[str, Any]) -> None:
        """Take organizations, locations and services that stand beside each other."""
        parts = self._parts
        rows = self._rows(value)
        value = self._to_owners(value, rows)
        self._distribute(value, rows)
        self._name_organization(rows)
        parents: list[str] = []
        for kind in ("organization", "location", "service", _JOINED):
            refers = {"organization_id": parents[0]} if len(parents) == 1 and kind in {"location", "service"} else {}
            for name, at, item in rows[kind]:
                own = self.root(kind, item, f"{self.place.path}/{name}/{at}", refers)
                if kind == "organization" and own is not None:
                    parents.append(own)
        self._assume_location()
        unread = [name for name in parts["besides"] if name in value and not shapes.empty(value[name])]
        if unread and len(rows["organization"]) != 1:
            self._findings.append(Finding("hsds.unattached", self.place.path, self.place.line, found=", ".join(unread)))

    def _rows(self, value: Mapping[str, Any]) -> dict[str, list[tuple[str, int, Any]]]:
        rows: dict[str, list[tuple[str, int, Any]]] = {"organization": [], "location": [], "service": [], _JOINED: []}
        for name in sorted(set(value) & set(self._parts["containers"])):
            items = value[name] if isinstance(value[name], list) else [value[name]]
            kind = self._parts["containers"][name]
            rows[kind].extend((name, at, item) for at, item in enumerate(items) if not shapes.empty(item))
        return rows

    def _to_owners(self, value: Mapping[str, Any], rows: dict[str, list[tuple[str, int, Any]]]) -> Mapping[str, Any]:
        """Put rows of tables that stand beside the objects into the object that they name by its id.

        Gives what is left: rows that name none, or one that is not there.
        """
        tables, parents = self.names.table["tables"], self.names.table["parents"]
        left = dict(value)
        for table in sorted(set(value) - set(self._parts["containers"])):
            about = tables.get(table, {})
            if not isinstance(value[table], list) or not ("type" in about or "eligibility" in about):
                continue
            rest = [row for row in value[table] if not _owned(row, table, rows, parents)]
            if len(rest) < len(value[table]):
                left[table] = rest
            if rest and table not in self._parts["besides"] and table not in self._parts["lookups"]:
                place = f"{self.place.path}/{table}"
                self._findings.append(Finding("hsds.unattached", place, self.place.line, found=f"{table}: {len(rest)}"))
        return left

    def _distribute(self, value: Mapping[str, Any], rows: dict[str, list[tuple[str, int, Any]]]) -> None:
        """Put phones and the like that stand beside a single organization into it."""
        if len(rows["organization"]) != 1 or not isinstance(rows["organization"][0][2], Mapping):
            return
        name, at, item = rows["organization"][0]
        added = dict(item)
        for beside, member in self._parts["besides"].items():
            given = value.get(beside)
            if not shapes.empty(given):
                present = added.get(member) or []
                present = present if isinstance(present, list) else [present]
                added[member] = [*present, *(given if isinstance(given, list) else [given])]
        rows["organization"] = [(name, at, added)]

    def _name_organization(self, rows: dict[str, list[tuple[str, int, Any]]]) -> None:
        """Give a single organization without an id the one by which all others name theirs."""
        others = [item for kind in ("location", "service") for _, _, item in rows[kind] if isinstance(item, dict)]
        named = {shapes.native_id(item["organization_id"]) for item in others if "organization_id" in item}
        if len(rows["organization"]) == 1 and len(named) == 1 and None not in named:
            name, at, item = rows["organization"][0]
            if isinstance(item, dict) and shapes.empty(item.get("id")):
                rows["organization"] = [(name, at, {**item, "id": named.pop()})]

    def _assume_location(self) -> None:
        """Give services that name no place the only place of their document, with a finding."""
        places = [item.native_id for item in self._found if item.kind == "location"]
        placed = {item.data.get("service_id") for item in self._found if item.kind == _JOINED}
        if len(set(places)) != 1:
            return
        for item in [item for item in self._found if item.kind == "service" and item.native_id not in placed]:
            self._join(item.native_id, places[0], item.path)
            where = (item.path, item.line, item.kind, item.native_id)
            self._findings.append(Finding("hsds.location-assumed", *where, done=places[0]))

    def _bare(self, kind: str, value: Json, path: str) -> str | None:
        native_id = shapes.native_id(value)
        if native_id is None:
            self.names.tally.add("hsds.not-an-object", f"{kind}: {shapes.type_name(value)}", path)
        return native_id

    def _referred(self, relation: Relation, value: Json, data: dict[str, Any], path: str, depth: int) -> None:
        items = value if isinstance(value, list) else [value]
        for at, item in enumerate(items):
            given = item if isinstance(item, dict) else {"id": item}
            own = self.core(
                relation.kind, given, f"{path}/{relation.member}" + (f"/{at}" if at else ""), depth=depth + 1
            )
            if own is not None and relation.refers:
                data.setdefault(relation.refers, own)

    def _children(
        self, relation: Relation, value: Json, parent: tuple[str, str], organization: str | None, path: str, depth: int
    ) -> None:
        """Take the core objects in another; a service in a location is of the location's organization."""
        for at, item in enumerate(value if isinstance(value, list) else [value]):
            if shapes.empty(item):
                continue
            given = self._as_location(item, relation) if relation.address_only else item
            self._is_addressed = self._is_addressed or (relation.address_only and parent[0] == "organization")
            refers = {relation.back: parent[1]} if relation.back else {}
            if organization is not None and relation.kind in {"location", "service"}:
                refers["organization_id"] = organization
            own = self.core(relation.kind, given, f"{path}/{relation.member}/{at}", refers, depth + 1)
            if relation.joined and own is not None:
                service, location = (parent[1], own) if parent[0] == "service" else (own, parent[1])
                self._join(service, location, path)

    def _as_location(self, item: Json, relation: Relation) -> Json:
        """A location that has this address, and its id."""
        if not isinstance(item, dict):
            return {"addresses": [{"address_1": item}]}
        apart = ("id", "coordinates", "latitude", "longitude", "location_type")
        address = {name: inner for name, inner in item.items() if name not in {*apart, "locations"}}
        given: dict[str, Any] = {**relation.constants, "addresses": [address]}
        for name in apart:
            if name in item:
                given[name] = item[name]
        return given

    def _join(self, service: str, location: str, path: str) -> None:
        data = {"service_id": service, "location_id": location}
        self._take(_JOINED, f"{service}@{location}", data, {}, path, derived=True)

    def _take(
        self, kind: str, own: str, data: dict[str, Any], identity: Mapping[str, str], path: str, *, derived: bool
    ) -> None:
        item = CoreObject(kind, own, data, identity, self.scope, path, self.place.line, derived)  # type: ignore[arg-type]
        self._found.append(item)

    def _identity(self, kind: str, data: Mapping[str, Any]) -> dict[str, str]:
        organization = self._identities.get(("organization", str(data.get("organization_id"))), {})
        return identity_of(kind, data, organization.get("name"))

    def _joined_identity(self, data: Mapping[str, Any]) -> dict[str, str]:
        parts = identity_of(_JOINED, data)
        for kind in ("service", "location"):
            for name, value in self._identities.get((kind, str(data.get(f"{kind}_id"))), {}).items():
                parts[f"{kind}-{name}"] = value
        return parts


def identity_of(kind: str, data: Mapping[str, Any], organization: str | None = None) -> dict[str, str]:
    """What an object is, as far as it says: its name, its place, its organization's name; folded, for comparison."""
    found = {"name": _folded(data.get("name"))}
    if kind == "service" and not found["name"]:
        found["name"] = _folded(data.get("description"))[:200]
    if kind == "location":
        addresses = data.get("addresses") or [{}]
        first = addresses[0] if isinstance(addresses[0], Mapping) else {}
        found |= {name: _folded(first.get(name)) for name in _PLACE}
    if organization and (kind == "service" or (kind == "location" and not (found["name"] or found["address_1"]))):
        found["organization"] = organization
    if kind == _JOINED:
        found |= {name: str(data.get(f"{name}_id", "")) for name in ("service", "location")}
    return {name: value for name, value in found.items() if value}


def _folded(value: Json) -> str:
    text = str(value if value is not None else "").casefold()
    if not text.isascii():
        text = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
        return _BETWEEN_WORDS.sub("", text)
    return text.translate(_BETWEEN_ASCII_WORDS)


def _owned(row: Json, table: str, rows: dict[str, list[tuple[str, int, Any]]], parents: Mapping[str, str]) -> bool:
    """Put one row of a table into the object that it names, the nearest of several; whether there is one."""
    if not isinstance(row, dict):
        return False
    for kind in (_JOINED, "service", "location", "organization"):
        named = {shapes.native_id(row[key]) for key, owner in parents.items() if owner == kind and key in row} - {None}
        for at, (name, number, item) in enumerate(rows[kind] if named else ()):
            if isinstance(item, dict) and shapes.native_id(item.get("id")) in named:
                present = item.get(table) or []
                given = [*(present if isinstance(present, list) else [present]), row]
                rows[kind][at] = (name, number, {**item, table: given})
                return True
    return False
