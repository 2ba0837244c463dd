"""One AIRS file, read as a stream: records and findings, in memory that does not grow with the file.

What is directly in ``Source`` is read whole, then dropped. An agency or a site that is larger than ``LARGE`` is read
part by part instead; what it says of itself after its parts is then looked up in the file beforehand.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.airs_elements import Element, children, empty, line_of, local, value
from footbridge.directory.readers.airs_entry import source_header
from footbridge.directory.readers.airs_flat import Flat
from footbridge.directory.readers.airs_ids import Ids
from footbridge.directory.readers.airs_parsing import LARGE, Open, drop, events, skeletons
from footbridge.directory.readers.airs_records import Builder, Scope
from footbridge.directory.readers.airs_schema import errors, schema_for
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.airs_text import LARGEST_PART, CleanXml, require_source
from footbridge.directory.readers.refused import RULE as REFUSED
from footbridge.directory.records import Finding, Kind, Record
from footbridge.i18n import _

MOST_CHILDREN: Final = 50_000  # of an agency or site that is read part by part, its parts left out
_CONTAINERS: Final = frozenset({"Agency", "AgencyLocation", "Site"})
_PARTS: Final = _CONTAINERS | {"SiteService", "Service"}


@dataclass(slots=True)
class _Reading:
    """What is known once ``Source`` has begun."""

    source: Element
    clean: CleanXml
    tally: Tally
    builder: Builder
    flat: Flat
    schema: etree.XMLSchema | None
    checked: int = 0  # bytes


@dataclass(slots=True)
class Document:
    """Reads one file; ``ids`` are shared by the files of a source."""

    file: SourceFile
    options: ReadOptions
    ids: Ids
    _stack: list[Open] = field(default_factory=list)
    _ordinal: int = 0  # of what is directly in Source
    _index: int = 0  # of agencies and sites in that
    _known: tuple[int, dict[int, Element]] = (0, {})  # ordinal, and skeletons by index

    def read(self) -> Iterator[Record | Finding]:
        """Records and findings; raises DirectoryError."""
        require_source(self.file)
        tally = Tally(self.file.name)
        with contextlib.closing(CleanXml(self.file)) as clean:
            yield from self._read(clean, tally)
        for rule, count in (+clean.changes).items():
            tally.count(rule, "", None, count)
        yield from tally.taken()
        yield from tally.counted()

    def _read(self, clean: CleanXml, tally: Tally) -> Iterator[Record | Finding]:
        reading: _Reading | None = None
        for event, element in events(clean, self.file.name):
            name = local(element)
            if reading is None:
                reading = self._begin(element, clean, tally)
                yield self._introduction(reading)
            elif event == "start":
                self._started(element, name, reading)
            elif element is reading.source:
                for child in children(element):
                    self._count_unknown(child, reading)
            else:
                yield from self._ended(element, name, reading)
        if reading is not None:
            yield from reading.flat.rest()

    def _begin(self, element: Element, clean: CleanXml, tally: Tally) -> _Reading:
        header = source_header(element, self.options.dialect)
        builder = Builder(header, tally, self.ids)
        schema = schema_for(header.version, self.options.schemas) if self.options.strict else None
        return _Reading(element, clean, tally, builder, Flat(builder, self.file), schema)

    def _introduction(self, reading: _Reading) -> Finding:
        header = reading.builder.header
        said = [header.attributes.get(name, "") for name in ("SourceEntity", "SoftwareVendor", "OriginTimestamp")]
        words = ", ".join(word for word in (f"AIRS {header.version}", header.dialect, *said) if word)
        return Finding("airs.source", self.file.name, line_of(reading.source), found=words[:200])

    def _started(self, element: Element, name: str, reading: _Reading) -> None:
        if not self._stack and element.getparent() is reading.source:
            self._ordinal += 1
            self._index = 0
        if name in _CONTAINERS:
            self._stack.append(Open(element, self._index))
            self._index += 1

    def _ended(self, element: Element, name: str, reading: _Reading) -> Iterator[Record | Finding]:
        opened = self._stack.pop() if name in _CONTAINERS else None
        if not self._stack:
            if element.getparent() is reading.source:
                yield from self._ended_whole(element, name, opened, reading)
            return
        around = self._stack[-1]
        if name not in _PARTS or element.getparent() is not around.element:
            return
        if opened is not None and opened.scope is not None:
            yield from self._ended_container(opened, reading)
            drop(element, around, reading.clean)
        else:
            around.ended.append(element)
        if around.scope is None and reading.clean.since > LARGE and reading.schema is None:
            self._split(reading)
        if around.scope is not None:
            yield from self._give_parts(reading)
            self._require_few(reading)

    def _ended_whole(
        self, element: Element, name: str, opened: Open | None, reading: _Reading
    ) -> Iterator[Record | Finding]:
        """Something that is directly in Source."""
        if opened is not None and opened.scope is not None:
            yield from self._ended_container(opened, reading)
        elif self._is_valid(element, reading):
            yield from reading.flat.give(element, name)
        yield from reading.tally.taken()
        reading.clean.mark()
        empty(element)
        while (before := element.getprevious()) is not None:
            self._count_unknown(before, reading)
            reading.source.remove(before)

    def _count_unknown(self, element: Element, reading: _Reading) -> None:
        if local(element) not in _PARTS and local(element) != "ServiceGroup":
            reading.tally.count("airs.unknown-element", f"{local(element)} in Source", line_of(element))

    def _is_valid(self, element: Element, reading: _Reading) -> bool:
        found = errors(reading.schema, reading.source, element) if reading.schema is not None else []
        for line, message in found:
            reading.tally.report("airs.schema", line, _owner(element), found=message)
        if found:
            services = element.iter("{*}SiteService", *(() if local(element) == "Service" else ("{*}Service",)))
            for one in {element: None} | dict.fromkeys(services):  # each once
                reading.tally.report(REFUSED, line_of(one), _owner(one))
        return not found

    def _ended_container(self, opened: Open, reading: _Reading) -> Iterator[Record | Finding]:
        """The record of an agency or site whose parts were given already."""
        scope = opened.scope or Scope()
        outer = self._stack[-1] if self._stack else None
        if local(opened.element) == "Agency":
            yield from reading.builder.organization(opened.element, scope, outer.scope if outer else None)
        else:
            around = (outer.scope if outer else None) or Scope()
            agency = outer.skeleton if outer else None
            yield from reading.builder.location(opened.element, scope, around, agency)

    def _split(self, reading: _Reading) -> None:
        """From here on, what is in the open agencies and sites is given part by part."""
        if local(self._stack[0].element) != "Agency":
            return
        wanted = {opened.index for opened in self._stack}
        ordinal, known = self._known
        if ordinal != self._ordinal or not wanted <= known.keys():
            known = skeletons(self.file, self._ordinal, wanted)
            self._known = self._ordinal, known
        outer: Scope | None = None
        for opened in self._stack:
            if opened.scope is None:
                opened.skeleton = known[opened.index]
                opened.scope = reading.builder.reserved(opened.skeleton, outer)
                owner = "organization" if local(opened.element) == "Agency" else "location"
                reading.tally.report("airs.large", line_of(opened.element), (owner, opened.scope.id or ""))  # type: ignore[arg-type]
            outer = opened.scope

    def _give_parts(self, reading: _Reading) -> Iterator[Record | Finding]:
        agency = Scope()
        for opened in self._stack:
            scope = opened.scope or Scope()
            agency = scope if local(opened.element) == "Agency" else agency
            for element in opened.ended:
                match local(element):
                    case "Agency":
                        yield from reading.builder.agency(element, scope)
                    case "Site" | "AgencyLocation":
                        yield from reading.builder.site(element, scope, opened.skeleton)
                    case _:
                        yield from reading.builder.service(element, agency, None if scope is agency else scope)
                drop(element, opened, reading.clean)
            opened.ended.clear()

    def _require_few(self, reading: _Reading) -> None:
        if reading.clean.given - reading.checked < LARGEST_PART:
            return
        reading.checked = reading.clean.given
        if any(len(opened.element) > MOST_CHILDREN for opened in self._stack):
            raise DirectoryError(
                _(
                    "{name}: an agency or site has more than {most_children} elements of its own. This "
                    "is not a directory: ask its exporter for one Agency element for each organization.",
                    name=self.file.name,
                    most_children=MOST_CHILDREN,
                )
            )


def _owner(element: Element) -> tuple[Kind, str]:
    kind: Kind = "organization" if local(element) == "Agency" else "location" if local(element) == "Site" else "service"
    return kind, value(element, "Key", "AgencyID", "ID") or ""
