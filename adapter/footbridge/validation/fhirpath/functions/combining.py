"""Combining: https://hl7.org/fhirpath/N1/#combining."""

from footbridge.validation.fhirpath.functions.support import distinct_items
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.values import EMPTY, Items


@function("union", 1)
def union(items: Items, frame: Frame, other: Items) -> Items:
    """Both collections, each item once."""
    frame.run.spend(len(items) + len(other))
    return distinct_items([*items, *other])


@function("combine", (1, 2))
def combine(items: Items, frame: Frame, other: Items, _: Items = EMPTY) -> Items:
    """Both collections, repeats kept; the second argument (preserve order) changes nothing here."""
    frame.run.spend(len(items) + len(other))
    return [*items, *other]
