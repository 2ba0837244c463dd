"""Limits for what anybody can cause without a token: failed requests, and their lines in the log.

Behind a proxy all clients may share one address, so that no address is ever refused as a whole: one client with a wrong
token would lock out all others. What is refused for a while is one wrong token from one address, before the database is
asked. Tokens have 256 random bits: to try many of them is noise, and of noise the log keeps a few lines a minute.

Counts are those of one process, in memory; a minute later they are forgotten.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable

MINUTE = 60.0  # seconds
LINES = 10  # of the log, a minute and client, about failed authentication
FAILURES = 30  # of one token from one address, a minute
MOST_KEYS = 10_000


class Counter:
    """Counts by key in windows of a minute; safe to share between threads."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, key: Hashable) -> tuple[int, int]:
        """Count once more; returns the count in this window and, where the window is new, that of the last one."""
        now = time.monotonic()
        with self._lock:
            began, count = self._counts.pop(key, (now, 0))
            before = 0
            if now - began >= MINUTE:
                began, count, before = now, 0, count
            self._counts[key] = (began, count + 1)
            if len(self._counts) > MOST_KEYS:
                self._counts.popitem(last=False)
        return count + 1, before

    def seconds_over(self, key: Hashable, most: int) -> int | None:
        """For how many seconds the key is over a limit; None when it is not."""
        now = time.monotonic()
        with self._lock:
            began, count = self._counts.get(key, (now, 0))
        left = began + MINUTE - now
        return max(1, int(left) + 1) if count >= most and left > 0 else None


class LineLimit:
    """At most ``LINES`` lines a minute about the same."""

    def __init__(self) -> None:
        self._counter = Counter()

    def take(self, key: Hashable) -> int | None:
        """Whether to write a line: how many were left out in the minute before, or None to leave this one out."""
        count, before = self._counter.add(key)
        return None if count > LINES else max(0, before - LINES)


class FailedTokens:
    """Which wrong tokens were tried too often from one address."""

    def __init__(self) -> None:
        self._counter = Counter()

    def failed(self, address: str | None, token: str) -> None:
        """The token is unknown or revoked."""
        self._counter.add(_key(address, token))

    def wait(self, address: str | None, token: str) -> int | None:
        """Seconds until the token may be tried again from there; None when it may be now."""
        return self._counter.seconds_over(_key(address, token), FAILURES)


def _key(address: str | None, token: str) -> tuple[str, bytes]:
    return address or "", hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()[:16]
