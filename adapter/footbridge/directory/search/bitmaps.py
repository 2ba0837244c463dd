"""Sets of services as bitmaps: bit ``n`` of an integer is the service in slot ``n``.

A hundred thousand services are 12.5 kB; to intersect or count two sets takes some microseconds, so that every facet of
every question is counted exactly. Sums of weights are bitmaps too, one a binary digit: ``Planes``.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import TypeVar

Value = TypeVar("Value")

_FEW = 64  # bits that are faster picked one by one than by looking at all
_DIGITS = bytes(digit - 48 if digit in b"01" else 0 for digit in range(256))  # "0" and "1" to 0 and 1


def bitmap_of(slots: Iterable[int]) -> int:
    """The set of some slots."""
    slots = slots if isinstance(slots, list) else list(slots)
    if not slots:
        return 0
    marks = bytearray((max(slots) >> 3) + 1)
    for slot in slots:
        marks[slot >> 3] |= 1 << (slot & 7)
    return int.from_bytes(marks, "little")


def bitmap_where(values: bytes, value: int) -> int:
    """The slots in which a column of small numbers has a value."""
    marks = values.translate(bytes(49 if one == value else 48 for one in range(256)))
    return int(marks[::-1], 2) if marks else 0


def slots_of(bitmap: int) -> list[int]:
    """The slots of a set, ascending."""
    if bitmap.bit_count() > _FEW:
        return list(compress(range(bitmap.bit_length()), _marks(bitmap)))
    found = []
    while bitmap:
        lowest = bitmap & -bitmap
        found.append(lowest.bit_length() - 1)
        bitmap ^= lowest
    return found


def values_of(bitmap: int, column: Sequence[Value]) -> Iterator[Value]:
    """What a column has in the slots of a set, in their order."""
    return compress(column, _marks(bitmap))


class Membership:
    """Whether a slot is in a set, for many slots one after the other."""

    def __init__(self, bitmap: int) -> None:
        self._marks = bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little")

    def __contains__(self, slot: int) -> bool:
        place = slot >> 3
        return place < len(self._marks) and bool(self._marks[place] >> (slot & 7) & 1)


def _marks(bitmap: int) -> bytes:
    return bin(bitmap)[:1:-1].encode().translate(_DIGITS)


class Planes:
    """A sum for each slot, as one bitmap a binary digit, the lowest first."""

    def __init__(self) -> None:
        self.digits: list[int] = []

    def add(self, bitmap: int, weight: int) -> None:
        """Add a weight (0 or more) to the sums of a set."""
        place = 0
        while weight:
            if weight & 1:
                self._carry(bitmap, place)
            weight >>= 1
            place += 1

    def _carry(self, bitmap: int, place: int) -> None:
        while bitmap:
            while len(self.digits) <= place:
                self.digits.append(0)
            self.digits[place], bitmap = self.digits[place] ^ bitmap, self.digits[place] & bitmap
            place += 1

    def highest_first(self) -> list[int]:
        """The digits as criteria of order, the most significant first."""
        return self.digits[::-1]

    def at_least(self, bound: int, within: int) -> int:
        """Those of a set whose sum is ``bound`` or more."""
        above, equal = 0, within
        for place in range(max(len(self.digits), bound.bit_length()) - 1, -1, -1):
            digit = self.digits[place] if place < len(self.digits) else 0
            if bound >> place & 1:
                equal &= digit
            else:
                above |= equal & digit
                equal &= ~digit
        return above | equal


def in_order(criteria: Sequence[int], within: int) -> Iterator[int]:
    """A set in classes of equals, the best first: who has the first criterion goes before who has not, and so on."""
    waiting = [(within, 0)]
    while waiting:
        some, depth = waiting.pop()
        while some and depth < len(criteria):
            better = some & criteria[depth]
            depth += 1
            if better and better != some:
                waiting.append((some ^ better, depth))
                some = better
        if some:
            yield some
