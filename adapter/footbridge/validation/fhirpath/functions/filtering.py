"""Filtering and projection: https://hl7.org/fhirpath/N1/#filtering-and-projection; sort; aggregate."""

from functools import cmp_to_key

from footbridge.validation.fhirpath.equality import identity
from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.functions.support import decider
from footbridge.validation.fhirpath.ordering import compare_items
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import EVALUATION, Code, Frame
from footbridge.validation.fhirpath.values import Item, Items


@function("where", 1, style="lazy", returns="focus", criteria=True)
def where(items: Items, frame: Frame, criteria: Code) -> Items:
    """The items that meet the criteria."""
    decide = decider(criteria)
    inner = frame.inner()
    frame.run.spend(EVALUATION * len(items))
    kept = []
    for inner.index, item in frame.run.each(items):
        inner.this = (item,)
        if decide(inner) is True:
            kept.append(item)
    return kept


@function("select", 1, style="lazy", returns="argument")
def select(items: Items, frame: Frame, projection: Code) -> Items:
    """What the projection gives for each item, joined."""
    many = projection.many
    inner = frame.inner()
    found: list[Item] = []
    for inner.index, item in frame.run.each(items):
        inner.this = (item,)
        given = many(inner)
        frame.run.spend(EVALUATION + len(given))
        found.extend(given)
    return found


@function("repeat", 1, style="lazy", returns="repeat")
def repeat(items: Items, frame: Frame, projection: Code) -> Items:
    """The projection applied again to what it gives, until nothing new comes."""
    many = projection.many
    inner = frame.inner()
    seen = set()
    found: list[Item] = []
    waiting = list(items)
    while waiting:
        fresh = []
        for inner.index, item in frame.run.each(waiting):
            inner.this = (item,)
            for child in many(inner):
                key = identity(child)
                if key not in seen:
                    seen.add(key)
                    fresh.append(child)
        frame.run.spend(len(fresh) + 1)
        found.extend(fresh)
        waiting = fresh
    return found


@function("aggregate", (1, 2), style="lazy")
def aggregate(items: Items, frame: Frame, step: Code, start: Code | None = None) -> Items:
    """Fold the items: ``$total`` is what the step gave before, or the start."""
    inner = frame.inner()
    inner.total = start.many(frame) if start is not None else ()
    for inner.index, item in frame.run.each(items):
        inner.this = (item,)
        inner.total = step.many(inner)
        frame.run.spend(EVALUATION + len(inner.total))
    return inner.total


def sort(items: Items, frame: Frame, keys: tuple[tuple[Code, bool], ...]) -> Items:
    """The items in order of the keys (each with whether it descends); without keys, by themselves.

    An item without a key's value comes after those that have one, and first where the key descends.
    """
    inner = frame.inner()
    rows: list[tuple[Item, list[Item]]] = []
    for inner.index, item in frame.run.each(items):
        inner.this = (item,)
        rows.append((item, [_key_value(code, inner) for code, _ in keys] or [item]))
    directions = [descends for _, descends in keys] or [False]

    def order(left: tuple[Item, list[Item]], right: tuple[Item, list[Item]]) -> int:
        for one, other, descends in zip(left[1], right[1], directions, strict=True):
            result = _key_order(one, other)
            if result:
                return -result if descends else result
        return 0

    return [item for item, _ in sorted(rows, key=cmp_to_key(order))]


def _key_value(code: Code, frame: Frame) -> Item:
    found = code.many(frame)
    if len(found) > 1:
        raise execution("A key of sort() is one item")
    return found[0] if found else None


def _key_order(one: Item, other: Item) -> int:
    if one is None or other is None:
        return (one is None) - (other is None)
    return compare_items(one, other) or 0
