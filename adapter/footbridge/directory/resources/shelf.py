"""The directory beside the compartments of a tenant: reads, pages, totals and includes."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from footbridge.directory.capacity import stated
from footbridge.directory.resources.listing import SERVICE, TYPES, Listing, read_listing
from footbridge.directory.resources.making import PREFIX, Maker, record_of
from footbridge.directory.resources.narrowing import REFERENCES, Narrowing
from footbridge.directory.resources.order import Place, in_order
from footbridge.store.beside import BesidePage, ReadScope
from footbridge.store.fhir_dates import stamp
from footbridge.store.indexing import index_of
from footbridge.store.matching import Candidate
from footbridge.store.search_parameters import parameters_of
from footbridge.store.search_query import Criterion, Inclusion, SearchRequest
from footbridge.store.stored import Stored
from footbridge.store.tables.directory import directory_import as imports
from footbridge.store.tables.directory import directory_source as sources
from footbridge.store.tenants import get_tenant
from footbridge.validation import Validator

KEPT_LISTINGS = 8
KEPT_RESOURCES = 4096
LOOKED_AT = 300
"""Resources that are made for one page of a search whose criteria no listing decides."""
MOST_REFERRING = 1000
Key = tuple[str, str, int, datetime, str, str]


class DirectoryResources:
    """A ``Beside`` for the tenants of one database; safe to share between threads, and quicker when it is."""

    def __init__(self, validator: Validator) -> None:
        """``validator`` decides which profiles are claimed."""
        self._validator = validator
        self._lock = threading.Lock()
        self._listings: OrderedDict[tuple[str, str, int, datetime], Listing] = OrderedDict()
        self._made: OrderedDict[Key, Stored] = OrderedDict()

    def holds(self, resource_type: str, identity: str) -> bool:
        """As ``Beside``."""
        return record_of(resource_type, identity) is not None

    def get(self, scope: ReadScope, references: Iterable[str]) -> list[Stored]:
        """As ``Beside``."""
        wanted: dict[str, set[str]] = {}
        for one in references:
            type_name, _slash, identity = one.partition("/")
            record = record_of(type_name, identity)
            if record is not None:
                wanted.setdefault(type_name, set()).add(record)
        found: list[Stored] = []
        for listing in self._current(scope) if wanted else ():
            for type_name, ids in wanted.items():
                there = [one for one in sorted(ids) if listing.has(type_name, one)]
                found += self._resources(scope, listing, type_name, there).values()
        return found

    def page(self, scope: ReadScope, request: SearchRequest, after: Sequence[str], limit: int) -> BesidePage:
        """As ``Beside``."""
        search = self._searched(scope, request)
        rest = in_order(search.places, request, after)
        if not limit:
            return BesidePage([], list(after) if rest else None)
        matches: list[Stored] = []
        examined = 0
        while examined < len(rest) and len(matches) < limit and examined < LOOKED_AT:
            some = rest[examined : examined + (limit - len(matches) if search.sure else max(limit, 50))]
            for _place, one in self._matching(scope, search, some):
                examined += 1
                if one is not None:
                    matches.append(one)
                if len(matches) == limit:
                    break
        end = rest[examined - 1].position if 0 < examined < len(rest) else None
        return BesidePage(matches, end)

    def total(self, scope: ReadScope, request: SearchRequest) -> int | None:
        """As ``Beside``; where many would have to be looked at, an estimate from the first of them."""
        search = self._searched(scope, request)
        if search.sure or not search.places:
            return len(search.places)
        if request.count and request.total is None:
            return None
        some = search.places[:LOOKED_AT]
        matching = sum(one is not None for _place, one in self._matching(scope, search, some))
        return round(matching * len(search.places) / len(some))

    def find(self, scope: ReadScope, resource_type: str, criterion: Criterion, limit: int) -> list[str]:
        """As ``Beside``; of a criterion that no listing decides, among the first ``LOOKED_AT``."""
        if resource_type not in TYPES:
            return []
        search = self._searched(scope, SearchRequest(resource_type, [criterion]))
        if search.sure:
            return [f"{resource_type}/{PREFIX}{place.id}" for place in search.places[:limit]]
        found = self._matching(scope, search, search.places[:LOOKED_AT])
        return [one.reference for _place, one in found if one is not None][:limit]

    def referring(self, scope: ReadScope, inclusion: Inclusion, targets: Iterable[str]) -> list[str]:
        """As ``Beside``; at most ``MOST_REFERRING``."""
        mine = [one for one in targets if self.holds(*one.split("/", 1))]
        found: list[str] = []
        for type_name, name in REFERENCES if mine else ():
            if inclusion.source == type_name and inclusion.param in {name, "*"}:
                wanted = Criterion(name, parameters_of(type_name)[name], "", tuple(mine))
                found += self.find(scope, type_name, wanted, MOST_REFERRING)
        return found[:MOST_REFERRING]

    def _searched(self, scope: ReadScope, request: SearchRequest) -> "_Search":
        places: list[Place] = []
        sure = True
        if request.type not in TYPES:
            return _Search(request, [], sure)

        def follow(one: Criterion) -> list[str]:
            return [] if one.chain is None else self.find(scope, one.target, one.chain, 1 << 31)

        for listing in self._current(scope):
            found = Narrowing(listing, request.type, scope.base_url, follow).of(request.criteria)
            sure &= found.sure
            places += [Place(listing, request.type, one) for one in found.ids]
        places.sort(key=lambda place: place.id)
        return _Search(request, places, sure)

    def _matching(
        self, scope: ReadScope, search: "_Search", some: Sequence[Place]
    ) -> list[tuple[Place, Stored | None]]:
        """Each with its resource where it matches."""
        made: dict[str, Stored] = {}
        for listing in {id(place.listing): place.listing for place in some}.values():
            ids = [place.id for place in some if place.listing is listing]
            made |= self._resources(scope, listing, search.request.type, ids)

        def follow(one: Criterion) -> list[str]:
            return [] if one.chain is None else self.find(scope, one.target, one.chain, 1 << 31)

        def meets(one: Stored) -> bool:
            if search.sure:
                return True
            body = one.resource
            names = {criterion.name for criterion in search.request.criteria}
            wanted = {*names, *(f"{name}:identifier" for name in names)}
            candidate = Candidate(one.id, one.last_updated, body, index_of(body, wanted))
            return candidate.meets(search.request.criteria, scope.base_url, follow)

        found = [(place, made.get(place.id)) for place in some]
        return [(place, one if one is not None and meets(one) else None) for place, one in found]

    def _resources(self, scope: ReadScope, listing: Listing, type_name: str, ids: Sequence[str]) -> dict[str, Stored]:
        if not ids:
            return {}
        tenant = get_tenant(scope.connection, scope.tenant)
        maker = Maker(scope.connection, scope.tenant, self._validator, tenant.jurisdiction, tenant.language or "en")
        head = (
            scope.tenant,
            listing.source,
            listing.number,
            listing.moment,
            f"{type_name} {maker.jurisdiction} {maker.language}",
        )
        said = stated(scope.connection, scope.tenant, listing.source, ids) if type_name == SERVICE else []
        words = {one.service: f"{stamp(one.at)} {one.partner} {one.status} {one.notes}" for one in said}
        keys = {one: (*head, f"{one} {words.get(one, '')}") for one in ids}
        with self._lock:
            found = {one: kept for one in ids if (kept := self._made.get(keys[one])) is not None}
        fresh = maker.make(listing, type_name, [one for one in ids if one not in found])
        with self._lock:
            self._made.update({keys[one]: made for one, made in fresh.items()})
            while len(self._made) > KEPT_RESOURCES:
                self._made.popitem(last=False)
        return found | fresh

    def _current(self, scope: ReadScope) -> list[Listing]:
        """The listing of each source of the tenant, at its import that counts."""
        rows = scope.connection.execute(
            select(sources.c.name, sources.c.current, imports.c.started, imports.c.finished)
            .join(imports, (imports.c.tenant == sources.c.tenant) & (imports.c.source == sources.c.name))
            .where(sources.c.tenant == scope.tenant, imports.c.number == sources.c.current)
            .order_by(sources.c.name)
        ).all()
        found = []
        for row in rows:
            moment = row.finished or row.started
            key = (scope.tenant, row.name, row.current, moment)  # a source that was removed begins again with 1
            with self._lock:
                listing = self._listings.get(key)
            if listing is None:
                listing = read_listing(scope.connection, scope.tenant, row.name, row.current, moment)
            with self._lock:
                self._listings[key] = listing
                self._listings.move_to_end(key)
                while len(self._listings) > KEPT_LISTINGS:
                    self._listings.popitem(last=False)
            found.append(listing)
        return found


@dataclass(frozen=True, slots=True)
class _Search:
    """A search: what may match, by id; ``sure`` says that each does."""

    request: SearchRequest
    places: list[Place]
    sure: bool
