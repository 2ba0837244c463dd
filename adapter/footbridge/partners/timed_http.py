"""HTTP connections whose every wait for an answer ends at one deadline.

A read timeout of ``requests`` counts for each piece that arrives, so that a server that sends one byte every few
seconds, or one ``100 Continue`` after the other, is waited for without end: in the status line, the headers, the sizes
of chunks and the trailers as well as in the body. Here each single wait is cut to what is left until the deadline of
the exchange, and no pause between two bytes starts it again.

A connection to an address where no partner can be (``addresses.is_forbidden``) is closed before anything is sent,
whatever name led there.
"""

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import urlencode

import requests
import urllib3.connection
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from footbridge.partners.addresses import is_below, is_forbidden

LONGEST: Final = 3600.0  # seconds; every exchange has a shorter limit
_UNTIL: Final[ContextVar[float | None]] = ContextVar("footbridge_exchange_until", default=None)
_SECRET: Final[ContextVar[tuple[str, str] | None]] = ContextVar("footbridge_secret_parameter", default=None)


@contextmanager
def exchange(until: float) -> Iterator[None]:
    """All waits in the block end at ``until``, seconds of the monotonic clock."""
    token = _UNTIL.set(until)
    try:
        yield
    finally:
        _UNTIL.reset(token)


@contextmanager
def secret_parameter(name: str, secret: str) -> Iterator[None]:
    """Requests in the block carry a query parameter that no URL has: urllib3 logs URLs, and errors quote them.

    For an API that takes its key in the query and in no other place.
    """
    token = _SECRET.set((name, secret))
    try:
        yield
    finally:
        _SECRET.reset(token)


def time_left(most: float) -> float:
    """Seconds until the exchange under way has to be over, at most ``most``. Raises TimeoutError when it is over."""
    until = _UNTIL.get()
    left = most if until is None else min(most, until - time.monotonic())
    if left <= 0:
        raise TimeoutError("the exchange took too long")
    return left


class _TimedReader(io.RawIOBase):
    """Reads from a socket, waiting no longer than the exchange may take."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        super().__init__()
        self._socket = connection
        self._until = until
        self._pause = connection.gettimeout() or LONGEST
        self._raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any writable buffer
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the exchange took too long")
        self._socket.settimeout(min(left, self._pause))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """A response that is read by a ``_TimedReader``; further interim responses than 100 are passed over too."""

    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - the base's
        super().__init__(sock, *arguments, **named)
        until = _UNTIL.get()
        if until is not None:
            self.fp.close()
            self.fp = io.BufferedReader(_TimedReader(sock, until))

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]  # not in the stubs
            if not 102 <= status < 200:
                return version, status, reason
            while self.fp.readline(65_537) not in {b"\r\n", b"\n", b""}:
                pass


class _Timed:
    """What both kinds of connections have in common."""

    sock: Any
    proxy: Any

    def _new_conn(self) -> socket.socket:
        found: socket.socket = super()._new_conn()  # type: ignore[misc]  # of urllib3's connection
        peer = found.getpeername()
        if self.proxy is None and isinstance(peer, tuple) and is_forbidden(str(peer[0])):
            found.close()
            raise NewConnectionError(self, "its address is not allowed")  # type: ignore[arg-type]
        return found

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - the base's
        if self.sock is not None:  # one that was used before
            self.sock.settimeout(time_left(LONGEST))
        secret = _SECRET.get()
        if secret is not None:
            url += ("&" if "?" in url else "?") + urlencode([secret])
        super().request(method, url, *arguments, **named)  # type: ignore[misc]


class _Connection(_Timed, urllib3.connection.HTTPConnection):
    """As urllib3's, with a deadline."""

    response_class: Any = _TimedResponse


class _SecureConnection(_Timed, urllib3.connection.HTTPSConnection):
    """As urllib3's, with a deadline."""

    response_class: Any = _TimedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class TimedAdapter(HTTPAdapter):
    """Sends to one server only, over connections with a deadline."""

    def __init__(self, base_url: str, *, pool_maxsize: int = 16) -> None:
        """``base_url``: requests to any other scheme, host or port are refused."""
        self._base_url = base_url
        super().__init__(pool_maxsize=pool_maxsize)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - the base's
        """As of the base, with our connections."""
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:  # noqa: ANN401 - the base's
        """Send it. Raises requests.exceptions.InvalidURL for another server than the adapter's."""
        if not is_below(self._base_url, request.url or ""):
            raise requests.exceptions.InvalidURL("not a URL of this server")
        return super().send(request, *arguments, **named)
