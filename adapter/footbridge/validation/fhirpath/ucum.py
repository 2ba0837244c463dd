"""UCUM units as a factor and base dimensions (https://ucum.org/ucum): what comparing quantities needs.

Units and prefixes are ``terminology/ucum-units.json``. Scales with an offset (Cel, [degF]) are dimensions
of their own: they compare with themselves, never with each other.
"""

import functools
import re
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from footbridge.data import read_json

EXACT = Context(prec=40)
MAX_LENGTH = 120
MAX_EXPONENT = 30
_TOKEN = re.compile(r"\{[^{}]*\}|[./()]|(?:\[[^\]]*\]|10[*^]|[^\s\[\]{}()./0-9+-])+|[+-]?\d+")
_UNKNOWN = "unknown unit"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as ``factor`` times base units; ``dimensions`` maps base unit to exponent, sorted."""

    factor: Decimal
    dimensions: tuple[tuple[str, int], ...] = ()

    def times(self, other: "Unit", exponent: int = 1) -> "Unit":
        """This unit multiplied by another one raised to an exponent."""
        sums = dict(self.dimensions)
        for base, power in other.dimensions:
            sums[base] = sums.get(base, 0) + power * exponent
        factor = EXACT.multiply(self.factor, EXACT.power(other.factor, Decimal(exponent)))
        return Unit(factor, tuple(sorted((base, power) for base, power in sums.items() if power)))


ONE = Unit(Decimal(1))


@functools.cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = read_json("terminology", "ucum-units.json")
    return tables


def unit(code: str) -> Unit | None:
    """The unit of a UCUM code, None when the code is unknown or does not parse."""
    return None if len(code) > MAX_LENGTH else _unit(code)


@functools.lru_cache(maxsize=4096)
def _unit(code: str) -> Unit | None:
    pieces = _TOKEN.findall(code)
    if "".join(pieces) != code or not pieces:
        return ONE if code == "" else None
    try:
        result, rest = _term(pieces)
    except (LookupError, ArithmeticError):
        return None
    return None if rest else result


def _term(pieces: list[str]) -> tuple[Unit, list[str]]:
    """A product of components; gives what follows it too. Raises LookupError on an unknown unit."""
    result, sign = ONE, 1
    if pieces[0] == "/":
        sign, pieces = -1, pieces[1:]
    while True:
        component, pieces = _component(pieces)
        result = result.times(component, sign)
        if not pieces or pieces[0] == ")":
            return result, pieces
        if pieces[0] not in "./":
            raise LookupError(_UNKNOWN)
        sign = 1 if pieces[0] == "." else -1
        pieces = pieces[1:]


def _component(pieces: list[str]) -> tuple[Unit, list[str]]:
    if not pieces:
        raise LookupError(_UNKNOWN)
    first, rest = pieces[0], pieces[1:]
    if first == "(":
        found, rest = _term(rest)
        if not rest:
            raise LookupError(_UNKNOWN)
        rest = rest[1:]
    elif first.startswith("{"):
        found = ONE
    elif first.isdigit():
        found = Unit(Decimal(first))
    else:
        found = _atom(first)
        if rest and rest[0].lstrip("+-").isdigit():
            exponent = int(rest[0])
            if abs(exponent) > MAX_EXPONENT:
                raise LookupError(_UNKNOWN)
            found, rest = ONE.times(found, exponent), rest[1:]
    while rest and rest[0].startswith("{"):
        rest = rest[1:]
    return found, rest


@functools.lru_cache(maxsize=1024)
def _atom(symbol: str) -> Unit:
    """A unit symbol with or without a prefix."""
    plain = _defined(symbol)
    if plain is not None:
        return plain
    tables = _tables()
    for length in (1, 2):
        prefix, bare = symbol[:length], symbol[length:]
        if prefix in tables["prefixes"] and (bare in tables["prefixable"] or bare in tables["prefixable_base"]):
            return Unit(Decimal(tables["prefixes"][prefix])).times(_defined(bare) or ONE)
    raise LookupError(_UNKNOWN)


def _defined(symbol: str) -> Unit | None:
    tables = _tables()
    if symbol in tables["base"]:
        return Unit(Decimal(1), ((symbol, 1),))
    row = tables["plain"].get(symbol) or tables["prefixable"].get(symbol)
    if row is None:
        return None
    meaning = unit(row[1])
    return None if meaning is None else Unit(Decimal(row[0])).times(meaning)
