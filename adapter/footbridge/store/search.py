"""Runs a search over the current resources of one type, in pages that stay put.

A page ends with a cursor: the position of its last match in the order asked for, not a number of rows. What is
written meanwhile moves to the end of the default order (``_lastUpdated``) and is met there; nothing is skipped.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select

from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.operation_outcome import operation_outcome
from footbridge.store.criteria import condition
from footbridge.store.fhir_dates import span, stamp
from footbridge.store.inclusion import included, parameter_names
from footbridge.store.index_view import Condition, IndexView, view
from footbridge.store.indexing import BY_IDENTIFIER
from footbridge.store.interaction_errors import InvalidRequest, NotSupported
from footbridge.store.resource_rows import COLUMNS, CURRENT, Scope, of_compartment, stored
from footbridge.store.search_parameters import parameters_of
from footbridge.store.search_query import Query, SearchRequest, read_query, write_cursor
from footbridge.store.stored import Stored
from footbridge.store.tables import resource

MOST_COUNTED = 1000
"""Matches that are counted where a search does not ask for an accurate total: a larger total is left out, because a
client may take it for the end (https://hl7.org/fhir/R4/search.html#total)."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")

_LAST = "\U0010fffd"
"""Sorts after every text."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of matches, what they include, and where the next page starts.

    ``total`` counts every match; it is None where nobody asked to count so many, or not to count.
    """

    type: str
    matches: list[Stored]
    included: list[Stored]
    total: int | None
    cursor: str | None
    understood: list[tuple[str, str]]
    issues: list[Issue] = field(default_factory=list)
    base_url: str = ""

    def bundle(self) -> dict[str, Any]:
        """A Bundle of type searchset (https://hl7.org/fhir/R4/bundle.html#searchset)."""
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
        if self.total is not None:
            bundle["total"] = self.total
        bundle["link"] = [{"relation": "self", "url": self._url(self.understood)}]
        if self.cursor:
            query = [*self.understood, ("_cursor", self.cursor)]
            bundle["link"].append({"relation": "next", "url": self._url(query)})
        entries = [self._entry(one, "match") for one in self.matches]
        entries += [self._entry(one, "include") for one in self.included]
        if self.issues:
            outcome = operation_outcome(self.issues)
            entries.append({"fullUrl": f"urn:uuid:{uuid.uuid4()}", "resource": outcome, "search": {"mode": "outcome"}})
        if entries:
            bundle["entry"] = entries
        return bundle

    def _url(self, query: Sequence[tuple[str, str]]) -> str:
        place = f"{self.base_url}/{self.type}" if self.base_url else self.type
        return f"{place}?{urlencode(query)}" if query else place

    def _entry(self, one: Stored, mode: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"fullUrl": f"{self.base_url}/{one.reference}"} if self.base_url else {}
        return {**entry, "resource": one.resource, "search": {"mode": mode}}


def search(
    scope: Scope, resource_type: str, query: Query, *, strict: bool = False, estimate: bool = False
) -> SearchResult:
    """One page of the resources that match; writes nothing, and raises InvalidRequest or NotSupported.

    ``strict`` refuses parameters that this server does not know (``Prefer: handling=strict``); otherwise they are
    ignored, and the answer says so. ``estimate`` is what a first page says of the total where the query does not.
    """
    request = read_query(resource_type, query)
    if strict and request.unknown:
        names = ", ".join(dict.fromkeys(map(_shown, request.unknown)))
        raise NotSupported(_("Not supported here: {names}.", names=names))
    index = view(scope, _wanted(request))
    matching = _conditions(index, request)
    matches, cursor, known = _matches(index, request, matching)
    return SearchResult(
        type=resource_type,
        matches=matches,
        included=included(index, matches, request.include, request.revinclude),
        total=known if known is not None else _total(scope, request, matching, estimate=estimate),
        cursor=cursor,
        understood=request.understood,
        issues=[_ignored(name) for name in request.unknown],
        base_url=scope.base_url,
    )


def _matches(
    index: IndexView, request: SearchRequest, matching: list[Condition]
) -> tuple[list[Stored], str | None, int | None]:
    """A page, the cursor of the next one, and the total where the page says it; the compartment's own come first."""
    if not request.count:
        return [], None, None
    rows = _page(index, request, matching) if request.beside is None else []
    found = [stored(row) for row in rows[: request.count]]
    if len(rows) > request.count:
        return found, write_cursor(_position(rows[request.count - 1], request)), None
    is_first = request.cursor is None and request.beside is None
    beside = index.scope.beside
    if beside is None:
        return found, None, len(found) if is_first else None
    page = beside.page(index.scope, request, request.beside or (), request.count - len(found))
    found += page.matches
    if page.after is not None:
        return found, write_cursor(page.after, beside=True), None
    return found, None, len(found) if is_first else None


def find(scope: Scope, resource_type: str, query: Query, *, limit: int = 2) -> list[Stored]:
    """The first matches of the criteria of a conditional interaction or reference.

    Criteria that are not understood, or none at all, would match too much: they raise InvalidRequest or NotSupported.
    """
    request = read_query(resource_type, query)
    if request.unknown:
        raise NotSupported(_("The criteria of a conditional request have a search parameter that is not supported."))
    if not request.criteria:
        raise InvalidRequest(_("A conditional request requires criteria."))
    matching = _conditions(view(scope, _wanted(request)), request)
    rows = scope.connection.execute(select(*COLUMNS).where(*matching).limit(limit))
    return [stored(row) for row in rows]


def _wanted(request: SearchRequest) -> dict[str, set[str]]:
    """The search parameters whose entries the search looks at."""
    named = (one for one in request.criteria if one.parameter is not None)
    wanted = {
        request.type: {f"{one.name}{BY_IDENTIFIER}" if one.modifier == "identifier" else one.name for one in named}
    }
    wanted[request.type] |= {name for name, _ in request.sort if not name.startswith("_")}
    for inclusion in request.revinclude:
        wanted.setdefault(inclusion.source, set()).update(parameter_names(inclusion))
    return wanted


def _conditions(index: IndexView, request: SearchRequest) -> list[Condition]:
    return [
        *of_compartment(index.scope),
        resource.c.type == request.type,
        CURRENT,
        ~resource.c.deleted,
        *(condition(index, request.type, criterion) for criterion in request.criteria),
    ]


def _page(index: IndexView, request: SearchRequest, matching: list[Condition]) -> Sequence[Any]:
    keys = _keys(index, request)
    query: Select[Any] = select(*COLUMNS, *(key.label(f"key{place}") for place, (key, _) in enumerate(keys)))
    query = query.where(*matching).order_by(*(key.desc() if falling else key.asc() for key, falling in keys))
    if request.cursor is not None:
        query = query.where(_after(keys, _values(request)))
    return index.scope.connection.execute(query.limit(request.count + 1)).all()


def _keys(index: IndexView, request: SearchRequest) -> list[tuple[ColumnElement[Any], bool]]:
    keys = [(_key(index, request, name, falling), falling) for name, falling in request.sort]
    # The id makes the order complete; it goes the way of what is before it, as an index is read one way.
    return [*keys, (resource.c.id, keys[-1][1])]


def _key(index: IndexView, request: SearchRequest, name: str, falling: bool) -> ColumnElement[Any]:
    if name == "_id":
        return resource.c.id
    if name == "_lastUpdated":
        return resource.c.last_updated
    is_date = parameters_of(request.type)[name].kind == "date"
    # What has no such element comes last.
    return index.edge(name, "" if falling else _LAST, last=falling, by_detail=is_date)


def _after(keys: list[tuple[ColumnElement[Any], bool]], values: list[Any]) -> Condition:
    steps = []
    for place, (key, falling) in enumerate(keys):
        same = [earlier == value for (earlier, _), value in zip(keys[:place], values, strict=False)]
        steps.append(and_(*same, key < values[place] if falling else key > values[place]))
    return or_(*steps)


def _position(row: Any, request: SearchRequest) -> list[str]:  # noqa: ANN401 - a row with keys
    values = [getattr(row, f"key{place}") for place in range(len(request.sort) + 1)]
    return [value if isinstance(value, str) else stamp(value) for value in values]


def _values(request: SearchRequest) -> list[Any]:
    cursor = request.cursor or []
    if len(cursor) != len(request.sort) + 1:
        raise InvalidRequest(_("Invalid _cursor: use the next link unchanged."))
    try:
        return [
            span(value).first if name == "_lastUpdated" else value
            for value, (name, _) in zip(cursor, [*request.sort, ("_id", False)], strict=True)
        ]
    except ValueError as error:
        raise InvalidRequest(_("Invalid _cursor: use the next link unchanged.")) from error


def _total(scope: Scope, request: SearchRequest, matching: list[Condition], *, estimate: bool) -> int | None:
    """How many match. Where nobody asked for all of them it is said as far as that costs little, and never too low."""
    is_first = request.cursor is None and request.beside is None
    unasked = request.total is None and not (estimate and is_first)
    if request.count and (request.total == "none" or unasked):
        return None
    cheaply = bool(request.count) and request.total != "accurate"
    query = select(func.count()).select_from(resource).where(*matching)
    if cheaply:
        some: Select[Any] = select(literal_column("1")).select_from(resource).where(*matching).limit(MOST_COUNTED + 1)
        query = select(func.count()).select_from(some.subquery())
    own = scope.connection.scalar(query) or 0
    if cheaply and own > MOST_COUNTED:
        return None
    beside = 0 if scope.beside is None else scope.beside.total(scope, request)
    return None if beside is None else own + beside


def _ignored(name: str) -> Issue:
    return Issue(
        rule="fhir.search-parameter-unknown",
        severity="warning",
        code="not-supported",
        message=_("{shown} was ignored: it is not supported.", shown=_shown(name)),
    )


def _shown(name: str) -> str:
    """The name of a parameter, with its modifier and chain, if it is one that FHIR can have."""
    return name if _NAME.fullmatch(name) else _("A search parameter")
