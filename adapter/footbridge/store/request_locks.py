"""Requests under way: the same one is not begun twice, in this process or in another.

Whoever works on a request holds its key until the work is over, however it ends: the key of a process that dies is
free at once. Nothing is written: on SQLite a key is a lock on one byte of a file beside the database, on PostgreSQL
an advisory lock of a session. The answer is what is written (``store.idempotency``).
"""

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from footbridge.store.lock_file import LockFile

try:
    import fcntl
except ImportError:  # Windows: known within a process alone
    fcntl = None  # type: ignore[assignment]

_here: set[tuple[str, str, str]] = set()  # database, tenant and key of what this process works on
_guard = threading.Lock()
_TAKE = text("SELECT pg_try_advisory_lock(:number)")
_GIVE = text("SELECT pg_advisory_unlock(:number)")


class RequestLocks:
    """The requests under way on one database; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._name = engine.url.render_as_string()
        self._talk = threading.Lock()
        path = engine.url.database
        beside = engine.dialect.name == "sqlite" and path and path != ":memory:" and fcntl
        self._file = LockFile(f"{path}-locks") if beside else None
        self._session: tuple[int, Connection] | None = None  # process and connection

    @contextlib.contextmanager
    def hold(self, tenant: str, key: str) -> Iterator[bool]:
        """Hold a key for the block; gives False when somebody else holds it."""
        mine = (self._name, tenant, key)
        with _guard:
            free = mine not in _here
            _here.add(mine)
        if not free:
            yield False
            return
        number = int.from_bytes(hashlib.sha256(f"{tenant}\n{key}".encode()).digest()[:8]) >> 2  # both take 62 bits
        try:
            if not self._take(number):
                yield False
                return
            try:
                yield True
            finally:
                self._give(number)
        finally:
            with _guard:
                _here.discard(mine)

    def close(self) -> None:
        """Give back what the database's end of it takes."""
        with self._talk:
            if self._file is not None:
                self._file.close()
            if self._session is not None and self._session[0] == os.getpid():
                self._session[1].close()
            self._session = None

    def _take(self, number: int) -> bool:
        if self._engine.dialect.name == "postgresql":
            with self._talk:
                try:
                    return bool(self._connection().scalar(_TAKE, {"number": number}))
                except DBAPIError:  # the server was started anew, and with it every lock ended
                    self._session = None
                    return bool(self._connection().scalar(_TAKE, {"number": number}))
        if self._file is None:
            return True
        with self._talk:
            try:
                descriptor = self._file.descriptor
            except OSError:  # a folder that cannot be written to: SQLite itself will say so
                return True
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            except (BlockingIOError, PermissionError):  # the two ways in which systems say that another holds it
                return False
        return True

    def _give(self, number: int) -> None:
        with self._talk:
            if self._session is not None:
                with contextlib.suppress(DBAPIError):  # the session ended, and its locks with it
                    self._session[1].scalar(_GIVE, {"number": number})
            elif self._file is not None:
                with contextlib.suppress(OSError):  # a folder that cannot be written to: nothing was locked
                    fcntl.lockf(self._file.descriptor, fcntl.LOCK_UN, 1, number)

    def _connection(self) -> Connection:
        if self._session is None or self._session[0] != os.getpid():
            session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._session = (os.getpid(), session)
        return self._session[1]
