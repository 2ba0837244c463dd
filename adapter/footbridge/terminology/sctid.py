"""Reads a SNOMED CT identifier: its check digit, what it identifies, whose edition it is from.

An identifier is 6 to 18 digits: an item number, in extensions a namespace of seven digits, a partition of
two digits, a check digit. The partition's first digit says international (0) or extension (1), its second
says concept (0), description (1) or relationship (2). The check digit is Verhoeff's.
https://confluence.ihtsdotools.org/display/DOCRELFMT/6.2+SCTID+Representation
"""

import re
from dataclasses import dataclass
from typing import Literal

Component = Literal["concept", "description", "relationship"]

_FORM = re.compile(r"[1-9][0-9]{5,17}")
_COMPONENTS: dict[str, Component] = {"0": "concept", "1": "description", "2": "relationship"}
_NAMESPACE_DIGITS = 7
_SHORTEST_EXTENSION = 1 + _NAMESPACE_DIGITS + 3


def _dihedral(left: int, right: int) -> int:
    """Multiply two elements of the dihedral group of order ten; 0 to 4 turn, 5 to 9 also mirror."""
    turn = (left + (right if left < 5 else -right)) % 5
    return turn + (5 if (left < 5) != (right < 5) else 0)


def _permutations() -> tuple[tuple[int, ...], ...]:
    step = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    rows = [tuple(range(10))]
    for _ in range(7):
        rows.append(tuple(step[digit] for digit in rows[-1]))
    return tuple(rows)


_MULTIPLY = tuple(tuple(_dihedral(left, right) for right in range(10)) for left in range(10))
_PERMUTE = _permutations()
_INVERSE = tuple(row.index(0) for row in _MULTIPLY)


def verhoeff_digit(digits: str) -> str:
    """The Verhoeff check digit to append to a string of decimal digits."""
    state = 0
    for place, digit in enumerate(reversed(digits), start=1):
        state = _MULTIPLY[state][_PERMUTE[place % 8][int(digit)]]
    return str(_INVERSE[state])


def verhoeff_ok(digits: str) -> bool:
    """Whether the last digit is the Verhoeff check digit of those before it."""
    return verhoeff_digit(digits[:-1]) == digits[-1]


@dataclass(frozen=True, slots=True)
class Sctid:
    """A SNOMED CT identifier taken apart.

    Attributes:
        text: the identifier.
        check_ok: whether its check digit is right; nothing else can be trusted when it is not.
        partition: two digits, e.g. ``00``.
        component: what it identifies, None for a partition that the specification does not name.
        namespace: seven digits, or an empty string for the International Edition.
    """

    text: str
    check_ok: bool
    partition: str
    component: Component | None
    namespace: str

    @property
    def is_international(self) -> bool:
        """Whether it belongs to the International Edition."""
        return self.partition.startswith("0")

    @property
    def is_concept(self) -> bool:
        """Whether it is a sound identifier of a concept, the only kind that a Coding may carry."""
        return self.check_ok and self.component == "concept"


def parse(text: str) -> Sctid | None:
    """Take a SNOMED CT identifier apart; None when the text has not even its form."""
    if not _FORM.fullmatch(text):
        return None
    partition = text[-3:-1]
    known = partition[0] in "01"
    extension = partition[0] == "1"
    if extension and len(text) < _SHORTEST_EXTENSION:
        known = False
    return Sctid(
        text=text,
        check_ok=verhoeff_ok(text),
        partition=partition,
        component=_COMPONENTS.get(partition[1]) if known else None,
        namespace=text[-10:-3] if extension and known else "",
    )
