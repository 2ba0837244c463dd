"""Combining: https://hl7.org/fhirpath/N1/#combining."""

from footbridge.validation.fhirpath.functions.support import distinct_items
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.values import EMPTY, Items


@function("union", 1)
def union(items: Items, _: Frame, other: Items) -> Items:
    """Both collections, each item once."""
    return distinct_items([*items, *other])


@function("combine", (1, 2))
def combine(items: Items, _: Frame, other: Items, __: Items = EMPTY) -> Items:
    """Both collections, repeats kept; the second argument (preserve order) changes nothing here."""
    return [*items, *other]
