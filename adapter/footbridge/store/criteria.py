"""Turns a search criterion into a SQL condition on the current resources of a tenant."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select

from footbridge.store.fhir_dates import span, stamp
from footbridge.store.indexing import KEPT, fit, plain, relative
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.resource_rows import Scope
from footbridge.store.search_parameters import SearchParameter
from footbridge.store.search_query import Criterion, split, unescape
from footbridge.store.tables import resource, search_index

Condition = ColumnElement[bool]
_PREFIXED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.+)")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_value, _detail = search_index.c.value, search_index.c.detail


def condition(scope: Scope, resource_type: str, criterion: Criterion) -> Condition:
    """What a row of the resource table must satisfy; raises InvalidRequest for a value of the wrong form."""
    if criterion.name == "_id":
        return resource.c.id.in_([fit(unescape(value)) for value in criterion.values])
    if criterion.parameter is None:
        return or_(*(_moment(value, resource.c.last_updated) for value in criterion.values))
    rows = (
        select(search_index.c.moment)
        .where(search_index.c.tenant == scope.tenant, search_index.c.type == resource_type)
        .where(search_index.c.param == criterion.name)
    )
    match criterion.modifier:
        case "missing":
            return _missing(rows, criterion)
        case "not":
            return resource.c.last_updated.not_in(rows.where(_any_value(scope, criterion, criterion.parameter)))
        case _:
            return resource.c.last_updated.in_(rows.where(_any_value(scope, criterion, criterion.parameter)))


def _missing(rows: Select[Any], criterion: Criterion) -> Condition:
    match criterion.values:
        case ("true",):
            return resource.c.last_updated.not_in(rows)
        case ("false",):
            return resource.c.last_updated.in_(rows)
        case _:
            raise InvalidRequest(f"{criterion.name}:missing takes true or false.")


def _any_value(scope: Scope, criterion: Criterion, parameter: SearchParameter) -> Condition:
    match parameter.kind:
        case "token":
            return or_(*map(_token, criterion.values))
        case "reference":
            targets = (criterion.modifier,) if criterion.modifier else parameter.targets
            return or_(*(_reference(unescape(value), targets, scope.base_url) for value in criterion.values))
        case "date":
            return or_(*(_moment(value, _value, _detail) for value in criterion.values))
        case "string":
            return or_(*(_string(unescape(value), criterion.modifier) for value in criterion.values))
        case "uri":
            return _value.in_([fit(unescape(value)) for value in criterion.values])


def _token(value: str) -> Condition:
    parts = [unescape(part) for part in split(value, "|")]
    match parts:
        case [code]:
            return _value == fit(code)
        case [system, ""]:
            return _detail == fit(system)
        case [system, code]:
            return and_(_value == fit(code), _detail == fit(system))
        case _:
            raise InvalidRequest("A token is written system|code, code, |code or system|.")


def _reference(value: str, targets: tuple[str, ...], base_url: str) -> Condition:
    if not _ID.fullmatch(value):
        return _value == fit(relative(value, base_url))
    if targets:
        return _value.in_([f"{target}/{value}" for target in targets])
    return _value.endswith(f"/{value}")


def _string(value: str, modifier: str) -> Condition:
    match modifier:
        case "exact":
            return _detail == fit(value)
        case "contains":
            return _value.contains(plain(value)[:KEPT], autoescape=True)
        case _:
            return _value.startswith(plain(value)[:KEPT], autoescape=True)


def _moment(value: str, first: ColumnElement[Any], last: ColumnElement[Any] | None = None) -> Condition:
    found = _PREFIXED.fullmatch(unescape(value))
    try:
        asked = span(found[2] if found else "")
    except ValueError as error:
        raise InvalidRequest("A date is written as 2026, 2026-03, 2026-03-02 or 2026-03-02T12:00:00Z.") from error
    prefix = (found[1] if found else None) or "eq"
    if last is None:
        return _COMPARISONS[prefix](first, first, asked.first, asked.last)
    return _COMPARISONS[prefix](first, last, stamp(asked.first), stamp(asked.last))


def _within(first: Any, last: Any, start: Any, end: Any) -> Condition:  # noqa: ANN401 - columns, and moments or text
    return and_(first >= start, last <= end)


# https://hl7.org/fhir/R4/search.html#prefix: the target's range (first, last) against the asked one (start, end).
_COMPARISONS: dict[str, Callable[[Any, Any, Any, Any], Condition]] = {
    "eq": _within,
    "ne": lambda first, last, start, end: not_(_within(first, last, start, end)),
    "gt": lambda _first, last, _start, end: last > end,
    "lt": lambda first, _last, start, _end: first < start,
    "ge": lambda first, last, start, end: or_(last > end, _within(first, last, start, end)),
    "le": lambda first, last, start, end: or_(first < start, _within(first, last, start, end)),
    "sa": lambda first, _last, _start, end: first > end,
    "eb": lambda _first, last, start, _end: last < start,
    "ap": lambda first, last, start, end: and_(first <= end, last >= start),
}
