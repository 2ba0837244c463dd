"""Core objects of a source on their way to records, in a SQLite file of their own, so that memory does not grow.

A source gives one object many times (an organization in each of its services), and one id to many objects (``org_1``
in each of its documents). Copies of one object become one record: the fullest, with what only the others have. Objects
that share an id and are not the same (another name, another place) all get an id with a suffix from what they are, so
that none is lost and none changes into another when the source changes. A UUID is always one object.
"""

import contextlib
import hashlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from footbridge.directory.packed_json import as_json
from footbridge.directory.readers.copies import Copy, cluster, merged
from footbridge.directory.readers.hsds_copies import KINDS, Complete, Copies
from footbridge.directory.readers.tally import Tally
from footbridge.directory.records import FOUND_LENGTH, Finding, Kind, Record

_UUID: Final = re.compile(r"^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$", re.IGNORECASE)
_BATCH: Final = 2_000  # rows that are written at once
_BATCH_SIZE: Final = 2 * 1024**2  # or bytes
_COPIES: Final = 1_000  # different copies of one id that are compared
_SCHEMA: Final = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-8000;
PRAGMA temp_store=FILE;
CREATE TABLE copy (n INTEGER PRIMARY KEY, kind INTEGER, id TEXT, derived INTEGER, scope INTEGER, digest BLOB,
    identity BLOB, size INTEGER, path TEXT, line INTEGER, data BLOB, UNIQUE (kind, id, digest));
CREATE TABLE seen (scope INTEGER, kind INTEGER, id TEXT, digest BLOB, PRIMARY KEY (scope, kind, id, digest))
    WITHOUT ROWID;
CREATE TABLE split (kind INTEGER, id TEXT, digest BLOB, native_id TEXT, PRIMARY KEY (kind, id, digest)) WITHOUT ROWID;
CREATE TABLE joined (n INTEGER PRIMARY KEY, native_id TEXT, digest BLOB, data BLOB, findings BLOB);
CREATE TABLE pair (service TEXT, location TEXT, PRIMARY KEY (service, location)) WITHOUT ROWID;
CREATE TABLE lookup (type TEXT, id TEXT, data BLOB, PRIMARY KEY (type, id)) WITHOUT ROWID;
"""
_INSERT: Final = "INSERT OR IGNORE INTO copy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_SEEN: Final = "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)"
_INSERT_PAIR: Final = "INSERT OR IGNORE INTO pair VALUES (?, ?)"
CopyRow: TypeAlias = tuple[int | None, int, str, bool, int, bytes, bytes, int, str, int | None, bytes]
"""A row of ``copy``; without ``n`` it goes to the end."""


@dataclass(slots=True)
class CoreObject:
    """One core object of a source. ``identity`` is what it is (name, organization, place), as far as it says."""

    kind: Kind
    native_id: str
    data: dict[str, Any]
    identity: Mapping[str, str]
    scope: int
    path: str
    line: int | None = None
    derived: bool = False  # the source gives no id: it is made of what the object is


def is_uuid(text: str) -> bool:
    """Whether an id is unique by its making."""
    return bool(_UUID.match(text))


def derived_id(kind: Kind, identity: Mapping[str, str], data: Mapping[str, Any]) -> str:
    """An id for an object without one: from its identity, or from all it says when it has none."""
    basis = identity or data
    text = orjson.dumps([kind, basis], option=orjson.OPT_SORT_KEYS, default=str)
    return f"~{hashlib.sha256(text).hexdigest()[:20]}"


def copy_row(item: CoreObject, number: int | None = None) -> CopyRow:
    """An object as it is staged."""
    data = as_json(item.data, option=orjson.OPT_SORT_KEYS, default=str)
    identity = as_json(item.identity, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(identity + data, digest_size=16).digest()
    kind = KINDS.index(item.kind)
    return (
        number, kind, item.native_id, item.derived, item.scope, digest, identity, len(data), item.path, item.line, data,
    )  # fmt: skip


def seen_row(row: CopyRow) -> tuple[int, int, str, bytes]:
    """In which scope there is which copy."""
    return row[4], row[1], row[2], row[5]


def pair_of(item: CoreObject) -> tuple[str, str]:
    """The service and the location that an object joins."""
    return str(item.data.get("service_id")), str(item.data.get("location_id"))


class Staging(Copies, contextlib.AbstractContextManager["Staging"]):
    """Takes core objects in any order, and gives each record once. The file is deleted at the end."""

    def __init__(self, tally: Tally) -> None:
        handle, self.file = tempfile.mkstemp(prefix="footbridge-directory-", suffix=".sqlite3")  # mode 0600
        os.close(handle)
        sql = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False)
        super().__init__(sql, tally, frozenset(), has_split=False)
        self.sql.executescript(_SCHEMA)
        self.sql.execute("BEGIN")
        self._copies: list[tuple[Any, ...]] = []
        self._seen: list[tuple[Any, ...]] = []
        self._pairs: list[tuple[str, str]] = []
        self._size = 0

    def __exit__(self, *_: object) -> None:
        """Delete the file."""
        self.sql.close()
        with contextlib.suppress(OSError):
            os.unlink(self.file)  # noqa: PTH108 - it may be gone

    def add(self, item: CoreObject) -> None:
        """Take one object."""
        row = copy_row(item)
        self._copies.append(row)
        if not is_uuid(item.native_id):
            self._seen.append(seen_row(row))
        if item.kind == "service_at_location" and not item.derived:
            self._pairs.append(pair_of(item))
        self._size += row[7]
        if len(self._copies) >= _BATCH or self._size >= _BATCH_SIZE:
            self.flush()

    def add_rows(self, copies: Sequence[CopyRow], pairs: Sequence[tuple[str, str]]) -> None:
        """Take objects that another process made rows of: with numbers that ascend."""
        self.sql.executemany(_INSERT, copies)
        self.sql.executemany(_INSERT_SEEN, (seen_row(row) for row in copies if not is_uuid(row[2])))
        self.sql.executemany(_INSERT_PAIR, pairs)

    def add_lookup(self, type_name: str, native_id: str, data: Mapping[str, Any]) -> None:
        """Take an object that others refer to: a taxonomy term, a program, a unit. The fullest one counts."""
        self.add_lookup_row(type_name, native_id, as_json(data, option=orjson.OPT_SORT_KEYS, default=str))

    def add_lookup_row(self, type_name: str, native_id: str, packed: bytes) -> None:
        """The same for an object in JSON with sorted members."""
        self.sql.execute(
            "INSERT INTO lookup VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET data = excluded.data"
            " WHERE (length(excluded.data), excluded.data) > (length(data), data)",
            (type_name, native_id, packed),
        )

    def flush(self) -> None:
        """Write what is still in memory."""
        self.sql.executemany(_INSERT, self._copies)
        self.sql.executemany(_INSERT_SEEN, self._seen)
        self.sql.executemany(_INSERT_PAIR, self._pairs)
        self._copies, self._seen, self._pairs, self._size = [], [], [], 0

    def finish(self) -> None:
        """Decide what the copies are, when all are taken; from then on it is only read, by other processes too."""
        self.flush()
        self._join()
        self.kinds = frozenset(row[0] for row in self.sql.execute("SELECT DISTINCT kind FROM copy"))
        self.sql.execute("COMMIT")

    def ids(self, first: int, last: int) -> Iterator[tuple[Kind, str]]:
        """Kind and native id of the records that the copies between two numbers give."""
        for kind, own in self.sql.execute(
            "SELECT copy.kind, coalesce(joined.native_id, copy.id) FROM copy LEFT JOIN joined ON joined.n = copy.n"
            " WHERE copy.n BETWEEN ? AND ? AND (joined.n IS NULL OR joined.native_id IS NOT NULL)",
            (first, last),
        ):
            yield KINDS[kind], own

    def records_of(self, complete: Complete) -> Iterator[Record | Finding]:
        """Each record once, in the order of the source, with its findings; ``complete`` adds what belongs to it."""
        self.finish()
        for _, item in self.records(complete):
            yield item

    def _join(self) -> None:
        """Find the ids that are there more than once, and decide what each of their copies is."""
        many = self.sql.execute(
            "SELECT kind, id FROM copy GROUP BY kind, id HAVING COUNT(*) > 1 ORDER BY MIN(n)"
        ).fetchall()
        for kind, own in many:
            rows = self.sql.execute(
                "SELECT n, derived, scope, digest, identity, data FROM copy WHERE kind = ? AND id = ?"
                " ORDER BY size DESC, digest LIMIT ?", (kind, own, _COPIES),
            ).fetchall()  # fmt: skip
            copies = [Copy(n, scope, digest, *map(orjson.loads, rest)) for n, _, scope, digest, *rest in rows]
            apart = any(row[1] for row in rows) and (KINDS[kind] == "service" or not copies[0].identity)
            groups = cluster(copies, one=is_uuid(own), apart=apart)
            self.sql.executemany(
                "INSERT OR IGNORE INTO joined (n) SELECT n FROM copy WHERE kind = ? AND id = ?", [(kind, own)]
            )
            for group in groups:
                native_id = own if len(groups) == 1 else f"{own}~{group.suffix(apart=apart)}"
                self._write(kind, own, native_id, group.copies, collided=len(groups) > 1)
            self.has_split = self.has_split or len(groups) > 1
        if self.has_split:
            self.sql.execute("CREATE INDEX seen_copy ON seen (kind, id, digest)")

    def _write(self, kind: int, own: str, native_id: str, copies: list[Copy], *, collided: bool) -> None:
        data, differing = merged(copies)
        findings = [("hsds.copies-differ", member, str(found)[:FOUND_LENGTH]) for member, found in differing]
        if collided:
            if KINDS[kind] != "service_at_location":
                findings.append(("hsds.id-collision", "id", own[:FOUND_LENGTH]))
            digests = [(kind, own, copy.digest, native_id) for copy in copies]
            self.sql.executemany("INSERT OR IGNORE INTO split VALUES (?, ?, ?, ?)", digests)
        first = min(copy.n for copy in copies)
        self.sql.execute(
            "UPDATE joined SET native_id = ?, digest = ?, data = ?, findings = ? WHERE n = ?",
            (
                native_id,
                copies[0].digest,
                as_json(data, option=orjson.OPT_SORT_KEYS, default=str),
                as_json(findings),
                first,
            ),
        )
