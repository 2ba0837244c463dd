"""The criteria of a search as sets of a listing, so that few resources have to be made to see whether they match.

Some criteria are decided here; for others the set only holds all that may match, and each is looked at; what is not
narrowed at all is everything.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from footbridge.directory.fhir.service import category_of
from footbridge.directory.resources.listing import LOCATION, ORGANIZATION, ROLE, SERVICE, Listing
from footbridge.directory.resources.making import record_of
from footbridge.model.earth import distance
from footbridge.store.criteria import token_parts
from footbridge.store.indexing import KEPT, fit, index_of, plain, relative
from footbridge.store.interactions.preconditions import is_id
from footbridge.store.matching import Candidate, Follow
from footbridge.store.near import read_near
from footbridge.store.search_query import Criterion, unescape

Ids = set[str]
_ALWAYS: dict[str, dict[str, object]] = {
    ORGANIZATION: {"active": True},
    LOCATION: {"status": "active"},
    SERVICE: {"active": True},
    ROLE: {"active": True},
}
"""What every resource of a type says."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Ids that may match; ``sure`` says that each does."""

    ids: Ids
    sure: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Narrows one listing for one search.

    Attributes:
        base_url: that of the server.
        follow: what the inner criterion of a chain finds, as ``Type/id``.
    """

    listing: Listing
    type: str
    base_url: str
    follow: Follow

    def of(self, criteria: Iterable[Criterion]) -> Narrowed:
        """What may meet all of the criteria."""
        ids, sure = self.listing.ids(self.type), True
        for one in criteria:
            found = self._one(one)
            sure &= found is not None and found.sure
            if found is not None:
                ids &= found.ids
        return Narrowed(ids, sure)

    def _one(self, one: Criterion) -> Narrowed | None:
        """What meets a criterion; None where that is not known here."""
        if one.name == "_id":
            wanted = {record_of(self.type, unescape(value)) for value in one.values} - {None}
            return Narrowed({one for one in wanted if one is not None}, sure=True)
        narrow = _BY_NAME.get((self.type, one.name))
        if narrow is None or one.modifier not in _MODIFIERS.get(one.name, {""}):
            return None
        return narrow(self, one)

    def name(self, one: Criterion) -> Narrowed:
        """By the names as they are compared."""
        wanted = [plain(unescape(value))[:KEPT] for value in one.values]

        def has(name: str) -> bool:
            if one.modifier == "contains":
                return any(value in fit(name) for value in wanted)
            return any(fit(name).startswith(value) for value in wanted)

        names = self.listing.names[self.type]
        found = {identity for identity, some in names.items() if any(has(name) for name in some)}
        return Narrowed(found, sure=one.modifier != "exact")

    def identifier(self, one: Criterion) -> Narrowed | None:
        """By any part of the token that is an identifier."""
        keys, found = self.listing.keys[self.type], set[str]()
        for value in one.values:
            parts = token_parts(value)
            if parts[-1] == "":
                return None
            found.update(keys.get(parts[-1], ()))
        return Narrowed(found, sure=False)

    def always(self, one: Criterion) -> Narrowed:
        """What is the same for every resource of the type."""
        candidate = self._candidate({"resourceType": self.type, **_ALWAYS[self.type]})
        meets = candidate.meets([one], self.base_url, self.follow)
        return Narrowed(self.listing.ids(self.type) if meets else set(), sure=True)

    def category(self, one: Criterion) -> Narrowed:
        """By the categories of the guide."""
        found: Ids = set()
        for code, services in self.listing.category.items():
            candidate = self._candidate({"resourceType": SERVICE, "category": [category_of(code)]})
            if candidate.meets([one], self.base_url, self.follow):
                found.update(services)
        return Narrowed(found, sure=True)

    def term(self, one: Criterion) -> Narrowed | None:
        """By the codes of the source's taxonomy."""
        found: Ids = set()
        for value in one.values:
            code = token_parts(value)[-1]
            if code == "":
                return None
            found.update(self.listing.term.get(code, ()))
        return Narrowed(found, sure=False)

    def reference(self, one: Criterion) -> Narrowed:
        """By what it refers to: in the way of that, everything that refers there is known."""
        assert one.parameter is not None  # noqa: S101 - only _id and _lastUpdated have none
        referred: Ids = set()
        targets = one.parameter.targets
        for value in self.follow(one) if one.chain is not None else map(unescape, one.values):
            keys = [f"{kind}/{value}" for kind in targets] if is_id(value) else [relative(value, self.base_url)]
            for key in keys:
                kind, _slash, identity = key.partition("/")
                record = record_of(kind, identity)
                if record is not None and kind in targets:
                    referred.update(_REFERRING[self.type, one.name](self.listing, record))
        return Narrowed(referred, sure=True)

    def near(self, one: Criterion) -> Narrowed:
        """By distance."""
        circles = [read_near(value) for value in one.values]
        points = self.listing.points.items()
        found = {key for key, point in points if any(distance(one.centre, point) <= one.radius for one in circles)}
        return Narrowed(found, sure=True)

    def _candidate(self, resource: dict[str, object]) -> Candidate:
        return Candidate("", self.listing.moment, resource, index_of(resource))


def _roles(listing: Listing, services: Iterable[str]) -> Iterable[str]:
    wanted = set(services)
    return (one for one in listing.names[ROLE] if one.rpartition("-")[0] in wanted)


_REFERRING: dict[tuple[str, str], Callable[[Listing, str], Iterable[str]]] = {
    (LOCATION, "organization"): lambda listing, one: listing.sites.get(one, ()),
    (SERVICE, "organization"): lambda listing, one: listing.of.get(one, ()),
    (SERVICE, "location"): lambda listing, one: listing.at.get(one, ()),
    (ROLE, "organization"): lambda listing, one: _roles(listing, listing.of.get(one, ())),
    (ROLE, "service"): lambda listing, one: _roles(listing, [one]),
}
REFERENCES = tuple(_REFERRING)
"""Types and search parameters by which resources of the directory refer to each other."""

_MODIFIERS = {"name": {"", "contains", "exact"}}
_BY_NAME: dict[tuple[str, str], Callable[[Narrowing, Criterion], Narrowed | None]] = {
    **{(kind, "name"): Narrowing.name for kind in (ORGANIZATION, LOCATION, SERVICE)},
    **{(kind, "identifier"): Narrowing.identifier for kind in (ORGANIZATION, LOCATION, SERVICE)},
    **dict.fromkeys(_REFERRING, Narrowing.reference),
    (ORGANIZATION, "active"): Narrowing.always,
    (SERVICE, "active"): Narrowing.always,
    (LOCATION, "status"): Narrowing.always,
    (LOCATION, "near"): Narrowing.near,
    (SERVICE, "service-category"): Narrowing.category,
    (SERVICE, "service-type"): Narrowing.term,
    (SERVICE, "characteristic"): Narrowing.term,
}
