"""Documents of a source, whatever their root is: an object, a list, a page, a wrapper, or several objects side by side.

Which members hold what is in the table ``mappings/directory/hsds-aliases.json``, under ``documents``.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from footbridge.directory.readers import shapes
from footbridge.directory.readers.hsds_documents import Document
from footbridge.directory.readers.hsds_names import DEPTH, HsdsNames
from footbridge.directory.readers.hsds_objects import Check, DocumentReading, Place
from footbridge.directory.readers.hsds_types import snake, table, types
from footbridge.directory.readers.shapes import Json
from footbridge.directory.readers.staging import CoreObject
from footbridge.directory.records import Finding

_JOINED: Final = "service_at_location"
SCOPES: Final = 24  # bits for the scopes of one document
AddLookup = Callable[[str, str, Mapping[str, Any]], None]


class _Sets(NamedTuple):
    """Names of the table, as sets: members that hint at a type, and those of the three types; others of documents."""

    hints: Mapping[str, frozenset[str]]
    members: frozenset[str]
    containers: frozenset[str]
    about: frozenset[str]


@functools.cache
def _sets() -> _Sets:
    parts = table()["documents"]
    members = frozenset().union(*(types()[kind].members for kind in ("organization", "service", "location")))
    hints = {kind: frozenset(names) for kind, names in parts["hints"].items()}
    return _Sets(hints, members, frozenset(parts["containers"]), frozenset(parts["about"]))


@functools.lru_cache(maxsize=64)
def _kind_by_name(stem: str) -> str | None:
    row = table()["tables"].get(stem, {})
    longest: Sequence[str] = sorted(table()["documents"]["hints"], key=len, reverse=True)
    return row.get("core") or row.get("lookup") or next((kind for kind in longest if stem.startswith(kind)), None)


class Flattener:
    """Reads documents of one source.

    ``add_lookup`` takes taxonomy terms and the like, which are no records. ``check`` says what breaks the schema of an
    object; one that breaks it is left out.
    """

    def __init__(self, names: HsdsNames, add_lookup: AddLookup, check: Check | None = None) -> None:
        self.names = names
        self.check = check
        self.documents: Mapping[str, Any] = names.table["documents"]
        self._add_lookup = add_lookup
        self._scope = 0

    def read(self, document: Document, value: Json) -> Iterator[CoreObject | Finding]:
        """The core objects of a document, parsed, and what was found where it holds none."""
        self._scope = document.number << SCOPES
        place = Place(f"{document.file}#{document.pointer}", document.line, document.stem)
        self.names.line = document.line
        if document.container in self.documents["containers"]:
            reading = DocumentReading(self.names, -1 - document.file_number, place, self.check)
            reading.root(self.documents["containers"][document.container], value, place.path)
            yield from reading.result()
        elif document.container in self.documents["lookups"]:
            self._lookup(self.documents["lookups"][document.container], value, place)
        else:
            yield from self._root(value, place, depth=document.depth)

    def apart(self, document: Document) -> Iterator[Document]:
        """A list, or a page with one, as a document for each item; everything else is one."""
        value, pointer = document.value, document.pointer
        if document.text is not None or document.container in self.documents["containers"]:
            yield document
            return
        if isinstance(value, dict) and document.container is None:
            name = self._inner(value)
            if name in self.documents["envelopes"]:
                value, pointer = value[name], f"{pointer}/{name}"
        if not isinstance(value, list) or document.container is not None:
            yield document
            return
        depth = document.depth + 1 + (pointer != document.pointer)
        for at, item in enumerate(value):
            yield document._replace(value=item, pointer=f"{pointer}/{at}", depth=depth)

    def kind_of(self, value: Mapping[str, Any], stem: str) -> str | None:
        """The type of a single object, by the members that only one type has, else by the file's name."""
        names = {str(name) for name in value}
        if not names & {"name", "service_name"} and ({"service_id", "location_id"} <= names or _is_join(value)):
            return _JOINED
        stated = str(value.get("type") or value.get("@type") or "")
        if snake(stated) in self.documents["hints"]:
            return snake(stated)
        scores = {kind: len(names & hints) for kind, hints in _sets().hints.items()}
        most = max(scores.values())
        best: list[str] = [kind for kind, score in scores.items() if score == most]
        named = self.kind_by_name(stem)
        if named and (most == 0 or named in best):
            return named
        if most == 0:
            return "organization" if {"name", "description"} <= names else None
        return best[0]

    def kind_by_name(self, stem: str) -> str | None:
        """The type that the name of a file says."""
        return _kind_by_name(stem)

    def _next_scope(self) -> int:
        self._scope += 1
        return self._scope

    def _root(
        self, value: Json, place: Place, scope: int | None = None, depth: int = 0
    ) -> Iterator[CoreObject | Finding]:
        """What one value holds; items of a list and of a page are documents of their own, what is wrapped is one."""
        if depth > DEPTH:
            yield Finding("hsds.too-deep", place.path, place.line)
            return
        if isinstance(value, list):
            for at, item in enumerate(value):
                yield from self._root(item, place.inside(str(at)), scope, depth + 1)
            return
        if not isinstance(value, dict):
            yield Finding("hsds.not-an-object", place.path, place.line, found=shapes.type_name(value))
            return
        inner = self._inner(value)
        if inner is not None:
            wrapped = inner not in self.documents["envelopes"]
            own = (scope or self._next_scope()) if wrapped else scope
            yield from self._root(value[inner], place.inside(inner), own, depth + 1)
            return
        if not self._about_only(value):
            reading = DocumentReading(self.names, scope or self._next_scope(), place, self.check)
            if self._is_bundle(value):
                self._lookups(value, place)
                self._count_unknown(value, place)
                reading.bundle(value)
            else:
                yield from self._single(value, place, reading)
            yield from reading.result()

    def _single(self, value: Mapping[str, Any], place: Place, reading: "DocumentReading") -> Iterator[Finding]:
        table = self.names.table["tables"].get(place.stem, {})
        if "type" in table and not {"name", "service_name"} & set(value) and not _is_join(value):
            # A row of a table, in a file of its own: what it belongs to stands in another document.
            self.names.tally.add("hsds.table-alone", place.stem, place.path, place.line)
            return
        kind = self.kind_of(value, place.stem)
        if kind is None:
            yield Finding("hsds.unknown-object", place.path, place.line, found=", ".join(sorted(map(str, value)))[:200])
        elif kind in {"taxonomy", "taxonomy_term", "program"}:
            self._lookup(kind, value, place)
        else:
            reading.root(kind, value, place.path)

    def _count_unknown(self, value: Mapping[str, Any], place: Place) -> None:
        """Count members beside the objects of a document that are read nowhere."""
        parts = self.documents
        known = {*parts["containers"], *parts["about"], *parts["besides"], *parts["lookups"], *parts["envelopes"]}
        for name in sorted(set(value) - known - set(self.names.table["tables"])):
            self.names.tally.add("hsds.unknown-member", f"document.{name}"[:200], place.path, place.line)

    def _about_only(self, value: Mapping[str, Any]) -> bool:
        """Whether it only describes the feed: GET / of an API, an empty page."""
        names = set(value)
        pages = any(name in value for name in self.documents["envelopes"])
        return pages or names <= {"id"} or ("openapi_url" in names and "name" not in names)

    def _inner(self, value: Mapping[str, Any]) -> str | None:
        """The member that holds the objects, of a page or of a wrapper."""
        for name in self.documents["envelopes"]:
            if isinstance(value.get(name), list) and "name" not in value:
                return str(name)
        rest = set(value) - _sets().about
        for name in self.documents["wrappers"]:
            if rest == {name} or (name == "result" and name in value and rest == {name}):
                return str(name)
        return None

    def _is_bundle(self, value: Mapping[str, Any]) -> bool:
        """Whether it holds organizations, services, locations beside each other, and is none of them itself."""
        parts = self.documents
        containers = _sets().containers.intersection(value)
        if not containers or _is_join(value):
            return False
        rest = set(value) - containers - set(parts["about"]) - set(parts["besides"]) - set(parts["lookups"])
        return not rest & _sets().members

    def _lookups(self, value: Mapping[str, Any], place: Place) -> None:
        """Take the taxonomy terms and the like that stand in a bundle."""
        for name, kind in self.documents["lookups"].items():
            items = value.get(name)
            for item in items if isinstance(items, list) else ():
                self._lookup(kind, item, place)

    def _lookup(self, kind: str, value: Json, place: Place) -> None:
        if not isinstance(value, dict):
            return
        if kind == "taxonomy":
            terms = value.get("taxonomy_terms")
            for term in terms if isinstance(terms, list) else ():
                self._lookup("taxonomy_term", term, place)
        data = self.names.read(
            kind, {name: v for name, v in value.items() if name != "taxonomy_terms"}, place.path
        ).data
        native_id = shapes.native_id(data.get("id"))
        if native_id is not None:
            self._add_lookup(kind, native_id, data)


def _is_join(value: Mapping[str, Any]) -> bool:
    """Whether an object holds one service or one location, and nothing that an organization has."""
    inner = [name for name in ("service", "location") if isinstance(value.get(name), Mapping)]
    return bool(inner) and "id" in value and not {"organization", "organizations", "services", "locations"} & set(value)
