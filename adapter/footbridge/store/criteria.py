"""Turns a search criterion into a SQL condition on the current resources of a compartment.

The meaning of a value stands here once: as a condition on value and detail of an entry, wherever that is kept
(``index_view``).
"""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, true

from footbridge.i18n import _
from footbridge.store.exact_json import loads
from footbridge.store.fhir_dates import Span, span, stamp
from footbridge.store.index_view import Columns, Condition, IndexView
from footbridge.store.indexing import BY_IDENTIFIER, KEPT, fit, plain, relative
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.interactions.preconditions import is_id
from footbridge.store.near import read_near
from footbridge.store.resource_rows import CURRENT, of_compartment
from footbridge.store.search_parameters import SearchParameter
from footbridge.store.search_query import Criterion, split, unescape
from footbridge.store.tables import resource

MOST_CHAINED = 1000
"""Resources that the inner criterion of a chain may find."""

_PREFIXED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.+)")


def condition(view: IndexView, resource_type: str, criterion: Criterion) -> Condition:
    """What a row of the resource table must satisfy; raises InvalidRequest for a value of the wrong form."""
    if criterion.name == "_id":
        return resource.c.id.in_([fit(unescape(value)) for value in criterion.values])
    if criterion.parameter is None:
        return or_(*(_moment(value, resource.c.last_updated) for value in criterion.values))
    if criterion.modifier == "missing":
        return _missing(view, resource_type, criterion)
    if criterion.modifier == "identifier":
        values = criterion.values
        name = f"{criterion.name}{BY_IDENTIFIER}"
        return view.having(resource_type, [name], lambda columns: or_(*(_token(columns, value) for value in values)))
    if criterion.chain is not None:
        return _chained(view, resource_type, criterion, criterion.chain)
    if criterion.parameter.kind == "special":
        return resource.c.id.in_(_near(view, resource_type, criterion))
    matching = _matching(view.scope.base_url, criterion, criterion.parameter)
    found = view.having(resource_type, [criterion.name], matching)
    return not_(found) if criterion.modifier == "not" else found


def _missing(view: IndexView, resource_type: str, criterion: Criterion) -> Condition:
    found = view.having(resource_type, [criterion.name], lambda _columns: true())
    match criterion.values:
        case ("true",):
            return not_(found)
        case ("false",):
            return found
        case _:
            raise InvalidRequest(_("{name}:missing must be true or false.", name=criterion.name))


def _chained(view: IndexView, resource_type: str, criterion: Criterion, inner: Criterion) -> Condition:
    """What refers to a match of the inner criterion, in the compartment or beside it."""
    scope = view.scope
    query = select(resource.c.id).where(*of_compartment(scope), resource.c.type == criterion.target, CURRENT)
    query = query.where(~resource.c.deleted, condition(view, criterion.target, inner)).limit(MOST_CHAINED + 1)
    found = [f"{criterion.target}/{one}" for one in scope.connection.scalars(query)]
    if scope.beside is not None:
        found += scope.beside.find(scope, criterion.target, inner, MOST_CHAINED + 1)
    if len(found) > MOST_CHAINED:
        raise InvalidRequest(
            _("{name}.{inner} matches more than {most}: ask more narrowly.", name=criterion.name, inner=inner.name,
              most=MOST_CHAINED)
        )  # fmt: skip
    targets = [fit(spelt) for one in found for spelt in spellings(one, scope.base_url)]
    return view.having(resource_type, [criterion.name], lambda columns: columns.value.in_(targets))


def _near(view: IndexView, resource_type: str, criterion: Criterion) -> list[str]:
    """Ids of what lies within: a compartment has few places of its own, so that each is measured."""
    wanted = [read_near(value) for value in criterion.values]
    placed = view.having(resource_type, [criterion.name], lambda _columns: true())
    query = select(resource.c.id, resource.c.body).where(*of_compartment(view.scope), resource.c.type == resource_type)
    rows = view.scope.connection.execute(query.where(CURRENT, ~resource.c.deleted, placed)).all()
    return [row.id for row in rows if any(one.holds(loads(row.body).get("position")) for one in wanted)]


def _matching(base_url: str, criterion: Criterion, parameter: SearchParameter) -> Callable[[Columns], Condition]:
    """Whether an entry has one of the values."""
    values = [value if parameter.kind in {"token", "date"} else unescape(value) for value in criterion.values]
    match parameter.kind:
        case "token":
            return lambda columns: _tokens(columns, values)
        case "reference":
            targets = (criterion.modifier,) if criterion.modifier else parameter.targets
            return lambda columns: or_(*(_reference(columns, value, targets, base_url) for value in values))
        case "date":
            return lambda columns: or_(*(_moment(value, columns.value, columns.detail) for value in values))
        case "string":
            return lambda columns: or_(*(_string(columns, value, criterion.modifier) for value in values))
        case "uri" | "composite":
            return lambda columns: columns.value.in_([fit(value) for value in values])
        case "special":
            raise ValueError(parameter.name)  # measured by ``_near``


def token_parts(value: str) -> list[str]:
    """The parts of a token: its code, or its system and code."""
    return [unescape(part) for part in split(value, "|")]


def _tokens(columns: Columns, values: list[str]) -> Condition:
    parts = [token_parts(value) for value in values]
    if all(len(one) == 1 for one in parts):
        return columns.value.in_([fit(code) for (code,) in parts])
    return or_(*(_token(columns, value) for value in values))


def _token(columns: Columns, value: str) -> Condition:
    match token_parts(value):
        case [code]:
            return columns.value == fit(code)
        case [system, ""]:
            return columns.detail == fit(system)
        case [system, code]:
            return and_(columns.value == fit(code), columns.detail == fit(system))
        case _:
            raise wrong_token()


def wrong_token() -> InvalidRequest:
    """The error for a token with too many parts."""
    return InvalidRequest(_("A token is written system|code, code, |code or system|."))


def _reference(columns: Columns, value: str, targets: tuple[str, ...], base_url: str) -> Condition:
    if not is_id(value):
        return columns.value.in_([fit(one) for one in spellings(relative(value, base_url), base_url)])
    if targets:
        return columns.value.in_([one for target in targets for one in spellings(f"{target}/{value}", base_url)])
    return columns.value.endswith(f"/{value}")


def spellings(reference: str, base_url: str) -> list[str]:
    """A reference as resources may have it: relative, and with our own base URL."""
    return [reference, f"{base_url}/{reference}"] if base_url and ":" not in reference else [reference]


def _string(columns: Columns, value: str, modifier: str) -> Condition:
    match modifier:
        case "exact":
            return columns.detail == fit(value)
        case "contains":
            return columns.value.contains(plain(value)[:KEPT], autoescape=True)
        case _:
            return columns.value.startswith(plain(value)[:KEPT], autoescape=True)


def _moment(value: str, first: ColumnElement[Any], last: ColumnElement[Any] | None = None) -> Condition:
    prefix, asked = asked_span(value)
    found: Condition
    if last is None:  # a point: one comparison, which an index answers
        found = POINTS.get(prefix, COMPARISONS[prefix])(first, first, asked.first, asked.last)
    else:
        found = COMPARISONS[prefix](first, last, stamp(asked.first), stamp(asked.last))
    return found


def asked_span(value: str) -> tuple[str, Span]:
    """The prefix of a date and the range that it stands for. Raises InvalidRequest."""
    found = _PREFIXED.fullmatch(unescape(value))
    try:
        asked = span(found[2] if found else "")
    except ValueError as error:
        raise InvalidRequest(_("A date is written as 2026, 2026-03, 2026-03-02 or 2026-03-02T12:00:00Z.")) from error
    return (found[1] if found else None) or "eq", asked


# https://hl7.org/fhir/R4/search.html#prefix: the target's range (first, last) against the asked one (start, end).
# Of columns they make a condition, of values they tell.
COMPARISONS: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "eq": lambda first, last, start, end: (first >= start) & (last <= end),
    "ne": lambda first, last, start, end: (first < start) | (last > end),
    "gt": lambda _first, last, _start, end: last > end,
    "lt": lambda first, _last, start, _end: first < start,
    "ge": lambda first, last, start, end: (last > end) | (first >= start) & (last <= end),
    "le": lambda first, last, start, end: (first < start) | (first >= start) & (last <= end),
    "sa": lambda first, _last, _start, end: first > end,
    "eb": lambda _first, last, start, _end: last < start,
    "ap": lambda first, last, start, end: (first <= end) & (last >= start),
}
POINTS: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "ge": lambda first, _last, start, _end: first >= start,
    "le": lambda first, _last, _start, end: first <= end,
}
"""The same, where the first moment of the range is its last."""
