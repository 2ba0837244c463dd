"""What is directly in ``Source``: agencies of 3.x, and the siblings of the flat 4.0, which refer to each other by id.

4.0 names a service apart from where it is given (``Service`` and ``SiteService``). As in 3.x, each SiteService makes a
service, which takes from its Service what it does not say itself; a Service that is given nowhere is a service too.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from footbridge.directory.files import SourceFile
from footbridge.directory.readers.airs_draft import Draft
from footbridge.directory.readers.airs_elements import Element, empty, first, line_of, local, value
from footbridge.directory.readers.airs_entry import fill
from footbridge.directory.readers.airs_parsing import events
from footbridge.directory.readers.airs_records import Builder, Scope
from footbridge.directory.readers.airs_service_fields import program
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.airs_text import CleanXml
from footbridge.directory.records import Finding, Record

_INHERITED = ("name", "description", "application_process", "wait_time", "assured_date", "last_modified")


@dataclass(slots=True)
class Flat:
    """Gives the elements of ``Source``, and remembers what later ones refer to."""

    builder: Builder
    file: SourceFile
    _agencies: dict[str, Scope] = field(default_factory=dict)
    _sites: dict[str, Scope] = field(default_factory=dict)
    _services: dict[str, bytes] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _programs: dict[str, dict[str, Any]] | None = None

    def give(self, element: Element, name: str) -> Iterator[Record | Finding]:
        """Records of one element."""
        match name:
            case "Agency":
                yield from self.builder.agency(element)
                if (key := value(element, "AgencyID")) and first(element, "AgencyID") is not None:
                    self._agencies[key] = self.builder.scope(element)
                    self.builder.tally.now.clear()
            case "Site" | "AgencyLocation":
                yield from self._site(element)
            case "SiteService":
                yield from self._site_service(element)
            case "Service":
                self._services[value(element, "ID", "Key") or f"~{line_of(element)}"] = etree.tostring(element)
            case _:
                pass  # a ServiceGroup: read beforehand

    def rest(self) -> Iterator[Record | Finding]:
        """Services that are given at no site."""
        for key, packed in self._services.items():
            if key not in self._used:
                element = etree.fromstring(packed)
                yield from self.builder.service(element, self._scope(element), None)

    def _site(self, element: Element) -> Iterator[Record | Finding]:
        scope = self._scope(element, "AgencyID", "AgencyKey")
        yield from self.builder.site(element, scope)
        if key := value(element, "ID", "Key"):
            self._sites[key] = self.builder.site_scope(element, scope)
            self.builder.tally.now.clear()

    def _site_service(self, element: Element) -> Iterator[Record | Finding]:
        scope = self._scope(element)
        key = value(element, "SiteID")
        place = self._sites.get(key or "")
        if key and place is None:
            place = Scope(key, path=f"Site {key}")
            owner = value(element, "ID", "Key") or ""
            self.builder.tally.report(
                "airs.unknown-site", line_of(element), ("service", owner), member="location_id", found=key
            )
        inherited: dict[str, Any] = {}
        if (service := value(element, "ServiceID")) in self._services and service is not None:
            self._used.add(service)
            inherited = self._said(etree.fromstring(self._services[service]), service)
        yield from self.builder.service(element, scope, place, inherited=inherited)

    def _said(self, element: Element, key: str) -> dict[str, Any]:
        header = self.builder.header
        draft = Draft("service", key, Tally(self.file.name), header.dialect, header.taxonomy_version)
        fill(draft, element)
        return {member: draft.data[member] for member in _INHERITED if member in draft.data}

    def _scope(self, element: Element, *names: str) -> Scope:
        """What holds in the agency that an element names."""
        key = value(element, *(names or ("AgencyID",)))
        if self._programs is None:
            self._programs = _programs(self.file)
        known = self._agencies.get(key or "")
        if known is None:
            return Scope(key, programs=self._programs, path=f"Agency {key}" if key else "")
        return Scope(known.id, known.name, known.use, self._programs, known.path)


def _programs(file: SourceFile) -> dict[str, dict[str, Any]]:
    """The service groups of the file; they come after the services that name them."""
    found: dict[str, dict[str, Any]] = {}
    with contextlib.closing(CleanXml(file)) as clean:
        for event, element in events(clean, file.name):
            parent = element.getparent()
            if event == "start" or parent is None or parent.getparent() is not None:
                continue
            if local(element) == "ServiceGroup" and (key := value(element, "ID", "Key")):
                found[key] = program(element, key)
            clean.mark()
            empty(element)
            while (before := element.getprevious()) is not None:
                parent.remove(before)
    return found
