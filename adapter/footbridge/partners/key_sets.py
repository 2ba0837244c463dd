"""Key sets that partners publish at a URL: fetched with the guards of every request to a partner, and cached.

How long a set may be used is what its headers say (RFC 9111: ``Cache-Control``, ``Age``, ``Expires``), at most a day,
and five minutes where they say nothing. A key that is not in the cached set makes it be fetched once more, since the
partner may have changed its keys. However often somebody asks, a URL is fetched ``MOST`` times a minute at most.
"""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from footbridge.errors import PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.model.clock import Clock
from footbridge.partners.addresses import checked_base
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.fhir.transport import Limits, Transport
from footbridge.security.key_sets import MAX_BYTES, PublicKey, read_keys

USUAL: Final = 300  # seconds that a set is used whose headers say nothing
LONGEST: Final = 86_400
MOST: Final = 30  # fetches of one URL a minute
_LIMITS: Final = Limits(connect=3.0, total=5.0, max_bytes=MAX_BYTES)
_MINUTE: Final = timedelta(minutes=1)


def checked_url(url: str, *, allow_http: bool) -> str:
    """The URL of a key set. Raises ConfigurationError where nothing may be fetched from it."""
    return checked_base(url, allow_http=allow_http, what=_("The URL of the key set"))


@dataclass(slots=True)
class _Cached:
    """What is known of one URL; ``lock`` lets one thread fetch while the others wait for what it finds."""

    keys: tuple[PublicKey, ...] = ()
    until: datetime | None = None
    etag: str | None = None
    fetched: deque[datetime] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeySets:
    """The key sets of one process; safe to share between threads."""

    def __init__(self, clock: Clock, *, allow_http: bool = False) -> None:
        self._clock = clock
        self._allow_http = allow_http
        self._cached: dict[str, _Cached] = {}
        self._lock = threading.Lock()

    def keys(self, url: str, kid: str) -> Sequence[PublicKey]:
        """The keys at a URL, from the cache while that holds and has the key ``kid``.

        Raises PartnerUnavailable or PartnerRefused where it cannot be fetched, ConfigurationError where it is not fit
        for use.
        """
        with self._lock:
            cached = self._cached.setdefault(url, _Cached())
        if not cached.lock.acquire(timeout=_LIMITS.total):
            raise PartnerUnavailable(
                _("The key set is being fetched, and its server is slow; try again."), retry_after=5
            )
        try:
            now = self._clock.now()
            is_fresh = cached.until is not None and now < cached.until
            if not is_fresh or all(key.kid != kid for key in cached.keys):
                self._fetch(url, cached, now)
            return cached.keys
        finally:
            cached.lock.release()

    def _fetch(self, url: str, cached: _Cached, now: datetime) -> None:
        while cached.fetched and cached.fetched[0] <= now - _MINUTE:
            cached.fetched.popleft()
        if len(cached.fetched) >= MOST:
            raise PartnerUnavailable(_("The key set was fetched too often; try again in a minute."), retry_after=60)
        cached.fetched.append(now)
        answer = self._sent(url, cached.etag)
        if answer.status == 304 and cached.etag is not None:
            cached.until = now + timedelta(seconds=lifetime(answer.headers, now))
            return
        if answer.status != 200:
            raise PartnerRefused(
                _("The URL of the key set answered with status {status}.", status=answer.status), status=answer.status
            )
        cached.keys = read_keys(answer.body)
        cached.etag = answer.headers.get("ETag")
        cached.until = now + timedelta(seconds=lifetime(answer.headers, now))

    def _sent(self, url: str, etag: str | None) -> Answer:
        base = checked_url(url, allow_http=self._allow_http)
        headers = {"Accept": "application/json"} | ({} if etag is None else {"If-None-Match": etag})
        transport = Transport(base, token=None, limits=_LIMITS, allow_http=self._allow_http)
        try:
            return transport.send("GET", url, route="(key set)", headers=headers)
        finally:
            transport.close()


def lifetime(headers: Mapping[str, str], now: datetime) -> float:
    """For how many seconds an answer may be used without another look, by its headers."""
    directives = dict(_directive(part) for part in headers.get("Cache-Control", "").split(","))
    if "no-store" in directives or "no-cache" in directives:
        return 0
    age = _seconds(headers.get("Age")) or 0
    most = _seconds(directives.get("max-age"))
    if most is not None:
        return max(0, min(most - age, LONGEST))
    if "Expires" in headers:
        try:
            ends = parsedate_to_datetime(headers["Expires"])
            began = parsedate_to_datetime(headers["Date"]) if "Date" in headers else now
            return max(0.0, min((ends - began).total_seconds() - age, LONGEST))
        except (ValueError, TypeError):  # "Expires: 0" stands for: at once
            return 0
    return USUAL


def _directive(text: str) -> tuple[str, str]:
    name, _equals, value = text.strip().partition("=")
    return name.lower(), value.strip('"')


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 12 else None
