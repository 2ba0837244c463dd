"""What an import finds, on the disk while it runs: a source may have a finding for each of its records.

Three kinds, in the file of ``staging``: what readers found, in the order in which it is told; what a reader of
documents tells, to be put into the order of the source; the notes of documents, for the next import.
"""

import sqlite3
from collections.abc import Iterator

import orjson

from footbridge.directory.importing.notes import Note
from footbridge.directory.packed_json import as_json
from footbridge.directory.records import Finding

_TABLES = """
CREATE TABLE found (n INTEGER PRIMARY KEY, finding TEXT NOT NULL);
CREATE TABLE unsorted (n INTEGER PRIMARY KEY, step REAL NOT NULL, copy INTEGER NOT NULL, finding BLOB NOT NULL);
CREATE TABLE note (n INTEGER PRIMARY KEY, document INTEGER NOT NULL, data BLOB NOT NULL)
"""


class FindingsFile:
    """The findings of one import."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        for table in _TABLES.split(";"):
            connection.execute(table)

    def clear(self) -> None:
        """Forget all of them."""
        for table in ("found", "unsorted", "note"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def add(self, finding: str) -> None:
        """Add one, as JSON, to those that are stored in the end."""
        self._connection.execute("INSERT INTO found (finding) VALUES (?)", (finding,))

    def all(self) -> Iterator[str]:
        """Those that were added, in their order."""
        for (finding,) in self._connection.execute("SELECT finding FROM found ORDER BY n"):
            yield finding

    def tell(self, step: float, copy: int, finding: Finding) -> None:
        """Keep what is told about an object until all is told."""
        row = (step, copy, as_json(finding))
        self._connection.execute("INSERT INTO unsorted (step, copy, finding) VALUES (?, ?, ?)", row)

    def told(self) -> Iterator[Finding]:
        """What was told, by step, then by object, then in the order in which it was told."""
        for (finding,) in self._connection.execute("SELECT finding FROM unsorted ORDER BY step, copy, n"):
            yield Finding(**orjson.loads(finding))

    def note(self, document: int, note: Note) -> None:
        """Keep a note of a document."""
        self._connection.execute("INSERT INTO note (document, data) VALUES (?, ?)", (document, as_json(note)))

    def notes(self) -> dict[int, bytes]:
        """The notes of each document that has some: a JSON list."""
        found: dict[int, bytes] = {}
        for document, data in self._connection.execute("SELECT document, data FROM note ORDER BY document, n"):
            found[document] = found[document][:-1] + b"," + data + b"]" if document in found else b"[" + data + b"]"
        return found
