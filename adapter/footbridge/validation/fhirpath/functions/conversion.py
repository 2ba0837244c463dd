"""Conversion: https://hl7.org/fhirpath/N1/#conversion. What does not convert is empty."""

import re
from collections.abc import Callable
from decimal import Decimal

from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.functions.support import decider
from footbridge.validation.fhirpath.parser import CALENDAR_UNITS
from footbridge.validation.fhirpath.quantities import Quantity
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Code, Frame
from footbridge.validation.fhirpath.temporal import Temporal, parse_date_time, parse_time
from footbridge.validation.fhirpath.values import (
    EMPTY,
    Item,
    Items,
    as_text,
    decimal_from_text,
    is_number,
    single,
)

TRUE_WORDS = frozenset({"true", "t", "yes", "y", "1", "1.0"})
FALSE_WORDS = frozenset({"false", "f", "no", "n", "0", "0.0"})
_QUANTITY = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)(?:\s*(?:'(?P<unit>[^']+)'|(?P<word>[a-z]+)))?\Z")
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}\Z")

Convert = Callable[[Item], Item]


@function("iif", (2, 3), style="lazy", returns="branches", criteria=True)
def iif(items: Items, frame: Frame, criterion: Code, then: Code, otherwise: Code | None = None) -> Items:
    """One branch or the other by a boolean criterion; the other branch is not evaluated."""
    if len(items) > 1:
        raise execution(f"iif() takes one item, not {len(items)}")
    inner = frame.inner()
    inner.this = items
    inner.index = frame.index
    if decider(criterion)(inner) is True:
        return then.many(inner)
    return EMPTY if otherwise is None else otherwise.many(inner)


def to_boolean(value: Item) -> bool | None:
    """A boolean from a boolean, 0, 1, or a word for either."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.lower()
        return True if word in TRUE_WORDS else (False if word in FALSE_WORDS else None)
    return bool(value) if is_number(value) and value in {0, 1} else None


def to_integer(value: Item) -> int | None:
    """An integer from an integer, a boolean, or digits."""
    if isinstance(value, bool | int):
        return int(value)
    return int(value) if isinstance(value, str) and _INTEGER.match(value) else None


def to_decimal(value: Item) -> Decimal | None:
    """A decimal from a number, a boolean, or digits with a point."""
    if isinstance(value, bool | int | Decimal):
        return Decimal(value)
    return decimal_from_text(value) if isinstance(value, str) else None


def to_date(value: Item) -> Temporal | None:
    """A date from a date, a dateTime, or the text of either."""
    found = parse_date_time(value) if isinstance(value, str) else value
    if not isinstance(found, Temporal) or found.kind == "Time":
        return None
    return Temporal("Date", found.parts[:3])


def to_date_time(value: Item) -> Temporal | None:
    """A dateTime from a dateTime, a date, or the text of either."""
    found = parse_date_time(value) if isinstance(value, str) else value
    if not isinstance(found, Temporal) or found.kind == "Time":
        return None
    return Temporal("DateTime", found.parts, found.offset)


def to_time(value: Item) -> Temporal | None:
    """A time from a time or its text."""
    if isinstance(value, str):
        return parse_time(value)
    return value if isinstance(value, Temporal) and value.kind == "Time" else None


def to_quantity(value: Item) -> Quantity | None:
    """A quantity from a quantity, a number (of unit 1), a boolean, or its text."""
    if isinstance(value, Quantity):
        return value
    if isinstance(value, bool | int | Decimal):
        return Quantity(Decimal(value), "1")
    match = _QUANTITY.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    amount = Decimal(match["number"])
    if match["word"]:
        return Quantity(amount, match["word"], calendar=True) if match["word"] in CALENDAR_UNITS else None
    return Quantity(amount, match["unit"] or "1")


CONVERSIONS: dict[str, Convert] = {
    "Boolean": to_boolean,
    "Integer": to_integer,
    "Decimal": to_decimal,
    "Date": to_date,
    "DateTime": to_date_time,
    "Time": to_time,
    "Quantity": to_quantity,
    "String": as_text,
}


def _enter(type_name: str, convert: Convert) -> None:
    """Enter ``toX`` and ``convertsToX``; toQuantity and its test also take the unit to convert to."""
    arity = (0, 1) if type_name == "Quantity" else 0

    def apply(items: Items, name: str, unit: Items) -> Item:
        value = single(items, name)
        found = None if value is None else convert(value)
        return _in_unit(found, unit) if unit else found

    def to(items: Items, _: Frame, unit: Items = EMPTY) -> Items:
        found = apply(items, f"to{type_name}()", unit)
        return EMPTY if found is None else (found,)

    def converts(items: Items, _: Frame, unit: Items = EMPTY) -> bool | None:
        return apply(items, f"convertsTo{type_name}()", unit) is not None if items else None

    takes = "primitive" if type_name == "String" else None
    function(f"to{type_name}", arity, returns=type_name, takes=takes)(to)
    function(f"convertsTo{type_name}", arity, boolean=True)(converts)


def _in_unit(found: Item, unit: Items) -> Item:
    """The quantity when its unit is the one asked for, or converts to it."""
    wanted = single(unit, "toQuantity()")
    if not isinstance(found, Quantity) or not isinstance(wanted, str):
        return None
    if found.unit == wanted:
        return found
    target = Quantity(Decimal(1), wanted, calendar=wanted in CALENDAR_UNITS)
    own, other = found.measure(), target.measure()
    if own is None or other is None or own.dimensions != other.dimensions:
        return None
    return Quantity(found.base_value(own) / other.factor, wanted, target.calendar)


for _type_name, _convert in CONVERSIONS.items():
    _enter(_type_name, _convert)
