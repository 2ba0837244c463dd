"""The records of an import between reading and writing: on the disk, in a file of their own that goes with the import.

What may be shown of a record can depend on others that come later in the source (the address of a shelter's location,
a service's text that repeats it). So all of a source is read before anything of it is stored. The file is for its owner
alone, and holds no more than the source does.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from footbridge.directory.importing.findings_file import FindingsFile
from footbridge.directory.records import Kind

_TABLE = """
CREATE TABLE staged (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, native_id TEXT NOT NULL, path TEXT NOT NULL,
  line INTEGER, fingerprint TEXT NOT NULL, organization TEXT, service TEXT, location TEXT, is_new INTEGER NOT NULL,
  withholds INTEGER NOT NULL, secrets BLOB, data BLOB, findings BLOB, known_relation TEXT, document INTEGER)
"""
_COLUMNS = (
    "id, kind, native_id, path, line, fingerprint, organization, service, location, is_new, withholds, secrets, data, "
    "findings, known_relation, document"
)
_ROWS = 500
_RESTRICTING = ("restrictions", "withheld", "address_withheld")


@dataclass(slots=True)
class Staged:
    """One record.

    Attributes:
        id: as in ``directory.ids``, those of ``organization``, ``service`` and ``location`` too.
        is_new: whether it was prepared; else ``data`` is the raw one, and the record is stored already.
        withholds: whether where it is may not be shown (a shelter).
        secrets: JSON, values that were dropped from it; None: none.
        data: JSON; None where nothing of the record may be kept.
        findings: JSON.
        known_relation: the relation (``relations``) that its stored version was made under.
        document: number of the first document that gives it, where the source has documents.
    """

    id: str
    kind: Kind
    native_id: str
    path: str
    line: int | None
    fingerprint: str
    organization: str | None
    service: str | None
    location: str | None
    is_new: bool
    withholds: bool
    secrets: bytes | None
    data: bytes | None
    findings: bytes | None
    known_relation: str | None
    document: int | None = None


StagedRow: TypeAlias = tuple[
    str, Kind, str, str, int | None, str, str | None, str | None, str | None, bool, bool, bytes | None, bytes | None,
    bytes | None, str | None, int | None,
]  # fmt: skip
"""The members of ``Staged`` in their order."""


class Staging:
    """The staged records of one import, in the order of the source, and what was found in it (``findings``)."""

    def __init__(self, connection: sqlite3.Connection, file: str) -> None:
        self._connection, self._file = connection, file
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-8000")
        connection.execute("BEGIN")
        connection.execute(_TABLE)
        self.findings = FindingsFile(connection)

    def add(self, rows: Iterable[Staged]) -> None:
        """Stage records."""
        names = Staged.__slots__
        self.add_rows([tuple(getattr(row, name) for name in names) for row in rows])

    def add_rows(self, rows: Sequence[StagedRow]) -> None:
        """Stage records that another process made rows of."""
        marks = ", ".join("?" * len(Staged.__slots__))
        self._connection.executemany(f"INSERT INTO staged ({_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608 - our own

    def clear(self) -> None:
        """Forget all of them."""
        self._connection.execute("DELETE FROM staged")
        self.findings.clear()

    def of_documents(self) -> Iterator[tuple[int, Kind, str, bool]]:
        """Of each record: its document, kind and id, and whether it has to be prepared each time."""
        yield from self._connection.execute(
            "SELECT document, kind, id, withholds OR secrets IS NOT NULL OR data IS NULL FROM staged ORDER BY document"
        )

    def index(self) -> None:
        """Make links between records quick to follow; call it when all are there."""
        self._connection.execute("CREATE INDEX staged_id ON staged (id)")
        for column in ("organization", "service", "location"):
            self._connection.execute(f"CREATE INDEX staged_{column} ON staged ({column}) WHERE {column} IS NOT NULL")
        self._connection.execute(
            "CREATE INDEX staged_marked ON staged (position) WHERE withholds OR secrets IS NOT NULL"
        )

    def marked(self) -> list[Staged]:
        """Those that withhold a place, or that something was dropped from."""
        return list(self._rows("withholds OR secrets IS NOT NULL", ()))

    def marked_of(self, ids: Sequence[str]) -> Iterator[Staged]:
        """Of the records with these ids, those that ``marked`` gives."""
        for start in range(0, len(ids), _ROWS):
            some = ids[start : start + _ROWS]
            yield from self._rows(f"(withholds OR secrets IS NOT NULL) AND id IN ({_marks(some)})", some)

    def restricted(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Id and data of those with these ids that have restrictions, are withheld, or of which nothing is kept."""
        condition = " OR ".join(_holds(one) for one in _RESTRICTING)
        for start in range(0, len(ids), _ROWS):
            some = ids[start : start + _ROWS]
            query = f"SELECT id, data FROM staged WHERE id IN ({_marks(some)}) AND (data IS NULL OR {condition})"  # noqa: S608 - our own
            yield from self._connection.execute(query, list(some))

    def restricted_of(self, kind: Kind) -> list[tuple[str, bytes]]:
        """Id and data of the records of a kind that have restrictions."""
        query = f"SELECT id, data FROM staged WHERE kind = ? AND {_holds('restrictions')}"  # noqa: S608 - our own
        return list(self._connection.execute(query, [kind]))

    def where(self, column: str, values: Sequence[str]) -> Iterator[Staged]:
        """Those whose column has one of the values."""
        for start in range(0, len(values), _ROWS):
            some = values[start : start + _ROWS]
            yield from self._rows(f"{column} IN ({_marks(some)})", some)

    def replace(self, row: Staged) -> None:
        """Write a record anew: its data and findings, and what it withholds."""
        self._connection.execute(
            "UPDATE staged SET data = ?, findings = ?, secrets = ?, withholds = ?, is_new = ? WHERE id = ?",
            (row.data, row.findings, row.secrets, row.withholds, row.is_new, row.id),
        )

    def some(self, kinds: Sequence[Kind]) -> Iterator[tuple[str, Kind, bytes]]:
        """Id, kind and data of every record of these kinds, as they come; nothing is replaced meanwhile."""
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT id, kind, data FROM staged WHERE kind IN ({marks}) AND data IS NOT NULL"  # noqa: S608 - marks
        yield from self._connection.execute(query, list(kinds))

    def services(self) -> list[str]:
        """Ids of the services that may be shown, in their order."""
        rows = self._connection.execute("SELECT id FROM staged WHERE kind = 'service' AND data IS NOT NULL ORDER BY id")
        return [row[0] for row in rows]

    def shared(self) -> str:
        """The file, for other processes to read: nothing is staged any more."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")
        return self._file

    def by_id(self, size: int) -> Iterator[list[tuple[int, Staged]]]:
        """All of them with their positions, in the order of their ids, so many at a time."""
        rows = self._connection.execute(f"SELECT position, {_COLUMNS} FROM staged ORDER BY id")  # noqa: S608 - our own
        while some := rows.fetchmany(size):
            yield [(row[0], _staged(row[1:])) for row in some]

    def _rows(self, condition: str, values: Sequence[str]) -> Iterator[Staged]:
        query = f"SELECT {_COLUMNS} FROM staged WHERE {condition} ORDER BY position"  # noqa: S608 - our own conditions
        for row in self._connection.execute(query, list(values)).fetchall():
            yield _staged(row)


def _holds(member: str) -> str:
    """A condition: the data has a member of this name, at any depth."""
    return f"instr(data, CAST('\"{member}\"' AS BLOB)) > 0"


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _staged(row: Any) -> Staged:  # noqa: ANN401 - a row of the driver's, as it was written
    found = Staged(*row)
    found.is_new, found.withholds = bool(found.is_new), bool(found.withholds)
    return found


@contextmanager
def staging() -> Iterator[Staging]:
    """A staging area that is deleted at the end, whatever happens."""
    with (
        tempfile.TemporaryDirectory(prefix="footbridge-import-") as folder,  # mode 0700
        closing(sqlite3.connect(file := str(Path(folder) / "staged.sqlite3"), isolation_level=None)) as connection,
    ):
        yield Staging(connection, file)
