"""Lets the writers of one SQLite file take turns, in this process and in others.

SQLite has one writer at a time, and those who wait for it sleep and try again: the longest wait is a matter of luck.
A lock on a file beside the database hands the turn on at once. It only keeps the waits short: SQLite's own lock keeps
the data right, so that a program which knows nothing of turns does no harm.

A turn that does not come in time raises ``Busy``. The system has no lock on a file that can be waited for only so
long: a thread waits, and whoever asked waits for the thread. What it gets when nobody waits any more, it gives back.
"""

import os
import threading
import time
from types import TracebackType

from footbridge.store import patience
from footbridge.store.patience import Busy

try:
    import fcntl
except ImportError:  # Windows: turns among the threads of a process alone
    fcntl = None  # type: ignore[assignment]


class WriterLock:
    """A lock to hold while writing: ``with turn: ...``. Not to be taken twice by one thread."""

    def __init__(self, database: str | None) -> None:
        """``database`` is the path of the SQLite file; None or ``:memory:`` for one that no other process sees."""
        self._thread = threading.Lock()
        is_file = database and database != ":memory:" and fcntl
        self._file = _FileTurn(LockFile(f"{database}-turn")) if is_file else None

    def __enter__(self) -> None:
        """Wait for the turn, at most as long as ``patience`` says. Raises Busy."""
        ends = time.monotonic() + patience.seconds_left()
        with patience.waiting():
            if not self._thread.acquire(timeout=ends - time.monotonic()):
                raise Busy("Others write to the database.")
            try:
                self._take_file(ends)
            except BaseException:
                self._thread.release()
                raise

    def _take_file(self, ends: float) -> None:
        try:
            if self._file is not None and not self._file.acquire(ends - time.monotonic()):
                raise Busy("Another process writes to the database.")
        except OSError:  # a folder that cannot be written to: SQLite itself will say so
            self._file = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.release()
        self._thread.release()


class _Attempt:
    """One wait for the lock, by a thread of its own; it may last longer than those who asked for it wait."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.over = threading.Event()
        self.wanted = True
        self.error: OSError | None = None


class _FileTurn:
    """The turn among processes. One thread of a process at a time may ask for it."""

    def __init__(self, file: "LockFile") -> None:
        self._file = file
        self._guard = threading.Lock()
        self._attempt: _Attempt | None = None

    def acquire(self, seconds: float) -> bool:
        """Wait for the turn; False when it did not come in time. Raises OSError."""
        with self._guard:
            attempt = self._running()
            if attempt is None:
                try:
                    fcntl.flock(self._file.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    attempt = self._start()
                else:
                    return True
            attempt.wanted = True
        attempt.over.wait(max(seconds, 0))
        with self._guard:
            if not attempt.over.is_set():
                attempt.wanted = False
                return False
            self._attempt = None
        if attempt.error is not None:
            raise attempt.error
        return True

    def release(self) -> None:
        """Hand the turn on."""
        fcntl.flock(self._file.descriptor, fcntl.LOCK_UN)

    def _running(self) -> _Attempt | None:
        """The wait of an earlier caller that gave up; a fork has no threads of its parent."""
        if self._attempt is not None and self._attempt.process != os.getpid():
            self._attempt = None
        return self._attempt

    def _start(self) -> _Attempt:
        attempt = self._attempt = _Attempt()
        descriptor = self._file.descriptor
        threading.Thread(target=self._wait, args=(attempt, descriptor), name="writer-turn", daemon=True).start()
        return attempt

    def _wait(self, attempt: _Attempt, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            attempt.error = error
        with self._guard:
            attempt.over.set()
            if not attempt.wanted:
                self._attempt = None
                if attempt.error is None:
                    fcntl.flock(descriptor, fcntl.LOCK_UN)


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
