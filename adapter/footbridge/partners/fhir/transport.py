"""HTTP to one partner, with the guards that a link carrying health data needs.

Requests go to the configured base URL alone: no redirect is followed, no cookie kept, no password of a ``.netrc``
sent. TLS certificates are checked; plain http is for loopback, or where the operator says so. An exchange ends at one
deadline, whatever trickles in; the size of an answer is bounded. Log lines name the route (``Task/{id}``), never the
URL, for a URL may name a person.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, Protocol, runtime_checkable
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.jobs.deadline import end_of_job
from footbridge.logs import get_logger
from footbridge.partners.addresses import checked_base, is_loopback, onward
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.ports import Token
from footbridge.partners.timed_http import TimedAdapter, exchange

FHIR_JSON: Final = "application/fhir+json"
UNAUTHORIZED: Final = 401
Query = Sequence[tuple[str, str]]

_log = get_logger("footbridge.partners.fhir")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much. Seconds: to connect, and for one answer whole. Bytes: of one answer, unpacked."""

    connect: float = 5.0
    total: float = 30.0
    max_bytes: int = 20_000_000


@runtime_checkable
class RenewableToken(Protocol):
    """A source of tokens that can get another one when the partner does not take the present one any more."""

    def __call__(self) -> str:
        """The token of the moment."""

    def forget(self, token: str) -> None:
        """Ask for another one at the next call, unless that was done."""


class _Bearer(AuthBase):
    """Sets the token; being there at all keeps requests from looking into ``.netrc``."""

    def __init__(self, token: Token | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        secret = self._token() if self._token else None
        if secret:
            if not (secret.isascii() and secret.isprintable()):
                raise ConfigurationError(
                    _("The partner's credential has characters that are not allowed in an HTTP header.")
                )
            request.headers["Authorization"] = f"Bearer {secret}"
        return request


class Transport:
    """One partner's HTTP session; threads may share it, connections are pooled."""

    def __init__(
        self, base_url: str, *, token: Token | None, limits: Limits, allow_http: bool = False, partner: str = ""
    ) -> None:
        self.base_url = checked_base(base_url, allow_http=allow_http)
        self._limits = limits
        self._partner = partner
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(urlsplit(self.base_url).hostname)  # no proxy on the way to ourselves
        self._session.auth = _Bearer(token)
        self._token = token
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._adapter = TimedAdapter(self.base_url)

    def close(self) -> None:
        """Close the pooled connections."""
        self._adapter.close()
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        route: str,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send one request and read its answer to the end, whatever its status.

        Args:
            method: HTTP method.
            url: path under the base URL, or a URL of the same server.
            route: the path as a template, for the log.
            query: name and value of each parameter.
            headers: besides Accept.
            body: as it goes out.

        A token that can be renewed is renewed once when the partner does not take it (401).

        Raises:
            PartnerUnavailable: no answer, or not in time.
            PartnerRefused: the answer is too large.
        """
        renewable = self._token if isinstance(self._token, RenewableToken) else None
        used = None if renewable is None else renewable()
        answer = self._sent(method, url, route, query, headers, body)
        if answer.status != UNAUTHORIZED or renewable is None or used is None:
            return answer
        renewable.forget(used)
        return self._sent(method, url, route, query, headers, body)

    def _sent(
        self,
        method: str,
        url: str,
        route: str,
        query: Query,
        headers: Mapping[str, str] | None,
        body: bytes | None,
    ) -> Answer:
        started = time.monotonic()  # a limit on waiting, not a time of anything that happened
        until = self._deadline(started)
        try:
            request = self._prepared(method, url, query, {"Accept": FHIR_JSON, **(headers or {})}, body)
            with exchange(until):
                answer = self._exchanged(request, until)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            cause = _("too slow") if time.monotonic() >= until else _plain(error)
            self._report(method, route, None, started, cause)
            # Without `from`: the causes quote URLs.
            raise PartnerUnavailable(_("The partner did not respond ({cause}).", cause=str(cause))) from None
        except (PartnerRefused, PartnerUnavailable) as error:
            self._report(method, route, error.status, started, str(error))
            raise
        self._report(method, route, answer.status, started)
        return answer

    def onward(self, link: str, within: str) -> str | None:
        """Where a link of the partner's leads below the base URL (``addresses.onward``); None: it is not followed."""
        return onward(self.base_url, link, within)

    def _deadline(self, started: float) -> float:
        end = end_of_job()
        if end is not None and end <= started:
            raise PartnerUnavailable(_("The partner took too long in all; the rest is done later."))
        own = started + self._limits.total
        return own if end is None else min(own, end)

    def _prepared(
        self, method: str, url: str, query: Query, headers: Mapping[str, str], body: bytes | None
    ) -> requests.PreparedRequest:
        request = requests.Request(method, self._absolute(url), params=list(query), headers=dict(headers), data=body)
        return self._session.prepare_request(request)

    def _exchanged(self, request: requests.PreparedRequest, until: float) -> Answer:
        """Past the session: it would read the body of a redirect whole, however long that is."""
        how: dict[str, Any] = dict(
            self._session.merge_environment_settings(request.url or "", {}, True, None, None)  # noqa: FBT003 - requests' own order
        )
        left = max(until - time.monotonic(), 0.001)
        how["timeout"] = (min(self._limits.connect, left), left)
        with self._adapter.send(request, **how) as response:
            content = self._read(response.raw, until, response.status_code)
            return Answer(response.status_code, response.headers, content)

    def _absolute(self, url: str) -> str:
        return url if "://" in url else f"{self.base_url}/{url}".rstrip("/")

    def _read(self, raw: urllib3.BaseHTTPResponse, until: float, status: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := raw.read1(65_536, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > self._limits.max_bytes:
                raise PartnerRefused(
                    _("The partner's response is larger than {max_bytes} bytes.", max_bytes=self._limits.max_bytes),
                    status=status,
                )
            if time.monotonic() > until:
                raise PartnerUnavailable(
                    _("The partner's response took longer than {total:g} s.", total=self._limits.total), status=status
                )
        return b"".join(parts)

    def _report(self, method: str, route: str, status: int | None, started: float, cause: str | None = None) -> None:
        level = _log.debug if status is not None and status < 400 and cause is None else _log.warning
        known = {} if cause is None else {"cause": cause}
        milliseconds = round((time.monotonic() - started) * 1000)
        level(
            "partner.request",
            partner=self._partner,
            method=method,
            route=route,
            status=status,
            ms=milliseconds,
            **known,
        )


def _plain(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return _("its TLS certificate was not accepted")
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return _("too slow")
    if isinstance(error, requests.ConnectionError):
        return _("no connection")
    return _("the connection broke")
