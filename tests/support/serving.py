"""Runs ``footbridge.web.server.serve`` in processes of its own, as an operator does."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVE = """
import sys
from footbridge.cli.logs import log_to_stderr
from footbridge.web.server import Plan, serve
log_to_stderr()
workers, threads, deliveries = map(int, sys.argv[1:])
serve(Plan("127.0.0.1", 0, workers=workers, threads=threads, deliveries=deliveries),
      ready=lambda url: print(url, flush=True))
"""
LONG = 60  # seconds; a slow machine needs some of them


@dataclass(frozen=True)
class Served:
    """A running server.

    Attributes:
        process: the one that starts the others.
        base: its URL.
        log: the file that holds its log.
    """

    process: subprocess.Popen
    base: str
    log: Path

    def connect(self, *texts: bytes, timeout: float = LONG) -> socket.socket:
        """A connection on which these bytes were sent."""
        host, port = self.base.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=timeout)
        for text in texts:
            connection.sendall(text)
        return connection

    def exchange(self, *texts: bytes, timeout: float = LONG) -> bytes:
        """Send bytes, and read until the server closes the connection."""
        with self.connect(*texts, timeout=timeout) as connection:
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    found = b""
    while True:
        try:
            data = connection.recv(65536)
        except ConnectionResetError:
            return found
        if not data:
            return found
        found += data


@contextmanager
def serving(
    url: str, log: Path, *, workers: int = 1, threads: int = 4, deliveries: int = 0, **environment: str
) -> Iterator[Served]:
    """A server over the database of a URL; it is told to stop at the end, and must do so in order."""
    known = {**os.environ, "FOOTBRIDGE_DATABASE_URL": url, **environment}
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(workers), str(threads), str(deliveries)],
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            env=known,
        )
        try:
            base = process.stdout.readline().strip()
            assert base, log.read_text()
            yield Served(process, base, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.close()
            code = process.wait(LONG)
        assert code == 0
