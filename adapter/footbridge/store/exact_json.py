"""Reads and writes JSON without changing a number: 1.10 stays 1.10.

FHIR keeps the precision of a decimal (https://hl7.org/fhir/R4/json.html#decimal, "implementations SHALL ... preserve
precision"), and a float loses it. Numbers with a fraction or an exponent are read as Decimal and written digit by
digit; most resources have none, and take the fast way. Order of members is kept, white space is not.
"""

import json
import re
from decimal import Decimal
from typing import Any

import orjson

_DECIMAL_OR_LONG = re.compile(rb"[:\[,]\s*-?(?:\d+(?:\.\d+)?[eE][+-]?\d+|\d+\.\d+|\d{18,})(?=\s*[,\]}])")
"""Finds any number that a float or 64 bits might change; may also find text that looks like one, which only costs.

The seconds of a moment (``12:00:01.5Z``) have no end of a number behind them; every stored resource has some.
"""


def loads(text: str | bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """Parse JSON text; raises ValueError when it is not JSON (NaN and Infinity are not)."""
    raw = text.encode() if isinstance(text, str) else text
    value = orjson.loads(raw)  # also the stricter of the two: no NaN, no half of a surrogate pair
    if not _DECIMAL_OR_LONG.search(raw):
        return value
    return json.loads(raw, parse_float=Decimal, parse_int=_integer)


def dumps(value: Any) -> str:  # noqa: ANN401 - as above
    """Write a JSON value, compact; Decimals digit by digit."""
    return orjson.dumps(value, default=_decimal).decode()


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 19 else Decimal(digits)  # 64 bits hold every number of 18 digits


def _decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value).encode())
    raise TypeError(f"{type(value).__name__} has no JSON form")
