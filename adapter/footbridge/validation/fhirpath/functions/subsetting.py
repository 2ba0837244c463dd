"""Subsetting: https://hl7.org/fhirpath/N1/#subsetting."""

from footbridge.validation.fhirpath.equality import Collection
from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.functions.support import distinct_items
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.values import EMPTY, Items, integer


@function("single", returns="focus")
def single(items: Items, _: Frame) -> Items:
    """The only item; more than one is an error."""
    if len(items) > 1:
        raise execution(f"single() takes one item, not {len(items)}")
    return items


@function("first", returns="focus", ordered=True)
def first(items: Items, _: Frame) -> Items:
    """The first item."""
    return items[:1]


@function("last", returns="focus", ordered=True)
def last(items: Items, _: Frame) -> Items:
    """The last item."""
    return items[-1:]


@function("tail", returns="focus", ordered=True)
def tail(items: Items, _: Frame) -> Items:
    """All but the first item."""
    return items[1:]


@function("skip", 1, returns="focus", ordered=True)
def skip(items: Items, _: Frame, number: Items) -> Items:
    """All but the first ``number`` items."""
    count = integer(number, "skip()")
    return EMPTY if count is None else items[max(count, 0) :]


@function("take", 1, returns="focus", ordered=True)
def take(items: Items, _: Frame, number: Items) -> Items:
    """The first ``number`` items."""
    count = integer(number, "take()")
    return EMPTY if count is None else items[: max(count, 0)]


@function("intersect", 1, returns="focus")
def intersect(items: Items, frame: Frame, other: Items) -> Items:
    """The items that both collections have, each once."""
    frame.run.tick(len(items) + len(other))
    there = Collection(other)
    return distinct_items([item for item in items if there.has(item)])


@function("exclude", 1, returns="focus")
def exclude(items: Items, frame: Frame, other: Items) -> Items:
    """The items that the other collection has not; repeats stay."""
    frame.run.tick(len(items) + len(other))
    there = Collection(other)
    return [item for item in items if not there.has(item)]


def at_index(items: Items, index: Items) -> Items:
    """``items[n]``: the item at a position counted from zero, empty beyond either end."""
    position = integer(index, "[]")
    if position is None or not 0 <= position < len(items):
        return EMPTY
    return (items[position],)
