"""The way of a discriminator from a value to what it compares, over plain JSON; Unsure for what has a wrong shape."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.plan import Slot
from footbridge.validation.rules.discriminator import Criterion
from footbridge.validation.sure.asked import Asked
from footbridge.validation.sure.members import Unsure

Json = Any
Names = tuple[tuple[str, bool], ...]
Choices = dict[str, Slot]


@dataclass(frozen=True, slots=True)
class Way:
    """JSON names, each with whether it is a list; then the names of a choice, or the target of a reference."""

    names: Names
    choices: Choices | None
    resolved: bool


def steps_of(criterion: Criterion, slot: Slot) -> Way | None:
    """The way of a discriminator; None where a step is none of those that are known here."""
    names: list[tuple[str, bool]] = []
    plan = slot.plan
    for at, (kind, name) in enumerate(criterion.steps):
        if kind == "resolve":
            return Way(tuple(names), None, resolved=True)
        slots = plan.elements.get(name, ())
        if kind != "child" or not slots or any(one.choose is not None for one in slots):
            return None
        if len(slots) > 1:
            last = at == len(criterion.steps) - 1 and not slots[0].array
            return Way(tuple(names), plan.choices[name], resolved=False) if last else None
        names.append((slots[0].key, slots[0].array))
        plan = slots[0].plan
    return Way(tuple(names), None, resolved=False)


def text(row: Json, name: str) -> Json:
    """The one value of an element that does not repeat; None where there is none."""
    if row.__class__ is not dict or "_" + name in row:
        raise Unsure
    return row.get(name)


def values(row: Json, names: Names) -> list[Json]:
    """The values that names lead to."""
    found = [row]
    for name, array in names:
        below: list[Json] = []
        for one in found:
            if one.__class__ is not dict or "_" + name in one:
                raise Unsure
            value = one.get(name)
            if value is None:
                continue
            if (value.__class__ is list) is not array:
                raise Unsure
            below += value if array else (value,)
        found = below
    return found


def _keys(rows: list[Json], choices: Choices) -> list[tuple[Json, str]]:
    """The objects that have a value of a choice, each with its JSON name."""
    found = []
    for row in rows:
        keys = [key for key in row if key in choices] if row.__class__ is dict else ["_"]
        if len(keys) > 1 or (keys and keys[0][0] == "_"):
            raise Unsure
        found += [(row, key) for key in keys if row[key] is not None]
    return found


def chosen(rows: list[Json], choices: Choices) -> list[Json]:
    """The values of a choice in some objects."""
    return [row[key] for row, key in _keys(rows, choices)]


def of_types(choices: Choices, names: frozenset[str]) -> Callable[[list[Json]], bool]:
    """A test whether some object has a value of a choice in one of the types."""
    known: dict[str, bool] = {}

    def test(rows: list[Json]) -> bool:
        for _, key in _keys(rows, choices):
            if key not in known:
                slot = choices[key]
                known[key] = slot.type in names or not names.isdisjoint((slot.plan.name, *slot.plan.ancestors))
            if known[key]:
                return True
        return False

    return test


def nowhere(rows: list[Json], asked: Asked) -> bool:
    """True: no reference of these leads to anything that is at hand. Raises Unsure where one may."""
    for row in rows:
        reference = row.get("reference") if row.__class__ is dict else row
        if not asked.plain or (reference.__class__ is str and reference[:1] == "#"):
            raise Unsure
    return True
