"""HTTP to one partner, with the guards that a link carrying health data needs.

Requests go to the configured base URL alone: no redirect is followed, no cookie kept, no password of a ``.netrc``
sent. TLS certificates are checked; plain http is for loopback, or where the operator says so. Waiting and the size
of an answer are bounded. Log lines name the route (``Task/{id}``), never the URL, for a URL may name a person.
"""

import ipaddress
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.logs import get_logger
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.ports import Token

FHIR_JSON: Final = "application/fhir+json"
Query = Sequence[tuple[str, str]]

_log = get_logger("footbridge.partners.fhir")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much. Seconds: to connect, and for one answer whole. Bytes: of one answer, unpacked."""

    connect: float = 5.0
    total: float = 30.0
    max_bytes: int = 20_000_000


class _Bearer(AuthBase):
    """Sets the token; being there at all keeps requests from looking into ``.netrc``."""

    def __init__(self, token: Token | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        secret = self._token() if self._token else None
        if secret:
            if not (secret.isascii() and secret.isprintable()):
                raise ConfigurationError(
                    "The partner's credential has characters that are not allowed in an HTTP header."
                )
            request.headers["Authorization"] = f"Bearer {secret}"
        return request


class Transport:
    """One partner's HTTP session; threads may share it, connections are pooled."""

    def __init__(
        self, base_url: str, *, token: Token | None, limits: Limits, allow_http: bool = False, partner: str = ""
    ) -> None:
        self.base_url = _checked(base_url, allow_http=allow_http)
        self._limits = limits
        self._partner = partner
        self._session = requests.Session()
        self._session.trust_env = not _is_loopback(urlsplit(self.base_url).hostname)  # no proxy on the way to ourselves
        self._session.auth = _Bearer(token)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=16))

    def close(self) -> None:
        """Close the pooled connections."""
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

        Raises:
            PartnerUnavailable: no answer, or not in time.
            PartnerRefused: the answer is too large.
        """
        started = time.monotonic()  # a limit on waiting, not a time of anything that happened
        try:
            with self._session.request(
                method,
                self._absolute(url),
                params=list(query),
                headers={"Accept": FHIR_JSON, **(headers or {})},
                data=body,
                timeout=(self._limits.connect, self._limits.total),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._read(response.raw, started + self._limits.total, response.status_code)
                answer = Answer(response.status_code, response.headers, content)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            self._report(method, route, None, started)
            # Without `from`: the causes quote URLs.
            raise PartnerUnavailable(f"The partner did not respond ({_plain(error)}).") from None
        self._report(method, route, answer.status, started)
        return answer

    def same_server(self, url: str) -> bool:
        """Whether a URL leads to the scheme, host and port of the base URL."""
        return _origin(self._absolute(url)) == _origin(self.base_url)

    def _absolute(self, url: str) -> str:
        return url if "://" in url else f"{self.base_url}/{url}".rstrip("/")

    def _read(self, raw: urllib3.BaseHTTPResponse, deadline: float, status: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := raw.read1(
            65_536, decode_content=True
        ):  # read1 hands over what came: a trickle meets the deadline
            parts.append(part)
            size += len(part)
            if size > self._limits.max_bytes:
                raise PartnerRefused(
                    f"The partner's response is larger than {self._limits.max_bytes} bytes.", status=status
                )
            if time.monotonic() > deadline:
                raise PartnerUnavailable(
                    f"The partner's response took longer than {self._limits.total:g} s.", status=status
                )
        return b"".join(parts)

    def _report(self, method: str, route: str, status: int | None, started: float) -> None:
        level = _log.debug if status is not None and status < 400 else _log.warning
        milliseconds = round((time.monotonic() - started) * 1000)
        level("partner.request", partner=self._partner, method=method, route=route, status=status, ms=milliseconds)


def _checked(base_url: str, *, allow_http: bool) -> str:
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("The partner's base URL cannot be read.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigurationError("The partner's base URL must start with https:// and have a host.")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ConfigurationError("The partner's base URL must not have a query, fragment, user or password.")
    if parts.scheme == "http" and not allow_http and not _is_loopback(host):
        raise ConfigurationError(
            "The partner's base URL must be https: health data must not be sent unencrypted. Give its https:// "
            "address, or set FOOTBRIDGE_ALLOW_HTTP=true where nobody else can listen on the network."
        )
    return base_url.rstrip("/")


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _plain(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return "its TLS certificate was not accepted"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return "too slow"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return "the connection broke"
