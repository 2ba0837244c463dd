"""The shape of FHIR's JSON: objects, lists, no nulls, nothing empty.

Rules: structure.object, structure.list, structure.empty, structure.null, structure.depth, structure.unequal-lists.
https://hl7.org/fhir/R4/json.html
"""

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Slot, TypePlan
from footbridge.validation.core.spot import Spot

PAGE = "json.html"


def not_an_object(spot: Spot, type_name: str) -> Findings:
    """A complex value that is no JSON object."""
    if spot.value is None and spot.extra is None:
        return null_value(spot)
    return finding(
        "structure.object", spot, f"A JSON object is expected here, for {type_name}.", code="structure", spec=PAGE
    )


def not_a_list(spot: Spot, slot: Slot, *, extra: bool = False) -> Findings:
    """An element that repeats, but is not in a list."""
    name = slot.extra_key if extra else slot.key
    return finding(
        "structure.list", spot.child(slot.label), f"'{name}' repeats, so it must be a JSON array.",
        code="structure", spec=PAGE,
    )  # fmt: skip


def unequal_lists(spot: Spot, slot: Slot) -> Findings:
    """A companion is longer than its list of primitives: a warning, as the HL7 validator reads what is beyond."""
    return finding(
        "structure.unequal-lists", spot.child(slot.label),
        f"'{slot.extra_key}' has more entries than '{slot.key}'.", severity="warning", code="structure",
        spec=PAGE,
    )  # fmt: skip


def empty_list(spot: Spot, slot: Slot) -> Findings:
    """A list with nothing in it; of primitives a warning, as the HL7 validator lets it pass."""
    return finding(
        "structure.empty", spot.child(slot.label), f"The array '{slot.key}' is empty; leave it out instead.",
        severity="error" if slot.plan.form is None else "warning", code="structure", spec=PAGE,
    )  # fmt: skip


def empty_object(spot: Spot, plan: TypePlan) -> Findings:
    """An object with nothing in it; with an id alone (invariant ele-1) a warning, as the HL7 validator lets it pass."""
    value = spot.value
    if plan.kind == "resource" or (value and next(iter(value)) != "id"):
        return NONE
    return finding(
        "structure.empty", spot, "The element is empty: it must have a value or children.",
        severity="warning" if value else "error", code="structure", spec=PAGE,
    )  # fmt: skip


def empty_entry(where: str) -> Findings:
    """An entry of a Bundle with an empty resource, and nothing that takes its place (invariant bdl-5)."""
    words = "The entry is empty: its resource has no elements, and there is no request or response."
    return finding("structure.empty", where, words, code="structure", spec="bundle.html")


def null_value(spot: Spot) -> Findings:
    """A null where a value belongs."""
    return finding(
        "structure.null", spot, "null is not allowed here; leave the element out.", code="structure", spec=PAGE
    )


def is_told_as_null(spot: Spot) -> bool:
    """Whether ``"name": null`` is written out beside ``_name``; only in lists a null keeps a place."""
    return spot.index is None and spot.parent is not None and spot.slot.key in spot.parent.value


def no_value(spot: Spot) -> Findings:
    """A primitive with neither a value nor extensions (invariant ele-1)."""
    return finding(
        "structure.empty", spot, "The element is empty: it must have a value or an extension.", code="structure",
        spec=PAGE,
    )  # fmt: skip


def too_deep(spot: Spot | str, limit: int) -> Findings:
    """Nesting beyond the limit."""
    return finding(
        "structure.depth", spot, f"Elements are nested deeper than {limit}; what is below is not looked at.",
        code="too-costly",
    )  # fmt: skip
