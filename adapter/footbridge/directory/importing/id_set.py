"""A set of ids in one block of memory.

An import notes the id of each record that it reads. A hundred thousand services have 400,000 records: as a ``set`` of
``bytes`` they take 50 MB, here 8 to 16.
"""

from typing import Final

SIZE: Final = 16  # bytes of an id
_NONE: Final = bytes(SIZE)
_FULL: Final = 3, 5  # slots are doubled when more than 3 of 5 are taken


class IdSet:
    """Ids of 16 bytes, none of them all zeros. They are hashes (UUIDs of version 5): their first bytes spread them."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all of them."""
        self._slots, self._mask, self._count = bytearray(SIZE << 8), (1 << 8) - 1, 0

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    def __contains__(self, one: bytes) -> bool:
        """Whether an id is there."""
        place = self._place(one)
        return self._slots[place : place + SIZE] == one

    def add(self, one: bytes) -> bool:
        """Note an id; whether it is new."""
        place = self._place(one)
        if self._slots[place : place + SIZE] == one:
            return False
        self._slots[place : place + SIZE] = one
        self._count += 1
        taken, of = _FULL
        if self._count * of > (self._mask + 1) * taken:
            self._double()
        return True

    def _place(self, one: bytes) -> int:
        """Where an id stands, or would: the first byte of its slot."""
        slots, mask = self._slots, self._mask
        at = int.from_bytes(one[:6], "little") & mask
        while True:
            place = at * SIZE
            found = slots[place : place + SIZE]
            if found in (one, _NONE):
                return place
            at = (at + 1) & mask

    def _double(self) -> None:
        old = self._slots
        self._slots, self._mask = bytearray(2 * len(old)), 2 * self._mask + 1
        for at in range(0, len(old), SIZE):
            one = bytes(old[at : at + SIZE])
            if one != _NONE:
                place = self._place(one)
                self._slots[place : place + SIZE] = one
