"""The number of a health card, however it is typed: with the blanks and hyphens of the card, with its version code.

The systems of health cards, which of them have a version code, and how their numbers are made, are in
``mappings/prescribing.json``.
"""

import functools
import re
from typing import Any
from unicodedata import normalize

from footbridge.data import read_json

_BETWEEN = re.compile(r"[\s.\-\u2010-\u2015]+")


def plain_number(system: str, value: str) -> str:
    """The number without blanks, hyphens and version code; of another system the value as it is."""
    card = _cards().get(system)
    return value if card is None else _without_version(card, _BETWEEN.sub("", normalize("NFKC", value)).upper())


def plain_numbers(value: str) -> set[str]:
    """What a text would be as the number of any health card: for a search, which knows no system."""
    return {plain_number(system, value) for system in _cards()}


def is_odd(system: str, value: str) -> bool:
    """Whether a number does not look like one of a health card's system: a slip, or a card that we know nothing of.

    False for a system that is none of a health card. Somebody is asked then; nothing is refused for it.
    """
    card = next((one for one in _table().values() if one["system"] == system), None)
    if card is None:
        return False
    number = plain_number(system, value)
    if re.fullmatch(card["form"], number, re.ASCII) is None:
        return True
    return (bool(card.get("luhn")) and not _fits_luhn(number)) or (
        "weights" in card and not _fits(number, card["weights"])
    )


def _fits_luhn(number: str) -> bool:
    """Whether the last digit checks the others: https://en.wikipedia.org/wiki/Luhn_algorithm."""
    digits = [int(one) for one in reversed(number)]
    return sum(one if place % 2 == 0 else sum(divmod(2 * one, 10)) for place, one in enumerate(digits)) % 10 == 0


def _fits(number: str, weights: list[int]) -> bool:
    """Whether the last digit is 11 less the weighted sum of those after the first, modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(number[1:-1], weights, strict=True))
    return 11 - total % 11 == int(number[-1])


def _without_version(versioned: str, compact: str) -> str:
    found = re.fullmatch(versioned, compact) if versioned else None
    return compact if found is None else found[1]


@functools.cache
def _cards() -> dict[str, str]:
    """By system the pattern of a number with a version code; empty for a card that has none."""
    return {card["system"]: card.get("versioned", "") for card in _table().values()}


def _table() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read_json("mappings", "prescribing.json")["healthCards"]
    return found
