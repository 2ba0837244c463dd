"""Comparison of JSON values as FHIR's fixed and pattern values need it."""

from decimal import Decimal
from typing import Any

Json = Any


def same(value: Json, wanted: Json) -> bool:
    """Whether two values are the same, to the last element; numbers by their value."""
    if wanted.__class__ is dict:
        if value.__class__ is not dict:
            return False
        return value.keys() == wanted.keys() and all(same(value[key], row) for key, row in wanted.items())
    if wanted.__class__ is list:
        return value.__class__ is list and len(value) == len(wanted) and all(map(same, value, wanted))
    return _same_scalar(value, wanted)


def fits(value: Json, pattern: Json) -> bool:
    """Whether a value has all that the pattern has; each row of a list is matched by some row."""
    if pattern.__class__ is dict:
        if value.__class__ is not dict:
            return False
        for key, row in pattern.items():  # noqa: SIM110 - a generator costs more than the comparison
            if key not in value or not fits(value[key], row):
                return False
        return True
    if pattern.__class__ is list:
        if value.__class__ is not list or len(value) < len(pattern):
            return False
        return all(any(fits(row, wanted) for row in value) for wanted in pattern)
    return _same_scalar(value, pattern)


def _same_scalar(value: Json, wanted: Json) -> bool:
    if wanted.__class__ is str:
        return bool(value == wanted)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    if isinstance(wanted, int | float | Decimal) and isinstance(value, int | float | Decimal):
        if isinstance(value, float) or isinstance(wanted, float):
            return Decimal(str(value)) == Decimal(str(wanted))
        return str(value) == str(wanted)  # 1.0 is not 1: decimals have a precision
    return bool(value == wanted)
