"""Readers, one file a form: the files of a source become records and findings.

A reader is lenient: it keeps what can be kept, and yields a finding for the rest; it raises ``DirectoryError`` only
when nothing of the source can be read, or a file breaks off in the middle: half a source must not become current. It
holds one record at a time, not the source: memory does not grow with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from footbridge.directory.files import SourceFile
from footbridge.directory.records import Finding, Record


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    ``strict``: the form's official schema decides, a record that breaks it is not given. ``schemas`` is a folder or
    file of official schemas that the project does not ship; ``mapping`` a column-mapping file; ``dialect`` a
    variant of the form, where it is not recognised (``cioc``). Without ``complete`` the source gives only what
    changed: what it does not hold may be there from before.
    """

    strict: bool = False
    schemas: Path | None = None
    mapping: Path | None = None
    dialect: str | None = None
    complete: bool = True


class Reader(Protocol):
    """One form of directory data."""

    @property
    def format(self) -> str:
        """Its name, for ``--format``: ``airs``, ``hsds-json``, ``hsds-tabular``, ``icarol-json``, ``csv``."""

    def recognises(self, files: Sequence[SourceFile]) -> bool:
        """Whether these files have this form, from their names and their first 64 KiB."""

    def read(self, files: Sequence[SourceFile], options: ReadOptions) -> Iterator[Record | Finding]:
        """Records in the order of the source, and findings between them.

        Raises:
            DirectoryError: nothing of it can be read, or not to the end; says what is wrong, where, and how to mend it.
        """
