"""Agencies, sites and services of AIRS XML as records: ids, what they belong to, and what holds for what is in them.

What is said of an agency's use (deleted, excluded, not for referral, defunct) holds for its sites and services, and
what is said of a site for its services. A service is given once; where its key is found again at another site, only a
service at location is added, with the phones and hours that differ there.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from footbridge.directory.readers.airs_draft import Draft
from footbridge.directory.readers.airs_elements import Element, children, first, line_of, local, public, table, value
from footbridge.directory.readers.airs_entry import Header, Use, fill, use_of
from footbridge.directory.readers.airs_fields import position
from footbridge.directory.readers.airs_finish import finish_location, finish_service
from footbridge.directory.readers.airs_ids import Ids, made_key
from footbridge.directory.readers.airs_service_fields import groups
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.records import Finding, Kind, Record

Row = dict[str, Any]
_AT_SITE: Final = ("phones", "schedules", "contacts", "service_areas", "languages")
_CORE: Final = ("name", "description", "attributes", "organization_id")


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds around a record. ``id`` is None for none: a placeholder, or a record that stands outside."""

    id: str | None = None
    name: str | None = None
    use: Use = field(default_factory=Use)
    programs: dict[str, Row] = field(default_factory=dict)
    path: str = ""
    reserved: bool = False  # its id is given out already


@dataclass(slots=True)
class Builder:
    """Makes records of the elements of one source."""

    header: Header
    tally: Tally
    ids: Ids

    def scope(self, element: Element, outer: Scope | None = None) -> Scope:
        """What holds in an agency."""
        name = public(element, "Name", "AgencyName")
        key = value(element, "Key", "AgencyID") or made_key("Agency", name, outer.id if outer else None)
        use = use_of(element, self.header, self.tally, ("organization", key))
        path = f"{outer.path if outer else ''}/Agency {key}"
        found = groups(element)
        return Scope(
            None if self._is_placeholder(key) else key,
            name,
            use.within(outer.use) if outer else use,
            {**(outer.programs if outer else {}), **found},
            path,
        )

    def agency(self, element: Element, outer: Scope | None = None) -> Iterator[Record | Finding]:
        """An agency with its sites, services and child agencies, in the order of the document."""
        waiting: list[tuple[Element, Scope | None]] = [(element, outer)]
        while waiting:
            found, around = waiting.pop()
            scope = self.scope(found, around)
            scope = yield from self.organization(found, scope, around)
            for child in children(found, "AgencyLocation", "Site"):
                yield from self.site(child, scope, found)
            for service in children(found, "SiteService", "Service"):
                yield from self.service(service, scope, None)
            waiting += [(child, scope) for child in reversed(list(children(found, "Agency")))]

    def organization(
        self, element: Element, scope: Scope, outer: Scope | None
    ) -> Generator[Record | Finding, None, Scope]:
        """The record of an agency; returns its scope with the id that it got."""
        if scope.id is None:
            self.tally.count("airs.placeholder", value(element, "Key") or "", line_of(element))
            yield from self.tally.taken()
            return scope
        draft = self._draft("organization", scope.id)
        self._check_key(draft, element, "Key", "AgencyID")
        fill(draft, element)
        if scope.programs and (own := groups(element)):
            draft.add("programs", *own.values())
        if outer and outer.id:
            draft.data["parent_organization_id"] = outer.id
        self._name(draft, element)
        found = yield from self._given(draft, element, scope, outer.id if outer else None)
        return replace(scope, id=found)

    def site(self, element: Element, scope: Scope, agency: Element | None = None) -> Iterator[Record | Finding]:
        """A site (or an agency's own location), and its services."""
        place = yield from self.location(element, self.site_scope(element, scope), scope, agency)
        for service in children(element, "SiteService"):
            yield from self.service(service, scope, place)

    def location(
        self, element: Element, place: Scope, scope: Scope, agency: Element | None
    ) -> Generator[Record | Finding, None, Scope]:
        """The record of a site; returns its scope with the id that it got."""
        if place.id is None:
            self.tally.count("airs.placeholder", value(element, "Key") or "", line_of(element))
            return place
        draft = self._draft("location", place.id)
        if local(element) == "Site":
            self._check_key(draft, element, "Key", "ID")
        elif key := value(element, "Key"):
            draft.data["external_identifier"] = key
        fill(draft, element)
        if local(element) == "AgencyLocation" and agency is not None and "_positions" not in draft.data:
            for child in children(agency, "SpatialLocation"):
                position(draft, child)
        if scope.id:
            draft.data["organization_id"] = scope.id
        finish_location(draft)
        found = yield from self._given(draft, element, place, scope.id)
        return replace(place, id=found)

    def reserved(self, element: Element, outer: Scope | None) -> Scope:
        """The scope of an agency or site whose record is given after those in it, with an id of its own."""
        is_agency = local(element) == "Agency"
        scope = self.scope(element, outer) if is_agency else self.site_scope(element, outer or Scope())
        if scope.id is None:
            return scope
        kind: Kind = "organization" if is_agency else "location"
        container = (outer.id if outer else None) or ""
        found, _ = self.ids.claim(kind, scope.id, scope.path, scope.path, container)
        return replace(scope, id=found, reserved=True)

    def site_scope(self, element: Element, scope: Scope) -> Scope:
        """What holds in a site."""
        name = public(element, "Name", "Title")
        key = value(element, "Key", "ID")
        step = f"Site {key}"
        if local(element) == "AgencyLocation":
            key, step = f"{scope.id or ''}/AgencyLocation", "AgencyLocation"
        key = key or made_key("Site", name, scope.id, value(first(element, "PhysicalAddress") or element, "Line1"))
        use = use_of(element, self.header, self.tally, ("location", key)).within(scope.use)
        path = f"{scope.path}/{step}"
        return Scope(None if self._is_placeholder(key) else key, name, use, scope.programs, path)

    def service(
        self, element: Element, scope: Scope, place: Scope | None, *, inherited: Row | None = None
    ) -> Iterator[Record | Finding]:
        """A service, and that it is given at its site."""
        around = place or scope
        name = public(element, "Name", "Title")
        key = value(element, "Key", "ID") or made_key("SiteService", name, around.id, value(element, "Description"))
        draft = self._draft("service", key)
        self._check_key(draft, element, "Key", "ID")
        fill(draft, element)
        for member, content in (inherited or {}).items():
            draft.data.setdefault(member, content)
        if scope.id:
            draft.data["organization_id"] = scope.id
        self._program(draft, element, scope)
        finish_service(draft)
        if "name" not in draft.data:
            self._name(draft, element, draft.data.get("program", {}).get("name"), around.name, scope.name)
        use = use_of(element, self.header, self.tally, draft.owner).within(around.use)
        path = f"{around.path}/{local(element)} {key}"
        _mark(draft, use)
        core = {member: draft.data.get(member) for member in _CORE}
        found, claim = self.ids.claim("service", key, core, draft.data, around.id or scope.id or "")
        if claim == "new":
            self._renamed(draft, key, found, element)
            yield Record("service", found, draft.data, self._path(path), line_of(element))
        at: Row = (
            {member: draft.data[member] for member in _AT_SITE if member in draft.data} if claim == "other" else {}
        )
        if place is not None and place.id is not None:
            yield from self._at(found, place, at, use, path, element)
        elif claim != "new":
            self.tally.report("airs.repeated-record", line_of(element), ("service", found), done=found)
        yield from self.tally.taken()

    def _at(
        self, service: str, place: Scope, details: Row, use: Use, path: str, element: Element
    ) -> Iterator[Record | Finding]:
        native = f"{service}@{place.id}"
        data: Row = {"service_id": service, "location_id": place.id, **details}
        if use.restrictions:
            data["restrictions"] = list(use.restrictions)
        _, claim = self.ids.claim("service_at_location", native, native, data, "")
        if claim == "new":
            yield Record("service_at_location", native, data, self._path(path), line_of(element))
        else:
            self.tally.report("airs.repeated-record", line_of(element), ("service_at_location", native))

    def _given(
        self, draft: Draft, element: Element, scope: Scope, container: str | None
    ) -> Generator[Record | Finding, None, str]:
        """Give the record unless it was given; returns its id."""
        _mark(draft, scope.use)
        if scope.reserved:
            yield Record(draft.kind, draft.id, draft.data, self._path(scope.path), line_of(element))
            return draft.id
        whole = {member: content for member, content in draft.data.items() if member != "organization_id"}
        core = draft.data.get("name") if draft.kind == "organization" else whole
        found, claim = self.ids.claim(draft.kind, draft.id, core, whole, container or "")
        if claim == "new":
            self._renamed(draft, draft.id, found, element)
            yield Record(draft.kind, found, draft.data, self._path(scope.path), line_of(element))
        else:
            rule = "airs.repeated-record" if claim == "same" else "airs.repeated-differs"
            self.tally.report(rule, line_of(element), (draft.kind, found), done=found)
        yield from self.tally.taken()
        return found

    def _renamed(self, draft: Draft, key: str, found: str, element: Element) -> None:
        if found != key:
            owner = draft.kind, found
            self.tally.report("airs.repeated-key", line_of(element), owner, member="id", found=key, done=found)

    def _draft(self, kind: Kind, key: str) -> Draft:
        return Draft(kind, key, self.tally, self.header.dialect, self.header.taxonomy_version)

    def _path(self, path: str) -> str:
        return f"{self.tally.file}: {path.lstrip('/')}"

    def _is_placeholder(self, key: str) -> bool:
        return key.upper() in table()["placeholders"].get(self.header.dialect or "", ())

    def _check_key(self, draft: Draft, element: Element, *names: str) -> None:
        if value(element, *names) is None:
            self.tally.report("airs.no-key", line_of(element), draft.owner, member="id", done=draft.id)

    def _name(self, draft: Draft, element: Element, *others: str | None) -> None:
        if "name" in draft.data:
            return
        found = next((other for other in others if other), None)
        self.tally.report("airs.no-name", line_of(element), draft.owner, member="name", done=found)
        if found:
            draft.data["name"] = found

    def _program(self, draft: Draft, element: Element, scope: Scope) -> None:
        key = value(element, "ServiceGroupKey", "ServiceGroupID")
        if key is None:
            return
        draft.data["program_id"] = key
        if key in scope.programs:
            draft.data["program"] = scope.programs[key]
        else:
            self.tally.report("airs.unknown-group", line_of(element), draft.owner, member="program_id", found=key)


def _mark(draft: Draft, use: Use) -> None:
    if use.restrictions:
        draft.data["restrictions"] = list(use.restrictions)
    if use.status:
        draft.data["status"] = use.status
