"""A server that writes bytes as a test says, and one that only records what reaches it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[socket.socket], None]


class RawServer:
    """Reads one request a connection, then does as it is told."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.seen: list[bytes] = []
        self.stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/fhir/r4"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                head = b""
                while b"\r\n\r\n" not in head and (part := connection.recv(65_536)):
                    head += part
                if head:
                    self.seen.append(head)
                    self.say(connection)
            except OSError:
                pass

    def stop(self) -> None:
        self.stopping.set()
        self._listener.close()

    def drip(self, connection: socket.socket, *, first: bytes = b"", piece: bytes = b"x", pause: float = 0.1) -> None:
        """Send a start, then a piece again and again, until the other side hangs up."""
        connection.sendall(first)
        while not self.stopping.is_set():
            connection.sendall(piece)
            time.sleep(pause)


@contextmanager
def raw_server(say: Say | None = None) -> Iterator[RawServer]:
    """The server, by default one that answers everything with an empty Bundle."""
    body = b'{"resourceType":"Bundle","type":"searchset"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nConnection: close\r\nContent-Length: "
    answer = head + str(len(body)).encode() + b"\r\n\r\n" + body
    server = RawServer(say or (lambda connection: connection.sendall(answer)))
    try:
        yield server
    finally:
        server.stop()
