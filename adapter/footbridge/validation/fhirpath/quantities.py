"""FHIRPath quantities: a number with a UCUM unit or a calendar duration.

https://hl7.org/fhirpath/N1/#quantity: years and months of the calendar have no fixed length, so they
equal neither days nor UCUM's 'a' and 'mo' (the comparison is empty), but are equivalent to the latter.
"""

from dataclasses import dataclass
from decimal import Decimal

from footbridge.validation.fhirpath import ucum

CALENDAR_CODES = {
    "year": "a", "month": "mo", "week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s",
    "millisecond": "ms",
}  # fmt: skip
CODE_WORDS = {code: word for word, code in CALENDAR_CODES.items()}
INDEFINITE = {"year": 12, "month": 1}


@dataclass(frozen=True, slots=True)
class Quantity:
    """``unit`` is a UCUM code, or a calendar word as written (``day``, ``days``) when ``calendar``."""

    value: Decimal
    unit: str
    calendar: bool = False

    @property
    def word(self) -> str | None:
        """The calendar unit in the singular, None for a UCUM unit."""
        return self.unit.removesuffix("s") if self.calendar else None

    def text(self) -> str:
        """As FHIRPath writes it: ``10.5 'mg'``, ``4 days``."""
        number = format(self.value, "f")
        return f"{number} {self.unit}" if self.calendar else f"{number} '{self.unit}'"

    def measure(self) -> ucum.Unit | None:
        """The unit's factor and dimensions; calendar years and months are a dimension of their own."""
        word = self.word
        if word in INDEFINITE:
            return ucum.Unit(Decimal(INDEFINITE[word]), (("calendar month", 1),))
        return ucum.unit(CALENDAR_CODES[word] if word else self.unit)

    def base_value(self, measure: ucum.Unit) -> Decimal:
        """The number in base units."""
        return ucum.EXACT.multiply(self.value, measure.factor)


def _measures(left: Quantity, right: Quantity) -> tuple[ucum.Unit, ucum.Unit] | None:
    first, second = left.measure(), right.measure()
    return None if first is None or second is None else (first, second)


def _duration_clash(left: Quantity, right: Quantity) -> bool:
    """A calendar year or month beside a definite duration: never comparable."""
    if (left.word in INDEFINITE) == (right.word in INDEFINITE):
        return False
    other = right if left.word in INDEFINITE else left
    measure = other.measure()
    return measure is not None and measure.dimensions == (("s", 1),)


def comparable(left: Quantity, right: Quantity) -> bool:
    """Whether both units are known and have the same dimensions."""
    if left.unit == right.unit:
        return True
    measures = _measures(left, right)
    return measures is not None and measures[0].dimensions == measures[1].dimensions


def compare(left: Quantity, right: Quantity) -> int | None:
    """-1, 0 or 1; None when the units do not compare."""
    if left.unit == right.unit and left.calendar == right.calendar:
        one, other = left.value, right.value
    else:
        measures = _measures(left, right)
        if measures is None or measures[0].dimensions != measures[1].dimensions:
            return None
        one, other = left.base_value(measures[0]), right.base_value(measures[1])
    return (one > other) - (one < other)


def equal(left: Quantity, right: Quantity) -> bool | None:
    """Equality; False for other dimensions, None for unknown units and calendar against definite time."""
    order = compare(left, right)
    if order is not None:
        return order == 0
    if _measures(left, right) is None or _duration_clash(left, right):
        return None
    return False


def equivalent(left: Quantity, right: Quantity) -> bool:
    """Equality in the coarser unit, rounded to the number with fewer decimals."""
    left, right = _definite(left), _definite(right)
    measures = _measures(left, right)
    if measures is None or measures[0].dimensions != measures[1].dimensions:
        return left.unit == right.unit and same_to_precision(left.value, right.value)
    coarse = max(measures, key=lambda measure: measure.factor)
    one = ucum.EXACT.divide(left.base_value(measures[0]), coarse.factor)
    other = ucum.EXACT.divide(right.base_value(measures[1]), coarse.factor)
    return same_to_precision(one, other)


def _definite(quantity: Quantity) -> Quantity:
    word = quantity.word
    return Quantity(quantity.value, CALENDAR_CODES[word]) if word else quantity


def decimals(value: Decimal) -> int:
    """How many digits stand after the point, trailing zeroes aside."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def same_to_precision(left: Decimal, right: Decimal) -> bool:
    """Equivalence of decimals: equal once rounded to the less precise of the two."""
    digits = min(decimals(left), decimals(right))
    return round(left, digits) == round(right, digits)


def add(left: Quantity, right: Quantity, sign: int) -> Quantity | None:
    """The sum (``sign`` 1) or difference (-1) in the finer of both units; None when they do not compare."""
    if left.unit == right.unit and left.calendar == right.calendar:
        return Quantity(left.value + sign * right.value, left.unit, left.calendar)
    measures = _measures(left, right)
    if measures is None or measures[0].dimensions != measures[1].dimensions:
        return None
    total = left.base_value(measures[0]) + sign * right.base_value(measures[1])
    fine = 0 if measures[0].factor <= measures[1].factor else 1
    chosen = (left, right)[fine]
    return Quantity(ucum.EXACT.divide(total, measures[fine].factor), chosen.unit, chosen.calendar)


def multiply(left: Quantity, right: Quantity, sign: int) -> Quantity | None:
    """The product (``sign`` 1) or quotient (-1), in base units unless one side has no unit.

    A calendar duration times or by a number stays one, so that a date can still be moved by it.
    """
    number = right.value if sign == 1 else ucum.EXACT.divide(Decimal(1), right.value)
    if right.unit == "1":
        return Quantity(_trim(left.value * number), left.unit, left.calendar)
    if left.unit == "1" and sign == 1:
        return Quantity(_trim(left.value * number), right.unit, right.calendar)
    left, right = _definite(left), _definite(right)
    measures = _measures(left, right)
    if measures is None:
        return None
    product = measures[0].times(measures[1], sign)
    value = ucum.EXACT.multiply(ucum.EXACT.multiply(left.value, number), product.factor)
    code = ".".join(base + (str(power) if power != 1 else "") for base, power in product.dimensions)
    return Quantity(_trim(value), code or "1")


def _trim(value: Decimal) -> Decimal:
    """Without the digits that only the arithmetic added."""
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short
