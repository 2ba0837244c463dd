"""A file beside a SQLite database that processes lock; it holds nothing.

It is never closed while it is in use: closing any descriptor of a file ends every POSIX lock that the process has on
it (https://pubs.opengroup.org/onlinepubs/9799919799/functions/fcntl.html).
"""

import os


class LockFile:
    """The file of one path, open once a process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: tuple[int, int] | None = None  # process and descriptor: a fork opens its own

    @property
    def descriptor(self) -> int:
        """Its descriptor in this process; the file is made when it is missing. Raises OSError."""
        if self._open is None or self._open[0] != os.getpid():
            self._open = (os.getpid(), os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return self._open[1]

    def close(self) -> None:
        """End what this process has locked in it."""
        if self._open is not None and self._open[0] == os.getpid():
            os.close(self._open[1])
        self._open = None
