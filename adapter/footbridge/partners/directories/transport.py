"""HTTP to one directory API: its own base URL only, deadlines, bounds, and retries when it asks for patience.

A key is sent as the API wants it (a header, or a query parameter that is added when the request goes out) and is in no
URL that we hold, log or show. Every error is a ``DirectoryError`` that names the server and the route.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
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
from footbridge.partners.directories.answers import (
    NOTHING,
    RETRY,
    Answer,
    as_utf8,
    differs_by_slash,
    is_refused,
    patience,
    plain,
    read_bounded,
    read_lines,
    require,
    with_other_slash,
)
from footbridge.partners.directories.asking import Key, Limits, Query
from footbridge.partners.timed_http import TimedAdapter, exchange, secret_parameter
from footbridge.store.credentials import resolve_credential

_LINES: Final = ("ndjson", "jsonl", "json-lines", "jsonlines")
TRIES_UNHEARD: Final = 2
"""How often an API is asked that has never answered and whose host refuses the connection."""

_log = get_logger("footbridge.partners.directories")


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
                content = read_bounded(response.raw, until, self.limits.max_bytes, self.host, route)
                self._report("GET", route, response.status_code)
                self._answered = True
                text = as_utf8(content, response.headers.get("Content-Type", ""))
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
                    yield from read_lines(response.raw, until, self.limits, self.host, route)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            self._report("GET", route, None)
            if offered:
                raise DirectoryError(
                    _("{host}: {route}: {error}. Try again later.", host=self.host, route=route, error=plain(error))
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
        require(status, self.host, route, self.key)
        if not content.strip():
            return Answer(status, found, None)
        try:
            return Answer(status, found, orjson.loads(as_utf8(content, found.get("Content-Type", ""))))
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
                    content = read_bounded(response.raw, until, self.limits.max_bytes, self.host, route)
                    status, found = response.status_code, response.headers
                    self._answered = True
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                self._report(method, route, None)
                if last or (attempt == TRIES_UNHEARD and not self._answered and is_refused(error)):
                    hint = _("Try again later.") if self._answered else _("Check the URL and the network.")
                    raise DirectoryError(
                        _(
                            "{host}: {route}: {error}. {hint}",
                            host=self.host,
                            route=route,
                            error=plain(error),
                            hint=hint,
                        )
                    ) from None
                self._pause(min(2.0**attempt, self.limits.longest_wait), route, plain(error))
                continue
            self._report(method, route, status)
            if status not in RETRY or last:
                return status, found, content
            self._pause(patience(found, attempt, self.limits.longest_wait), route, _("status {status}", status=status))
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
            other = with_other_slash(url) if differs_by_slash(url, response) else None
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

    def _secret(self) -> str | None:
        if self.key is None:
            return None
        secret = resolve_credential(self.key.reference)
        if not (secret.isascii() and secret.isprintable()):
            raise ConfigurationError(
                _("The key that {reference} names has characters that cannot be sent.", reference=self.key.reference)
            )
        return secret

    def _report(self, method: str, route: str, status: int | None) -> None:
        level = _log.debug if status is not None and status < 400 else _log.warning
        level("directory.request", host=self.host, method=method, route=route, status=status)
