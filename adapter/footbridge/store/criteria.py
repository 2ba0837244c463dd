"""Turns a search criterion into a SQL condition on the current resources of a compartment.

The meaning of a value stands here once: as a condition on value and detail of an entry, wherever that is kept
(``index_view``).
"""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, true

from footbridge.i18n import _
from footbridge.store.fhir_dates import span, stamp
from footbridge.store.index_view import Columns, Condition, IndexView
from footbridge.store.indexing import BY_IDENTIFIER, KEPT, fit, plain, relative
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.interactions.preconditions import is_id
from footbridge.store.search_parameters import SearchParameter
from footbridge.store.search_query import Criterion, split, unescape
from footbridge.store.tables import resource

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


def _matching(base_url: str, criterion: Criterion, parameter: SearchParameter) -> Callable[[Columns], Condition]:
    """Whether an entry has one of the values."""
    values = [value if parameter.kind in {"token", "date"} else unescape(value) for value in criterion.values]
    match parameter.kind:
        case "token":
            return lambda columns: or_(*(_token(columns, value) for value in values))
        case "reference":
            targets = (criterion.modifier,) if criterion.modifier else parameter.targets
            return lambda columns: or_(*(_reference(columns, value, targets, base_url) for value in values))
        case "date":
            return lambda columns: or_(*(_moment(value, columns.value, columns.detail) for value in values))
        case "string":
            return lambda columns: or_(*(_string(columns, value, criterion.modifier) for value in values))
        case "uri" | "composite":
            return lambda columns: columns.value.in_([fit(value) for value in values])


def _token(columns: Columns, value: str) -> Condition:
    parts = [unescape(part) for part in split(value, "|")]
    match parts:
        case [code]:
            return columns.value == fit(code)
        case [system, ""]:
            return columns.detail == fit(system)
        case [system, code]:
            return and_(columns.value == fit(code), columns.detail == fit(system))
        case _:
            raise InvalidRequest(_("A token is written system|code, code, |code or system|."))


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
    found = _PREFIXED.fullmatch(unescape(value))
    try:
        asked = span(found[2] if found else "")
    except ValueError as error:
        raise InvalidRequest(_("A date is written as 2026, 2026-03, 2026-03-02 or 2026-03-02T12:00:00Z.")) from error
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
