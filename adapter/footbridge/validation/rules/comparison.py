"""Orders two values of FHIR types: numbers, text-like dates and times, quantities with units."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from footbridge.validation.fhirpath import FHIRPathError, evaluate

Json = Any
UCUM = "http://unitsofmeasure.org"
_DAYS = {"a": 365.2425, "mo": 30.436875, "wk": 7, "d": 1, "h": 1 / 24, "min": 1 / 1440, "s": 1 / 86400}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class Incomparable(Exception):  # noqa: N818 - reads as the state that it names
    """A value and a limit that do not compare; the text says why, without the value.

    ``mild`` where the value may well be good: only its unit is not told as that of the limit is.
    """

    def __init__(self, why: str, *, mild: bool = False) -> None:
        super().__init__(why)
        self.mild = mild


def order(value: Json, limit: Json, kind: str, *, lower: bool = False) -> int | None:
    """-1, 0 or 1 as the value is below, at or above the limit; None where the two have no order.

    ``lower`` says that the limit is the least value: a duration then counts back from now.

    Raises Incomparable for quantities whose units do not compare, and for a limit that no value could meet.
    """
    if isinstance(limit, dict):
        if isinstance(value, dict):
            return _order_quantities(value, limit)
        if isinstance(value, str) and (limit.get("comparator") or limit.get("value") is None):
            raise Incomparable("the limit of a date is a duration with a value, without a comparator")
        return _order_from_now(value, limit, back=lower) if isinstance(value, str) else None
    if isinstance(value, dict):
        raise Incomparable("the limit of a quantity must be a quantity")
    if isinstance(value, bool) or isinstance(limit, bool):
        return None
    if isinstance(value, int | float | Decimal) and isinstance(limit, int | float | Decimal):
        return _sign(Decimal(str(value)), Decimal(str(limit)))
    if isinstance(value, str) and isinstance(limit, str):
        return _order_text(value, limit, kind, lower=lower)
    return None


def _sign(left: Any, right: Any) -> int:  # noqa: ANN401 - any two values with an order
    return int(left > right) - int(left < right)


def _order_text(value: str, limit: str, kind: str, *, lower: bool) -> int | None:
    if kind in {"date", "dateTime", "instant"}:
        if not lower and _DATE.fullmatch(limit) and value.startswith(limit):
            return 0  # a year or a month as the greatest value goes to its end
        left, right = _moment(value), _moment(limit)
        return None if left is None or right is None else _sign(left, right)
    return _sign(value, limit)


def _moment(text: str) -> datetime | None:
    whole = text + "-01-01"[len(text) - 4 :] if _DATE.fullmatch(text) and len(text) < 10 else text
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _order_from_now(value: str, limit: dict[str, Json], *, back: bool) -> int | None:
    """A duration as a limit of a date: so far back from now at least, so far ahead at most."""
    moment, amount = _moment(value), _number(limit.get("value"))
    unit = limit.get("code") or limit.get("unit")
    days = _DAYS.get(unit) if isinstance(unit, str) else None
    if moment is None or amount is None or days is None:
        return None
    try:
        return _sign(moment, datetime.now(UTC) + timedelta(days=float(-amount if back else amount) * days))
    except OverflowError:
        return None


def _order_quantities(value: dict[str, Json], limit: dict[str, Json]) -> int | None:
    left, right = _number(value.get("value")), _number(limit.get("value"))
    if right is None:
        raise Incomparable("the limit has no value")
    if left is None:
        raise Incomparable("it has no value", mild=True)
    for name in ("system", "code"):
        if not value.get(name) or not limit.get(name):
            raise Incomparable(f"its unit, or that of the limit, has no {name}", mild=True)
    if value["system"] != limit["system"]:
        raise Incomparable("its unit is of another system", mild=True)
    if value["code"] == limit["code"]:
        return _sign(left, right)
    if value["system"] != UCUM:
        raise Incomparable("its unit is another one", mild=True)
    return _order_ucum(left, _unit(value), right, _unit(limit))


def _order_ucum(left: Decimal, left_unit: str, right: Decimal, right_unit: str) -> int:
    quantities = f"({left:f} '{_quoted(left_unit)}')", f"({right:f} '{_quoted(right_unit)}')"
    for sign, operator in ((-1, "<"), (0, "="), (1, ">")):
        try:
            if evaluate(None, f"{quantities[0]} {operator} {quantities[1]}") == [True]:
                return sign
        except FHIRPathError:
            break
    raise Incomparable("the units do not convert")


def _quoted(unit: str) -> str:
    return unit.replace("\\", "\\\\").replace("'", "\\'")


def _unit(quantity: dict[str, Json]) -> str:
    unit = quantity.get("code") or quantity.get("unit") or ""
    return unit if isinstance(unit, str) else ""


def _number(value: Json) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
