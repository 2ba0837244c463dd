"""Whose is a fault in a mapped resource: the caller's, who wrote the value that it stands on, or ours?

The prescription is mapped once more with every value marked by its JSON Pointer. A mark goes wherever its value goes,
so an issue at an element that holds a marked value is the caller's, at that pointer; an issue at an element that no
value of the caller reached is ours. It costs a second mapping, and only when something was found.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from footbridge.mapping.results import Mapped
from footbridge.mapping.to_fhir import to_bundle
from footbridge.model.issues import Issue
from footbridge.model.prescription.pointers import Path, members_by_field, pointer_to
from footbridge.model.prescription.values import Part
from footbridge.validation.reading.expressions import Step, steps

Json = Any
NARRATIVE = "text"


@dataclass(frozen=True, slots=True)
class Blame:
    """Issues of mapped resources.

    Attributes:
        callers: those about a value of the caller, each with its JSON Pointer in the prescription.
        ours: those that our own mapping caused, as the validator gave them.
    """

    callers: tuple[Issue, ...]
    ours: tuple[Issue, ...]


def blame(mapped: Mapped, found: Sequence[Iterable[Issue]]) -> Blame:
    """Tell the caller's faults from ours.

    Args:
        mapped: what was mapped.
        found: the issues of each entry, in the order of the Bundle.
    """
    marked = to_bundle(_marked(mapped.prescription, ()), mapped.context)
    callers: dict[tuple[str, str], Issue] = {}
    ours: list[Issue] = []
    for entry, issues in zip(marked.bundle["entry"], found, strict=True):
        for issue in issues:
            pointer = _pointer(entry["resource"], issue.expression or "", mapped.origins[entry["fullUrl"]])
            if pointer is None:
                ours.append(issue)
            else:
                callers.setdefault((issue.rule, pointer), replace(issue, pointer=pointer, expression=None))
    return Blame(tuple(callers.values()), tuple(ours))


class _Text(str):
    """A text of the caller."""

    __slots__ = ("path",)
    path: Path


class _Day(dt.date):
    """A day of the caller, which stays marked when it is written."""

    path: Path

    def isoformat(self) -> str:
        """As a date is written, marked."""
        return _text(super().isoformat(), self.path)


class _Moment(dt.datetime):
    """An instant of the caller, which stays marked when it is written."""

    path: Path

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        """As an instant is written, marked."""
        return _text(super().isoformat(sep, timespec), self.path)


def _text(value: str, path: Path) -> _Text:
    made = _Text(value)
    made.path = path
    return made


def _marked(value: Any, path: Path) -> Any:  # noqa: ANN401 - a part, or a value of one
    """A copy in which every text, day and instant knows where it comes from."""
    match value:
        case Part():
            names = members_by_field(type(value))
            changes = {field: _marked(getattr(value, field), (*path, name)) for field, name in names.items()}
            return value.model_copy(update=changes)
        case tuple():
            return tuple(_marked(item, (*path, index)) for index, item in enumerate(value))
        case str():
            return _text(value, path)
        case dt.datetime():
            moment = _Moment.fromisoformat(value.isoformat())
            moment.path = path
            return moment
        case dt.date():
            day = _Day.fromisoformat(value.isoformat())
            day.path = path
            return day
        case _:
            return value


def _pointer(resource: Mapping[str, Json], expression: str, origin: str) -> str | None:
    """Where the caller wrote what stands at a place of a resource; None where nothing of the caller does."""
    way = steps(expression)
    if way and way[0].name == NARRATIVE:  # made of many values, joined
        return origin
    paths = list(_paths(_at(resource, way)))
    return pointer_to(_common(paths)) if paths else None


def _at(resource: Mapping[str, Json], way: Sequence[Step]) -> Json:
    """What stands there, or at the nearest place above it but the resource as a whole."""
    here: Json = resource
    above: Json = None
    for name, place in way:
        following = _child(here, name)
        if isinstance(following, list) and place is not None:
            following = following[place] if place < len(following) else None
        if following is None:
            return above
        here = above = following
    return above


def _child(holder: Json, name: str) -> Json:
    """A child by its JSON name; what a primitive has beside its value stands under another name."""
    if not isinstance(holder, dict):
        return None
    beside = holder.get(f"_{name}")
    value = holder.get(name)
    if isinstance(beside, dict) and not isinstance(value, dict | list):
        return {**beside, "": value}
    return value


def _paths(value: Json) -> Iterator[Path]:
    match value:
        case _Text():
            yield value.path
        case dict():
            for item in value.values():
                yield from _paths(item)
        case list():
            for item in value:
                yield from _paths(item)


def _common(paths: Sequence[Path]) -> Path:
    """The longest beginning that all paths share."""
    first, last = min(paths, key=_sortable), max(paths, key=_sortable)
    length = next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), None)
    return first[: min(len(first), len(last))] if length is None else first[:length]


def _sortable(path: Path) -> tuple[str, ...]:
    return tuple(map(str, path))
