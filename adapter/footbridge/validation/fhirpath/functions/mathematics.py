"""Math: https://hl7.org/fhirpath/N1/#math. What has no real result (the root of -1) is empty."""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.quantities import Quantity
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.values import EMPTY, Item, Items, is_number, single, type_of

MAX_EXPONENT = 1000
MAX_DIGITS = 28


def _number(items: Items, what: str) -> Item:
    """The only item as int or Decimal, None for an empty collection."""
    value = single(items, what)
    if value is None or is_number(value):
        return value
    raise execution(f"{what} takes a number, not {type_of(items[0])!r}")


def _guard(value: Item) -> Item:
    if isinstance(value, Decimal) and abs(value.adjusted()) > MAX_EXPONENT:
        raise execution("A number is out of range")
    return value


@function("abs", returns="focus", takes="measure")
def absolute(items: Items, _: Frame) -> Items:
    """Without its sign."""
    value = single(items, "abs()")
    if isinstance(value, Quantity):
        return (Quantity(abs(value.value), value.unit, value.calendar),)
    value = _number(items, "abs()")
    return EMPTY if value is None else (abs(value),)


def _whole(items: Items, what: str, rounding: str) -> Items:
    value = _guard(_number(items, what))
    return EMPTY if value is None else (int(Decimal(value).to_integral_value(rounding)),)


@function("ceiling", returns="Integer", takes="number")
def ceiling(items: Items, _: Frame) -> Items:
    """The next whole number up."""
    return _whole(items, "ceiling()", ROUND_CEILING)


@function("floor", returns="Integer", takes="number")
def floor(items: Items, _: Frame) -> Items:
    """The next whole number down."""
    return _whole(items, "floor()", ROUND_FLOOR)


@function("truncate", returns="Integer", takes="number")
def truncate(items: Items, _: Frame) -> Items:
    """The whole part."""
    return _whole(items, "truncate()", ROUND_DOWN)


@function("round", (0, 1), returns="Decimal", takes="number")
def round_to(items: Items, _: Frame, digits: Items = (0,)) -> Items:
    """Rounded, halves away from zero, to so many decimals (none unless said)."""
    value, places = _guard(_number(items, "round()")), _number(digits, "round()")
    if value is None:
        return EMPTY
    if places is None:
        places = 0
    if places.__class__ is not int or places < 0:
        raise execution("round() takes a whole number of digits, zero or more")
    if places > MAX_DIGITS:
        return (Decimal(value),)
    return (Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP),)


def _real(items: Items, what: str, compute: Callable[[Decimal], Decimal]) -> Items:
    value = _guard(_number(items, what))
    if value is None:
        return EMPTY
    found = compute(Decimal(value))
    return (found,) if found.is_finite() else EMPTY


@function("exp", returns="Decimal", takes="number")
def exp(items: Items, _: Frame) -> Items:
    """Raise e to that power."""
    value = _number(items, "exp()")
    if value is not None and abs(value) > MAX_EXPONENT:
        raise execution("A number is out of range")
    return _real(items, "exp()", Decimal.exp)


@function("sqrt", returns="Decimal", takes="number")
def sqrt(items: Items, _: Frame) -> Items:
    """The square root; empty for a negative number."""
    return _real(items, "sqrt()", lambda value: value.sqrt() if value >= 0 else Decimal("NaN"))


@function("ln", returns="Decimal", takes="number")
def natural_log(items: Items, _: Frame) -> Items:
    """The natural logarithm; empty for zero and below."""
    return _real(items, "ln()", lambda value: value.ln() if value > 0 else Decimal("NaN"))


@function("log", 1, returns="Decimal", takes="number")
def log(items: Items, _: Frame, base: Items) -> Items:
    """The logarithm to a base; empty where there is none."""
    root = _number(base, "log()")
    if root is None or root <= 0 or root == 1:
        return EMPTY

    def compute(value: Decimal) -> Decimal:
        if value <= 0:
            return Decimal("NaN")
        found = value.ln() / Decimal(root).ln()
        near = found.quantize(Decimal("1e-20"))
        return near.normalize() if near == near.to_integral_value() else found

    return _real(items, "log()", compute)


@function("power", 1, returns="focus", takes="number")
def power(items: Items, _: Frame, exponent: Items) -> Items:
    """To a power; a whole number to a whole power of zero or more stays whole. Empty where there is none."""
    value, degree = _guard(_number(items, "power()")), _guard(_number(exponent, "power()"))
    if value is None or degree is None:
        return EMPTY
    if abs(degree) > MAX_EXPONENT or (value and abs(Decimal(value).adjusted() * degree) > MAX_EXPONENT):
        raise execution("A number is out of range")
    if value.__class__ is int and degree.__class__ is int and degree >= 0:
        return (value**degree,)
    if value == 0 and degree <= 0:
        return (Decimal(1),) if degree == 0 else EMPTY
    if value < 0 and degree != int(degree):
        return EMPTY
    found = Decimal(value) ** Decimal(degree)
    return (found,) if found.is_finite() else EMPTY
