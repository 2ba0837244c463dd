"""A stream of which no more than one record's size is in memory: who reads it says when a record has ended.

A file may hold one value of a gigabyte, or one record with a million phones. No record of a directory is that large,
and whatever parses it would take many times its size.
"""

from typing import BinaryIO, Final

from footbridge.directory.errors import DirectoryError
from footbridge.i18n import _

LARGEST: Final = 8_000_000  # bytes of one record


class Bounded:
    """A stream that ends with an error when more than ``LARGEST`` bytes belong to one record."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name
        self._given = self._marked = self._kept = 0
        self._before = ""

    def read(self, size: int = -1) -> bytes:
        """Some bytes; raises DirectoryError where they go on and on without the end of a record."""
        if self._given - self._marked + self._kept > LARGEST:
            raise too_large(self._name, self._before)
        data = self._stream.read(LARGEST if size < 0 else min(size, LARGEST))
        self._given += len(data)
        return data

    def mark(self, pointer: str) -> None:
        """A record has ended, and is no longer needed."""
        self._marked, self._before = self._given, pointer

    def keep(self, pointer: str) -> None:
        """A part has ended, and stays in memory until the end of the file."""
        self._kept += self._given - self._marked
        self.mark(pointer)


def too_large(name: str, before: str) -> DirectoryError:
    """What is said of such a record, which comes after the one at ``before``."""
    return DirectoryError(
        _(
            "{name}: after {place}, more than {most:,} bytes belong to one record. No record of a directory is that "
            "large. Correct that record, or export again with a list of services.",
            name=name,
            place=before or _("the beginning"),
            most=LARGEST,
        )
    )
