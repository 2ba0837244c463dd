"""Which of two items is the lesser (https://hl7.org/fhirpath/N1/#comparison)."""

from decimal import Decimal

from footbridge.validation.fhirpath import quantities, temporal
from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.quantities import Quantity
from footbridge.validation.fhirpath.temporal import Temporal
from footbridge.validation.fhirpath.values import Item, Items, has_no_value, is_number, type_of, unwrap


def compare(left: Items, right: Items) -> int | None:
    """-1, 0 or 1 for single items; None when either is empty or the order stays open.

    More than one item, or items whose types have no common order, are an execution error.
    """
    if not left or not right:
        return None
    if len(left) > 1 or len(right) > 1:
        raise execution(f"A comparison takes one item on either side, not {len(left)} and {len(right)}")
    return compare_items(left[0], right[0])


def compare_items(one: Item, other: Item) -> int | None:
    """-1, 0 or 1, None when the order stays open; an execution error for types without a common order."""
    left, right = unwrap(one), unwrap(other)
    both_numbers = is_number(left) and is_number(right)
    if both_numbers or (left.__class__ is str and right.__class__ is str):
        return int(left > right) - int(left < right)
    if isinstance(left, Temporal) and isinstance(right, Temporal):
        if (left.kind == "Time") == (right.kind == "Time"):
            return temporal.compare(left, right)
    elif isinstance(left, Quantity) or isinstance(right, Quantity):
        first, second = _as_quantity(left), _as_quantity(right)
        if first is not None and second is not None:
            return quantities.compare(first, second)
    if has_no_value(left) or has_no_value(right):
        return None
    raise execution(f"{type_of(one)!r} and {type_of(other)!r} have no common order")


def _as_quantity(value: Item) -> Quantity | None:
    if is_number(value):
        return Quantity(Decimal(value), "1")
    return value if isinstance(value, Quantity) else None
