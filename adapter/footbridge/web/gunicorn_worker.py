"""gunicorn's threaded worker, in which no thread ever waits for a client to send.

gthread reads request line, headers and body in the thread that answers, for as long as the client takes: as many slow
clients as there are threads stop the process. Here the poller reads them all, without blocking, each within a deadline,
and gives a thread a request that is whole (``request_framing`` knows when). What a client reads slowly has a deadline
as well: the timeout of the socket, which ``sendall`` applies to the whole of what it sends.

It is built on what ``ThreadWorker`` calls its methods and attributes by public name; a test fails where one is gone.
"""

import socket
import time
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ
from typing import TYPE_CHECKING, Any

from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from footbridge.logs import get_logger
from footbridge.settings import settings
from footbridge.web.plain_answers import START, ErrorPage, refusal
from footbridge.web.rate_limits import LineLimit
from footbridge.web.request_framing import Framing, Progress

if TYPE_CHECKING:
    from concurrent.futures import Future

SEND_SECONDS = 30.0  # that a client may take to read one answer
LINGER_SECONDS = 2.0  # that a connection is read after its last answer, so that the client gets to see it
STOP_SECONDS = 5.0  # that a request may still take to arrive when the server is told to stop
MOST_BUFFERED = 64 * 1024 * 1024  # bytes of unfinished requests in one process
LONGEST_LINE = 8190  # bytes of method and URL, the most that gunicorn takes: a search by 200 ids
MULTIPART_BYTES = 64 * 1024  # of a form around its file
_RECEIVE = 64 * 1024
_CHECK = 0.25  # seconds between two looks for deadlines that have passed
_REFUSALS = {
    Progress.HEAD_TOO_LARGE: (431, "Request line and headers are too large."),
    Progress.BAD_CHUNKS: (400, "The body is not in valid chunks. Nothing was stored."),
}
_INVALID = {414: f"The URL is longer than {LONGEST_LINE} bytes. Send a search of FHIR by POST to _search."}
_CUT_OFF = "The request ended before it was complete. Nothing was stored."
_SLOW = "The request did not arrive in time. Nothing was stored."

wsgi.SERVER = "Footbridge"  # gunicorn writes this header itself, and would name itself in it

_log = get_logger(__name__)


class BufferedSocket(socket.socket):
    """A client's socket, whose ``recv`` gives what the poller has read, and never waits for more.

    Attributes:
        received: bytes that were read and not given away.
        held: bytes that count as buffered.
        is_unfit: whether more may follow of the request that was given away: the connection must be closed then.
        start: the first bytes of that request.
    """

    def __init__(self, fileno: int) -> None:
        super().__init__(fileno=fileno)
        self.received = bytearray()
        self.held = 0
        self.is_unfit = False
        self.start = b""
        self._given = memoryview(b"")

    def setblocking(self, flag: bool) -> None:
        """Blocking means: for a while."""
        self.settimeout(SEND_SECONDS if flag else 0.0)

    def receive(self) -> int:
        """Read what is there, without waiting; how many bytes: none at the end. Raises OSError."""
        data = super().recv(_RECEIVE)
        self.received += data
        self.held += len(data)
        return len(data)

    def give(self, count: int) -> None:
        """Let ``recv`` have the first so many bytes."""
        self._given = memoryview(bytes(self.received[:count]))
        self.start = bytes(self._given[:START])
        del self.received[:count]

    def recv(self, bufsize: int, flags: int = 0) -> bytes:  # noqa: ARG002 - the base class's signature
        """Bytes of the request. Raises TimeoutError where there are no more."""
        if not self._given:
            raise TimeoutError("the request has no more bytes")
        data, self._given = bytes(self._given[:bufsize]), self._given[bufsize:]
        return data


@dataclass(slots=True)
class _Reading:
    """A connection that the poller reads.

    Attributes:
        ends: when its time is over (``time.monotonic``).
        framing: of the request; None while the connection only lingers.
        is_in_body: whether the deadline is that of the body.
    """

    ends: float
    framing: Framing | None
    is_in_body: bool = False


class ReadingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Reads requests in the poller."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        known = settings()
        self._head_seconds, self._body_seconds = known.header_seconds, known.body_seconds
        self._longest_body = known.max_body_bytes
        uploads = (b"/portal/admin/directory/import", known.upload_bytes + MULTIPART_BYTES)
        self._longer_bodies = ((b"/ocean/", known.ocean_message_bytes), uploads)
        self._reading: dict[TConn, _Reading] = {}
        self._buffered = 0
        self._next_check = 0.0
        self._lines = LineLimit()

    def enqueue_req(self, conn: TConn) -> None:
        """Read the next request of a connection, and give it to a thread once it is whole."""
        if not isinstance(conn.sock, BufferedSocket):
            conn.sock = BufferedSocket(conn.sock.detach())
        conn.sock.settimeout(0.0)
        reading = _Reading(time.monotonic() + self._head_seconds, Framing(self._longest_body, self._longer_bodies))
        self._reading[conn] = reading
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_readable, conn))
        if conn.sock.received:
            self._advance(conn, reading)
        else:
            self._on_readable(conn)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Go on with the connection: its next request may be here already."""
        self._buffered -= conn.sock.held - len(conn.sock.received)
        conn.sock.held = len(conn.sock.received)
        if conn.sock.is_unfit:
            self._linger(conn)
        elif conn.sock.received and self.alive and not fs.cancelled() and fs.exception() is None and fs.result():
            self.enqueue_req(conn)
        else:
            self._buffered -= conn.sock.held
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """End what has taken too long; gunicorn calls this after each look for events."""
        super().murder_pending()
        now = time.monotonic()
        if now < self._next_check:
            return
        self._next_check = now + _CHECK
        for conn, reading in list(self._reading.items()):
            if not self.alive:
                reading.ends = min(reading.ends, now + STOP_SECONDS if conn.sock.received else now)
            if reading.ends > now:
                continue
            if reading.framing is not None and conn.sock.received:
                self._refuse(conn, 408, _SLOW)
            else:
                self._drop(conn)

    def handle_error(self, req: object, client: Any, addr: object, exc: Exception) -> None:  # noqa: ANN401 - a socket
        """Answer what gunicorn refuses as we answer: with its status, as problem details."""
        said = ErrorPage()
        super().handle_error(req, said, addr, exc)
        status = said.status
        detail = "The request is not valid HTTP." if status < 500 else "Details are in the server's log."
        start = client.start if isinstance(client, BufferedSocket) else b""
        try:
            client.sendall(refusal(status, _INVALID.get(status, detail), start=start))
        except OSError:
            _log.debug("server.no-reader")

    def _on_readable(self, conn: TConn, _fileobj: object = None) -> None:
        reading = self._reading[conn]
        try:
            count = conn.sock.receive()
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._drop(conn)
            return
        self._buffered += count
        if reading.framing is None:  # nobody reads it any more
            self._forget_bytes(conn)
            if not count:
                self._drop(conn)
        elif not count:
            self._end_early(conn)
        elif self._buffered > MOST_BUFFERED:
            self._refuse(conn, 503, "Too many requests are arriving at once. Nothing was stored.", retry_after=1)
        else:
            self._advance(conn, reading)

    def _advance(self, conn: TConn, reading: _Reading) -> None:
        framing = reading.framing
        if framing is None:
            return
        match framing.look(conn.sock.received):
            case Progress.COMPLETE:
                self._hand_over(conn, framing.end)
            case Progress.UNFIT:
                conn.sock.is_unfit = True
                self._hand_over(conn, len(conn.sock.received))
            case Progress.BODY if not reading.is_in_body:
                reading.is_in_body, reading.ends = True, time.monotonic() + self._body_seconds
                if framing.expects_continue:
                    self._send(conn, b"HTTP/1.1 100 Continue\r\n\r\n")
            case Progress.HEAD_TOO_LARGE | Progress.BAD_CHUNKS as progress:
                self._refuse(conn, *_REFUSALS[progress])

    def _hand_over(self, conn: TConn, count: int) -> None:
        del self._reading[conn]
        self.poller.unregister(conn.sock)
        conn.sock.give(count)
        conn.data_ready = True
        super().enqueue_req(conn)

    def _end_early(self, conn: TConn) -> None:
        if conn.sock.received:
            self._refuse(conn, 400, _CUT_OFF)
        else:
            self._drop(conn)

    def _refuse(self, conn: TConn, status: int, detail: str, *, retry_after: int | None = None) -> None:
        unlogged = self._lines.take(status)
        if unlogged is not None:
            _log.warning("server.refused", status=status, unlogged=unlogged)
        start = bytes(conn.sock.received[:START])
        self._send(conn, refusal(status, detail, retry_after=retry_after, start=start))
        del self._reading[conn]
        self.poller.unregister(conn.sock)
        self._linger(conn)

    def _linger(self, conn: TConn) -> None:
        """Send no more, and read for a moment: closing at once could take the last answer from the client."""
        self._forget_bytes(conn)
        conn.sock.settimeout(0.0)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.nr_conns -= 1
            conn.close()
            return
        self._reading[conn] = _Reading(time.monotonic() + LINGER_SECONDS, None)
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_readable, conn))

    def _forget_bytes(self, conn: TConn) -> None:
        self._buffered -= conn.sock.held
        conn.sock.held = 0
        conn.sock.received.clear()

    def _drop(self, conn: TConn) -> None:
        del self._reading[conn]
        self.poller.unregister(conn.sock)
        self._forget_bytes(conn)
        self.nr_conns -= 1
        conn.close()

    def _send(self, conn: TConn, answer: bytes) -> None:
        """Send a short text as far as it goes without waiting."""
        try:
            conn.sock.send(answer)
        except OSError:
            _log.debug("server.no-reader")
