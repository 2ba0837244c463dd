"""HTTP to one directory API: its own base URL only, deadlines, bounds, and retries when it asks for patience.

A key is sent as the API wants it (a header, or a query parameter that is added when the request goes out) and is in no
URL that we hold, log or show. Every error is a ``DirectoryError`` that names the server and the route.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
import urllib3
from requests.auth import AuthBase

from footbridge.directory.errors import DirectoryError
from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.logs import get_logger
from footbridge.partners.addresses import checked_base, is_loopback, onward
from footbridge.partners.timed_http import TimedAdapter, exchange, secret_parameter
from footbridge.store.credentials import resolve_credential

Query = Sequence[tuple[str, str]]
NOTHING: Final = frozenset({204, 404})
"""How some APIs answer when nothing is found."""
ABSENT: Final = NOTHING | {405, 410, 501}
"""How APIs answer for a list that the standard lets them leave out."""
BEYOND: Final = NOTHING | {400, 410, 416, 422}
"""How APIs answer for the page after the last one."""

TRIES_UNHEARD: Final = 2
"""How often an API is asked that has never answered and whose host refuses the connection."""

_LINES: Final = ("ndjson", "jsonl", "json-lines", "jsonlines")
_RETRY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_log = get_logger("footbridge.partners.directories")


@dataclass(frozen=True, slots=True)
class Key:
    """Where a key is (``env:NAME`` or ``file:PATH``), and how it is sent: in a header, or as a query parameter."""

    reference: str
    header: str = "Authorization"
    prefix: str = "Bearer "
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds: seconds to connect, for one answer, and to wait between tries; bytes of one answer and of a stream."""

    connect: float = 10.0
    total: float = 120.0
    stream_total: float = 3600.0
    longest_wait: float = 120.0
    tries: int = 5
    max_bytes: int = 50_000_000
    max_stream_bytes: int = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status and its JSON, None where there is no content."""

    status: int
    headers: Mapping[str, str]
    content: Any


class _NoNetrc(AuthBase):
    """Being there keeps requests from looking for a password in ``.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


@dataclass(slots=True)
class Transport:
    """One API. ``wait`` sleeps for seconds; ``told`` is given a line of text before."""

    base_url: str
    key: Key | None = None
    limits: Limits = field(default_factory=Limits)
    allow_http: bool = False
    wait: Callable[[float], None] = time.sleep
    told: Callable[[str], None] = lambda _line: None
    host: str = field(init=False)
    _session: requests.Session = field(init=False)
    _adapter: TimedAdapter = field(init=False)
    _answered: bool = field(init=False, default=False)
    _slashed: set[str] = field(init=False, default_factory=set)  # lists that want a slash at the end of their path

    def __post_init__(self) -> None:
        """Raise ConfigurationError for a URL that may not be used."""
        self.base_url = checked_base(self.base_url, allow_http=self.allow_http, what=_("The directory's URL"))
        self.host = urlsplit(self.base_url).netloc
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(urlsplit(self.base_url).hostname)
        self._session.auth = _NoNetrc()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._adapter = TimedAdapter(self.base_url)

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()
        self._session.close()

    def get(
        self,
        path: str,
        query: Query = (),
        *,
        route: str,
        headers: Mapping[str, str] | None = None,
        nothing: frozenset[int] = NOTHING,
    ) -> Answer:
        """GET JSON; ``route`` names the request in errors and logs. Raises DirectoryError but for 2xx, ``nothing``."""
        return self._json("GET", path, query, route, headers, None, nothing)

    def probe(self, path: str, *, route: str) -> Any:  # noqa: ANN401 - any JSON
        """The JSON of a page that an API may lack: asked for once, None for anything else than JSON with a 2xx."""
        try:
            with self.sent("GET", path, (), None, None, self.limits.total) as (response, until):
                content = self._read(response.raw, until, route)
                self._report("GET", route, response.status_code)
                self._answered = True
                text = _as_utf8(content, response.headers.get("Content-Type", ""))
                return orjson.loads(text) if 200 <= response.status_code < 300 else None
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
            LookupError,
            DirectoryError,
        ):
            self._report("GET", route, None)
            return None

    def post(self, path: str, body: Mapping[str, Any], *, route: str) -> Answer:
        """POST JSON, as ``get``."""
        return self._json("POST", path, (), route, {"Content-Type": "application/json"}, orjson.dumps(body))

    def onward(self, link: str, within: str) -> str:
        """Where a link of the API leads below its own base URL; raises DirectoryError for one that leads elsewhere."""
        found = onward(self.base_url, link, within)
        if found is None:
            raise DirectoryError(_("{host}: a page links to another address, which is not followed.", host=self.host))
        return found

    def stream(self, path: str, query: Query, *, route: str) -> Iterator[Any]:
        """The values of an answer in NDJSON, as they come; none at all where the API has another answer, or none.

        Raises:
            DirectoryError: it breaks off, is too slow or too large, or a line is not JSON.
        """
        accept = {"Accept": "application/x-ndjson, application/json;q=0.5"}
        offered = False
        try:
            with self.sent("GET", path, query, accept, None, self.limits.stream_total) as (response, until):
                kind = response.headers.get("Content-Type", "").casefold()
                self._report("GET", route, response.status_code)
                offered = response.status_code == requests.codes.ok and any(word in kind for word in _LINES)
                if offered:
                    yield from self._lines(response.raw, until, route)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            self._report("GET", route, None)
            if offered:
                raise DirectoryError(
                    _("{host}: {route}: {error}. Try again later.", host=self.host, route=route, error=_plain(error))
                ) from None

    def _lines(self, raw: urllib3.BaseHTTPResponse, until: float, route: str) -> Iterator[Any]:
        size, rest, number = 0, b"", 0
        while part := raw.read1(65_536, decode_content=True):
            size += len(part)
            if size > self.limits.max_stream_bytes or len(rest) > self.limits.max_bytes:
                raise DirectoryError(
                    _("{host}: the answer to {route}, or one line of it, is too large.", host=self.host, route=route)
                )
            if time.monotonic() > until:
                raise TimeoutError
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                number += 1
                yield from self._value(line, number, route)
        yield from self._value(rest, number + 1, route)

    def _value(self, line: bytes, number: int, route: str) -> Iterator[Any]:
        if not line.strip():
            return
        try:
            yield orjson.loads(line)
        except ValueError:
            raise DirectoryError(
                _(
                    "{host}: line {number} of the answer to {route} is not JSON, or breaks off. Try again later.",
                    host=self.host,
                    number=number,
                    route=route,
                )
            ) from None

    def _json(  # noqa: PLR0913, PLR0917 - one request
        self,
        method: str,
        path: str,
        query: Query,
        route: str,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        nothing: frozenset[int] = NOTHING,
    ) -> Answer:
        status, found, content = self._tried(method, path, query, route, headers, body)
        if status in nothing:
            return Answer(status, found, None)
        self.require(status, route)
        if not content.strip():
            return Answer(status, found, None)
        try:
            return Answer(status, found, orjson.loads(_as_utf8(content, found.get("Content-Type", ""))))
        except (ValueError, LookupError):
            given = found.get("Content-Type")
            kind = _("no content type") if given is None else given.partition(";")[0][:60]
            raise DirectoryError(
                _(
                    "{host}: {route} was answered with {kind} that is not JSON, or breaks off. Check the "
                    "URL; if it is right, try again later.",
                    host=self.host,
                    route=route,
                    kind=kind,
                )
            ) from None

    def _tried(
        self, method: str, path: str, query: Query, route: str, headers: Mapping[str, str] | None, body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        for attempt in range(1, self.limits.tries + 1):
            last = attempt == self.limits.tries
            try:
                with self.sent(method, path, query, headers, body, self.limits.total) as (response, until):
                    content = self._read(response.raw, until, route)
                    status, found = response.status_code, response.headers
                    self._answered = True
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                self._report(method, route, None)
                if last or (attempt == TRIES_UNHEARD and not self._answered and _is_refused(error)):
                    hint = _("Try again later.") if self._answered else _("Check the URL and the network.")
                    raise DirectoryError(
                        _(
                            "{host}: {route}: {error}. {hint}",
                            host=self.host,
                            route=route,
                            error=_plain(error),
                            hint=hint,
                        )
                    ) from None
                self._pause(min(2.0**attempt, self.limits.longest_wait), route, _plain(error))
                continue
            self._report(method, route, status)
            if status not in _RETRY or last:
                return status, found, content
            self._pause(self._patience(found, attempt), route, _("status {status}", status=status))
        raise AssertionError  # the last try returns or raises

    def _pause(self, seconds: float, route: str, why: str) -> None:
        line = _(
            "{host}: {route}: {why}. It is tried again in {seconds} s.",
            host=self.host,
            route=route,
            why=why,
            seconds=round(seconds),
        )
        self.told(line)
        self.wait(seconds)

    @contextlib.contextmanager
    def sent(
        self,
        method: str,
        path: str,
        query: Query,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        seconds: float,
    ) -> Iterator[tuple[requests.Response, float]]:
        """The response to a request, and until when it has to be read.

        No redirect is followed but one that only adds a slash to the path, or takes it away, as many frameworks do.
        """
        until = time.monotonic() + seconds  # a limit on waiting, not a time of anything that happened
        url = path if "://" in path else f"{self.base_url}/{path.lstrip('/')}".rstrip("/")
        list_of = f"{path.split('/', 1)[0]}/{path.count('/')}"
        if list_of in self._slashed and "://" not in path:
            url += "/"
        with self._once(method, url, query, headers, body, (until, seconds)) as response:
            other = _with_other_slash(url) if _differs_by_slash(url, response) else None
            if other is None:
                yield response, until
                return
            (self._slashed.add if other.endswith("/") else self._slashed.discard)(list_of)
        with self._once(method, other, query, headers, body, (until, seconds)) as response:
            yield response, until

    @contextlib.contextmanager
    def _once(
        self,
        method: str,
        url: str,
        query: Query,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        limit: tuple[float, float],
    ) -> Iterator[requests.Response]:
        """The response to one request; ``limit`` is until when it has to be read, and its seconds."""
        until, seconds = limit
        secret, known = self._secret(), {"Accept": "application/json", **(headers or {})}
        hidden: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        if self.key is not None and secret is not None:
            if self.key.parameter is None:
                known[self.key.header] = f"{self.key.prefix}{secret}"
            else:
                hidden = secret_parameter(self.key.parameter, secret)
        prepared = self._session.prepare_request(
            requests.Request(method, url, params=list(query), headers=known, data=body)
        )
        how: dict[str, Any] = dict(
            self._session.merge_environment_settings(self.base_url, {}, True, None, None)  # noqa: FBT003 - requests' own order
        )
        how["timeout"] = (self.limits.connect, seconds)
        with exchange(until), hidden:  # the response reads with this deadline from here on
            response = self._adapter.send(prepared, **how)
        with response:
            yield response

    def require(self, status: int, route: str) -> None:
        """Raise DirectoryError for a status that brings no data."""
        if 200 <= status < 300 or status in NOTHING:
            return
        if status in {401, 403}:
            hint = (
                _("Check the key that {reference} names.", reference=self.key.reference)
                if self.key
                else _("Check whether it needs a key.")
            )
        elif 300 <= status < 400:
            hint = _("It redirects: give the final URL.")
        elif status in _RETRY:
            hint = _("Try again later.")
        else:
            hint = _("Check the URL and the options.")
        raise DirectoryError(
            _(
                "{host}: {route} was answered with status {status}. {hint}",
                host=self.host,
                route=route,
                status=status,
                hint=hint,
            )
        )

    def _secret(self) -> str | None:
        if self.key is None:
            return None
        secret = resolve_credential(self.key.reference)
        if not (secret.isascii() and secret.isprintable()):
            raise ConfigurationError(
                _("The key that {reference} names has characters that cannot be sent.", reference=self.key.reference)
            )
        return secret

    def _read(self, raw: urllib3.BaseHTTPResponse, until: float, route: str) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := raw.read1(65_536, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > self.limits.max_bytes:
                raise DirectoryError(
                    _(
                        "{host}: the answer to {route} is larger than {max_bytes} bytes. Ask for smaller pages.",
                        host=self.host,
                        route=route,
                        max_bytes=self.limits.max_bytes,
                    )
                )
            if time.monotonic() > until:
                raise TimeoutError
        return b"".join(parts)

    def _patience(self, headers: Mapping[str, str], attempt: int) -> float:
        """Seconds to wait: what Retry-After says (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after)."""
        said = headers.get("Retry-After", "").strip()
        seconds = 2.0**attempt
        if said.isdecimal():
            seconds = float(said)
        elif said:
            with contextlib.suppress(ValueError, TypeError):  # a date counts from the answer's own
                seconds = (parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
        return min(max(seconds, 0.0), self.limits.longest_wait)

    def _report(self, method: str, route: str, status: int | None) -> None:
        level = _log.debug if status is not None and status < 400 else _log.warning
        level("directory.request", host=self.host, method=method, route=route, status=status)


def _as_utf8(content: bytes, kind: str) -> bytes:
    """The content without a mark, and in UTF-8 where its type says that it is in another encoding."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    charset = kind.casefold().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset in {"", "utf-8", "utf8"}:
        return content
    return content.decode(charset).encode()


def _differs_by_slash(url: str, response: requests.Response) -> bool:
    """Whether an answer sends to the same path of the same host, with a slash at its end or without."""
    if response.status_code not in {301, 302, 307, 308}:
        return False
    here = urlsplit(url)
    try:
        there = urlsplit(response.headers.get("Location", ""))
        is_same = there.hostname in {None, here.hostname}
    except ValueError:
        return False
    return is_same and there.path != here.path and there.path.rstrip("/") == here.path.rstrip("/") != ""


def _with_other_slash(url: str) -> str:
    path, mark, query = url.partition("?")
    return f"{path[:-1] if path.endswith('/') else f'{path}/'}{mark}{query}"


def _is_refused(error: Exception) -> bool:
    """Whether nobody listens there, or the name is unknown: waiting longer seldom helps."""
    slow = isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError)
    return isinstance(error, requests.ConnectionError) and not slow


def _plain(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return _("its TLS certificate was not accepted")
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return _("too slow")
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return _("the answer breaks off")
    if isinstance(error, requests.ConnectionError):
        return _("no connection")
    return _("the answer breaks off")
