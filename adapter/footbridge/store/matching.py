"""Whether a resource that is in no table meets the criteria of a search: ``store.criteria`` without a database.

Both give the same for the same resource, which a test holds them to. Entries are those of ``indexing.index_of``.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from footbridge.i18n import _
from footbridge.store.criteria import COMPARISONS, asked_span, spellings, token_parts, wrong_token
from footbridge.store.fhir_dates import stamp
from footbridge.store.indexing import BY_IDENTIFIER, KEPT, Entry, fit, plain, relative
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.interactions.preconditions import is_id
from footbridge.store.near import read_near
from footbridge.store.search_query import Criterion, unescape

Follow = Callable[[Criterion], Collection[str]]
"""What the inner criterion of a chain finds, as ``Type/id``."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that may match: its body, its moment, and its entries in an index."""

    id: str
    last_updated: datetime
    resource: dict[str, Any]
    entries: Collection[Entry]

    def meets(self, criteria: Iterable[Criterion], base_url: str, follow: Follow) -> bool:
        """Whether it meets all of them. Raises InvalidRequest for a value of the wrong form."""
        return all(self._meets(one, base_url, follow) for one in criteria)

    def _meets(self, one: Criterion, base_url: str, follow: Follow) -> bool:
        if one.name == "_id":
            return self.id in {fit(unescape(value)) for value in one.values}
        if one.parameter is None:
            return any(self._is_moment(value) for value in one.values)
        if one.modifier == "missing":
            return self._is_missing(one)
        if one.modifier == "identifier":
            return any(_is_token(entry, value) for entry in self._of(one.name + BY_IDENTIFIER) for value in one.values)
        if one.chain is not None:
            wanted = {spelt for key in follow(one) for spelt in spellings(key, base_url)}
            return any(entry.value in wanted for entry in self._of(one.name))
        if one.parameter.kind == "special":
            return any(read_near(value).holds(self.resource.get("position")) for value in one.values)
        found = any(_matches(entry, value, one, base_url) for entry in self._of(one.name) for value in one.values)
        return found is not (one.modifier == "not")

    def _of(self, name: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.param == name]

    def _is_moment(self, value: str) -> bool:
        prefix, asked = asked_span(value)
        return bool(COMPARISONS[prefix](self.last_updated, self.last_updated, asked.first, asked.last))

    def _is_missing(self, one: Criterion) -> bool:
        match one.values:
            case ("true",):
                return not self._of(one.name)
            case ("false",):
                return bool(self._of(one.name))
            case _:
                raise InvalidRequest(_("{name}:missing must be true or false.", name=one.name))


def _matches(entry: Entry, value: str, one: Criterion, base_url: str) -> bool:
    """Whether an entry has a value."""
    assert one.parameter is not None  # noqa: S101 - the caller looked
    match one.parameter.kind:
        case "token":
            return _is_token(entry, value)
        case "date":
            prefix, asked = asked_span(value)
            return bool(COMPARISONS[prefix](entry.value, entry.detail, stamp(asked.first), stamp(asked.last)))
        case "reference":
            targets = (one.modifier,) if one.modifier else one.parameter.targets
            return _is_reference(entry, unescape(value), targets, base_url)
        case "string":
            return _is_string(entry, unescape(value), one.modifier)
        case _:
            return entry.value == fit(unescape(value))


def _is_token(entry: Entry, value: str) -> bool:
    match token_parts(value):
        case [code]:
            return entry.value == fit(code)
        case [system, ""]:
            return entry.detail == fit(system)
        case [system, code]:
            return (entry.value, entry.detail) == (fit(code), fit(system))
        case _:
            raise wrong_token()


def _is_reference(entry: Entry, value: str, targets: Collection[str], base_url: str) -> bool:
    if not is_id(value):
        return entry.value in {fit(one) for one in spellings(relative(value, base_url), base_url)}
    if targets:
        return entry.value in {one for target in targets for one in spellings(f"{target}/{value}", base_url)}
    return entry.value.endswith(f"/{value}")


def _is_string(entry: Entry, value: str, modifier: str) -> bool:
    match modifier:
        case "exact":
            return entry.detail == fit(value)
        case "contains":
            return plain(value)[:KEPT] in entry.value
        case _:
            return entry.value.startswith(plain(value)[:KEPT])
