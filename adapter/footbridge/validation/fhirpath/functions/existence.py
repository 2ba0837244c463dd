"""Existence: https://hl7.org/fhirpath/N1/#existence."""

from collections.abc import Iterator

from footbridge.validation.fhirpath.equality import Collection
from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.functions.support import decider, distinct_items, last_of_each
from footbridge.validation.fhirpath.nodes import Node
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import EVALUATION, Code, Frame
from footbridge.validation.fhirpath.values import Items, truth, unwrap


@function("empty", boolean=True)
def empty(items: Items, _: Frame) -> bool:
    """Whether there is no item."""
    return not items


@function("exists", (0, 1), style="lazy", boolean=True, criteria=True)
def exists(items: Items, frame: Frame, criteria: Code | None = None) -> bool:
    """Whether there is an item, or one that meets the criteria."""
    if criteria is None:
        return bool(items)
    decide = decider(criteria)
    inner = frame.inner()
    frame.run.spend(EVALUATION * len(items))
    for inner.index, item in frame.run.each(items):
        inner.this = (item,)
        if decide(inner) is True:
            return True
    return False


@function("all", 1, style="lazy", boolean=True, criteria=True)
def all_meet(items: Items, frame: Frame, criteria: Code) -> bool:
    """Whether every item meets the criteria."""
    decide = decider(criteria)
    inner = frame.inner()
    frame.run.spend(EVALUATION * len(items))
    for inner.index, item in frame.run.each(items):
        inner.this = (item,)
        if decide(inner) is not True:
            return False
    return True


def _booleans(items: Items, name: str) -> Iterator[bool | None]:
    """The values; None for a boolean with extensions alone, which is neither true nor false."""
    for item in items:
        value = item.value if isinstance(item, Node) else item
        absent = isinstance(item, Node) and value is None and item.type.system == "Boolean"
        if not isinstance(value, bool) and not absent:
            raise execution(f"{name}() takes booleans alone")
        yield value


@function("allTrue", boolean=True)
def all_true(items: Items, _: Frame) -> bool:
    """Whether every item is true."""
    return all(value is True for value in _booleans(items, "allTrue"))


@function("anyTrue", boolean=True)
def any_true(items: Items, _: Frame) -> bool:
    """Whether an item is true."""
    return any(value is True for value in _booleans(items, "anyTrue"))


@function("allFalse", boolean=True)
def all_false(items: Items, _: Frame) -> bool:
    """Whether every item is false."""
    return all(value is False for value in _booleans(items, "allFalse"))


@function("anyFalse", boolean=True)
def any_false(items: Items, _: Frame) -> bool:
    """Whether an item is false."""
    return any(value is False for value in _booleans(items, "anyFalse"))


@function("subsetOf", 1, boolean=True)
def subset_of(items: Items, frame: Frame, other: Items) -> bool:
    """Whether every item is in the other collection."""
    frame.run.tick(len(items) + len(other))
    there = Collection(other)
    return all(there.holds(item) for item in items)


@function("supersetOf", 1, boolean=True)
def superset_of(items: Items, frame: Frame, other: Items) -> bool:
    """Whether every item of the other collection is in this one."""
    frame.run.tick(len(items) + len(other))
    here = Collection(items)
    return all(here.holds(item) for item in other)


@function("count", returns="Integer")
def count(items: Items, _: Frame) -> Items:
    """How many items there are."""
    return (len(items),)


@function("distinct", returns="focus")
def distinct(items: Items, _: Frame) -> Items:
    """The items with repeats left out."""
    return last_of_each(items) if any(isinstance(unwrap(item), Node) for item in items) else distinct_items(items)


@function("isDistinct", boolean=True)
def is_distinct(items: Items, _: Frame) -> bool:
    """Whether no item repeats."""
    return len(last_of_each(items)) == len(items)


@function("not", boolean=True)
def negate(items: Items, _: Frame) -> bool | None:
    """The opposite of a single boolean; any other single item counts as true."""
    value = truth(items)
    return None if value is None else not value
