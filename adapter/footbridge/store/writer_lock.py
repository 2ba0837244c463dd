"""Lets the writers of one SQLite file take turns, in this process and in others.

SQLite has one writer at a time, and those who wait for it sleep and try again: the longest wait is a matter of luck.
A lock on a file beside the database hands the turn on at once. It only keeps the waits short: SQLite's own lock keeps
the data right, so that a program which knows nothing of turns does no harm.
"""

import os
import threading
from types import TracebackType

try:
    import fcntl
except ImportError:  # Windows: turns among the threads of a process alone
    fcntl = None  # type: ignore[assignment]


class WriterLock:
    """A lock to hold while writing: ``with turn: ...``. Not to be taken twice by one thread."""

    def __init__(self, database: str | None) -> None:
        """``database`` is the path of the SQLite file; None or ``:memory:`` for one that no other process sees."""
        self._thread = threading.Lock()
        self._file = LockFile(f"{database}-turn") if database and database != ":memory:" and fcntl else None

    def __enter__(self) -> None:
        self._thread.acquire()
        if self._file is not None:
            try:
                fcntl.flock(self._file.descriptor, fcntl.LOCK_EX)
            except OSError:  # a folder that cannot be written to: SQLite itself will say so
                self._file = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            fcntl.flock(self._file.descriptor, fcntl.LOCK_UN)
        self._thread.release()


class LockFile:
    """A file beside a SQLite database that processes lock; it holds nothing, and is open once a process.

    It is never closed while it is in use: closing any descriptor of a file may end the locks that the process has on it
    (https://pubs.opengroup.org/onlinepubs/9799919799/functions/fcntl.html).
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: tuple[int, int] | None = None  # process and descriptor: a fork opens its own

    @property
    def descriptor(self) -> int:
        """Its descriptor in this process; the file is made when it is missing. Raises OSError."""
        if self._open is None or self._open[0] != os.getpid():
            self._open = (os.getpid(), os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return self._open[1]
