"""How precise a value is, and the least and greatest that it may stand for.

lowBoundary, highBoundary and precision count digits: 4 for a year, 6 for a month, 8 for a day, 17 for a
dateTime to the millisecond, 9 for such a time; for a decimal the digits after the point
(https://build.fhir.org/ig/HL7/FHIRPath/#lowboundaryprecision-integer-decimal--date--datetime--time).
"""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from footbridge.validation.fhirpath import temporal
from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.quantities import Quantity
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.temporal import Temporal
from footbridge.validation.fhirpath.values import EMPTY, Item, Items, integer, is_number, single, type_of

MAX_DECIMALS = 27
DEFAULT_DECIMALS = 8
DIGITS = {
    "Date": {4: 1, 6: 2, 8: 3},
    "DateTime": {4: 1, 6: 2, 8: 3, 10: 4, 12: 5, 14: 6, 17: 6},
    "Time": {2: 1, 4: 2, 6: 3, 9: 3},
}
DEFAULT_DIGITS = {"Date": 8, "DateTime": 17, "Time": 9}
# The offsets in minutes of the place where a day begins first, and of the one where it ends last.
FIRST_OFFSET, LAST_OFFSET = 14 * 60, -12 * 60


@function("lowBoundary", (0, 1), returns="focus", takes="bounded")
def low_boundary(items: Items, _: Frame, digits: Items = EMPTY) -> Items:
    """The least value that the input may stand for, to a precision."""
    return _boundary(items, integer(digits, "lowBoundary()"), high=False)


@function("highBoundary", (0, 1), returns="focus", takes="bounded")
def high_boundary(items: Items, _: Frame, digits: Items = EMPTY) -> Items:
    """The greatest value that the input may stand for, to a precision."""
    return _boundary(items, integer(digits, "highBoundary()"), high=True)


def _boundary(items: Items, digits: int | None, *, high: bool) -> Items:
    value = single(items, "A boundary")
    found: Item = None
    if value is None:
        return EMPTY
    if isinstance(value, Temporal):
        found = temporal_boundary(value, digits, high=high)
    elif is_number(value):
        found = decimal_boundary(Decimal(value), digits, high=high)
    elif isinstance(value, Quantity):
        bound = decimal_boundary(value.value, digits, high=high)
        found = None if bound is None else Quantity(bound, value.unit, value.calendar)
    else:
        raise execution(f"A {type_of(items[0])!r} has no boundaries")
    return EMPTY if found is None else (found,)


def decimal_boundary(value: Decimal, digits: int | None, *, high: bool) -> Decimal | None:
    """Half a unit of the last digit away; None when the precision is out of range.

    Away from zero the cut rounds halves up, towards zero it drops what is beyond the precision.
    """
    places = DEFAULT_DECIMALS if digits is None else digits
    exponent = value.as_tuple().exponent
    if not 0 <= places <= MAX_DECIMALS or not isinstance(exponent, int):
        return None
    half = Decimal(5).scaleb(min(exponent, 0) - 1)
    outward = high == (value >= 0) or value == 0
    bound = value + half if high else value - half
    if abs(bound.adjusted()) + places > MAX_DECIMALS:
        return None
    return bound.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP if outward else ROUND_DOWN)


def temporal_boundary(value: Temporal, digits: int | None, *, high: bool) -> Temporal | None:
    """The missing parts at their least or greatest, cut to the precision; None for no such precision.

    A dateTime without an offset gets the one that makes it earliest or latest. FHIR writes no hour
    without its minutes, so an hour alone stands for its first minute.
    """
    wanted = DEFAULT_DIGITS[value.kind] if digits is None else digits
    if value.kind == "Date" and wanted > DEFAULT_DIGITS["Date"]:
        value = Temporal("DateTime", value.parts)
    count = DIGITS[value.kind].get(wanted)
    if count is None:
        return None
    if len(value.parts) == (1 if value.kind == "Time" else 4):
        value = Temporal(value.kind, (*value.parts, 0), value.offset)
    parts = list(temporal.complete(value, high=high).parts[:count])
    offset = value.offset
    if wanted in {6, 9, 14, 17} and len(parts) == (3 if value.kind == "Time" else 6):
        milliseconds = wanted in {9, 17}
        unit = Decimal("0.001") if milliseconds else Decimal(1)
        parts[-1] = Decimal(parts[-1]).quantize(unit, ROUND_DOWN)
    if value.kind == "DateTime" and count > temporal.DATE_PARTS and offset is None:
        offset = LAST_OFFSET if high else FIRST_OFFSET
    kind = value.kind if value.kind == "Time" or count > temporal.DATE_PARTS else "Date"
    return Temporal(kind, tuple(parts), offset if count > temporal.DATE_PARTS else None)


@function("precision", returns="Integer", takes="bounded")
def precision(items: Items, _: Frame) -> Items:
    """How many digits the value is given to."""
    value = single(items, "precision()")
    if value is None:
        return EMPTY
    if isinstance(value, Temporal):
        return (temporal_precision(value),)
    if not is_number(value):
        raise execution(f"A {type_of(items[0])!r} has no precision")
    exponent = Decimal(value).as_tuple().exponent
    return (max(0, -exponent),) if isinstance(exponent, int) else EMPTY


def temporal_precision(value: Temporal) -> int:
    """The digits of a date, dateTime or time."""
    lead = 0 if value.kind == "Time" else 2
    count = 2 * len(value.parts) + lead
    last = value.parts[-1]
    if isinstance(last, Decimal):
        exponent = last.as_tuple().exponent
        count += max(0, -exponent) if isinstance(exponent, int) else 0
    return count
