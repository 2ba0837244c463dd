"""The number of a health card, however it is typed: with the blanks and hyphens of the card, with its version code.

The systems of health cards, and which of them have a version code, are in ``mappings/prescribing.json``.
"""

import functools
import re
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


def _without_version(versioned: str, compact: str) -> str:
    found = re.fullmatch(versioned, compact) if versioned else None
    return compact if found is None else found[1]


@functools.cache
def _cards() -> dict[str, str]:
    """By system the pattern of a number with a version code; empty for a card that has none."""
    cards = read_json("mappings", "prescribing.json")["healthCards"].values()
    return {card["system"]: card.get("versioned", "") for card in cards}
