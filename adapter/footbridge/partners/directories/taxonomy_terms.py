"""The licensed term API of the 211 taxonomy: https://211hsis.org/docs, ``GET [base]/terms``.

Only for those who have a key of their own (a subscription of 211HSIS). Terms come 100 a page, as
``{meta: {count, page}, data: [{code, name, parents, level, definition, facet, has_children, ...}]}``; codes are
case-sensitive; a code that was deleted is answered with 301 to the one that took its place. Nothing is kept here: what
is read is the subscriber's, under its licence.

The key goes to the base URL alone: a redirect or a page elsewhere is not followed.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from footbridge.directory.taxonomy.codes import normalised
from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.partners.addresses import checked_base, is_below, is_loopback
from footbridge.partners.timed_http import TimedAdapter, exchange
from footbridge.store.credentials import token_source

BASE_URL: Final = "https://211hsis.org/api/v1"
PAGE: Final = 100  # terms
MAX_TERMS: Final = 50_000  # of one list; the whole taxonomy has about 10,000
MAX_BYTES: Final = 5_000_000  # of one answer
MAX_REDIRECTS: Final = 3
MAX_DEFINITION: Final = 20_000  # characters

_OK: Final = 200
_NOTHING: Final = frozenset({204, 404})
_REDIRECTS: Final = frozenset({301, 302, 307, 308})
_REFUSED: Final = frozenset({401, 403})
_LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the licensed taxonomy.

    ``asked`` is the code that was asked for, where another one took its place; ``parents`` are the codes above it, the
    nearest first or as the API has them.
    """

    code: str
    name: str
    level: int | None
    parents: tuple[str, ...]
    definition: str | None
    facet: str | None
    has_children: bool
    asked: str | None = None


class _Key(AuthBase):
    """Sends the key, read anew at each request; being there keeps requests from looking into ``.netrc``."""

    def __init__(self, credential: str) -> None:
        source = token_source(credential)
        if source is None:
            raise ConfigurationError(_("The term API needs a key: give it as env:NAME or file:PATH."))
        self._source = source

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        secret = self._source()
        if not (secret.isascii() and secret.isprintable()):
            raise ConfigurationError(_("The key of the term API has characters that no HTTP header allows."))
        request.headers["Authorization"] = f"Bearer {secret}"
        return request


class TaxonomyTerms:
    """The term API at one base URL; threads may share it."""

    def __init__(
        self, credential: str, *, base_url: str = BASE_URL, timeout_seconds: float = 30.0, allow_http: bool = False
    ) -> None:
        """``credential`` says where the key is: ``env:NAME`` or ``file:PATH``. ``timeout_seconds`` is for one answer.

        Raises ConfigurationError for a base URL or a credential that cannot be used.
        """
        self._base = checked_base(base_url, allow_http=allow_http, what=_("The base URL of the term API"))
        self._timeout = timeout_seconds
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(urlsplit(self._base).hostname)
        self._session.auth = _Key(credential)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._adapter = TimedAdapter(self._base)

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()
        self._session.close()

    def term(self, code: str) -> Term | None:
        """The term with this code, or the one that took its place (then ``asked`` is the code); None: there is none.

        Raises:
            ConfigurationError: this is not a 211 code, or there is no key.
            PartnerUnavailable: no answer now.
            PartnerRefused: the key is not accepted, or the answer is not what the API describes.
        """
        plain = normalised(code)
        if plain is None:
            raise ConfigurationError(_("{code!r} is not a 211 code, such as BD-1800.2000.", code=code[:40]))
        url = f"{self._base}/terms?code={quote(plain)}"
        for _hop in range(MAX_REDIRECTS + 1):
            status, headers, body = self._get(url)
            if status not in _REDIRECTS:
                found = [] if status in _NOTHING else list(_terms(body, status))
                return _chosen(found, plain, _code_in(url))
            url = self._onward(url, headers.get("Location", ""))
        raise PartnerRefused(_("The term API redirects on and on."))

    def terms(self, *, parent: str | None = None, search: str | None = None) -> Iterator[Term]:
        """All terms, those below a code, or those that words find, page by page.

        Ends at the last page, and at a page that brings nothing new. Raises as ``term``.
        """
        asked = {"parent": parent, "search": search}
        query = "".join(f"&{name}={quote(value, safe='')}" for name, value in asked.items() if value)
        seen: set[str] = set()
        for page in range(1, MAX_TERMS // PAGE + 1):
            status, _headers, body = self._get(f"{self._base}/terms?page={page}{query}")
            if status in _REDIRECTS:
                raise PartnerRefused(_("The term API redirects a list of terms: its base URL must be the final one."))
            rows = [] if status in _NOTHING else list(_terms(body, status))
            fresh = [row for row in rows if row.code not in seen]
            yield from fresh
            seen.update(row.code for row in fresh)
            if not fresh or len(rows) < PAGE or len(seen) >= _count(body):
                return
        raise PartnerRefused(_("The term API gives more than {max_terms} terms.", max_terms=MAX_TERMS))

    def _onward(self, url: str, location: str) -> str:
        """Where a redirect leads, below the base URL; raises PartnerRefused for any other place."""
        onward = urljoin(url, location)
        path = urlsplit(self._base).path
        if not location or not is_below(self._base, onward) or not urlsplit(onward).path.startswith(f"{path}/"):
            raise PartnerRefused(_("The term API redirects to another address than its own; it is not followed."))
        return onward

    def _get(self, url: str) -> tuple[int, Mapping[str, str], bytes]:
        until = time.monotonic() + self._timeout  # a limit on waiting
        try:
            request = self._session.prepare_request(
                requests.Request("GET", url, headers={"Accept": "application/json"})
            )
            how: dict[str, Any] = dict(self._session.merge_environment_settings(url, {}, True, None, None))  # noqa: FBT003 - requests' own order
            with exchange(until), self._adapter.send(request, **how, timeout=self._timeout) as response:
                body = _bounded(response.raw, until)
                return response.status_code, response.headers, body
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            # Without `from`: the causes quote URLs.
            raise PartnerUnavailable(_("The term API did not answer in time, or the connection broke.")) from None


def _bounded(raw: urllib3.BaseHTTPResponse, until: float) -> bytes:
    content = bytearray()
    while part := raw.read1(65_536, decode_content=True):
        content += part
        if len(content) > MAX_BYTES:
            raise PartnerRefused(_("The answer of the term API is larger than {max_bytes} bytes.", max_bytes=MAX_BYTES))
        if time.monotonic() > until:
            raise PartnerUnavailable(_("The term API took too long."))
    return bytes(content)


def _terms(body: bytes, status: int) -> Iterator[Term]:
    """The terms of an answer; raises for a status or a form that is not the API's."""
    if status in _REFUSED:
        raise PartnerRefused(_("The term API does not accept the key: check the subscription."), status=status)
    if status in _LATER:
        raise PartnerUnavailable(
            _("The term API answered with status {status}: try again later.", status=status), status=status
        )
    answer = _object(body) if status == _OK else None
    rows = answer.get("data") if answer is not None else None
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list):
        raise PartnerRefused(
            _("The answer of the term API is not a list of terms (status {status}).", status=status), status=status
        )
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("code"), str) and (code := normalised(row["code"])):
            yield _term(code, row)


def _term(code: str, row: Mapping[str, Any]) -> Term:
    level = row.get("level")
    return Term(
        code=code,
        name=_text(row.get("name")) or code,
        level=level if isinstance(level, int) and not isinstance(level, bool) else None,
        parents=tuple(_parents(row.get("parents"))),
        definition=_text(row.get("definition")),
        facet=_text(row.get("facet")),
        has_children=row.get("has_children") is True,
    )


def _parents(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    for row in value if isinstance(value, list) else [value]:
        written = row.get("code") if isinstance(row, dict) else row
        if isinstance(written, str) and (code := normalised(written)):
            yield code


def _chosen(found: list[Term], asked: str, last: str | None) -> Term | None:
    """The term that was asked for, or the one that a redirect led to; a list of others is no answer."""
    wanted = last or asked
    for row in found:
        if row.code in {asked, wanted} or (last is None and len(found) == 1):
            name = None if row.code == asked else asked
            return Term(**{slot: getattr(row, slot) for slot in Term.__slots__} | {"asked": name})
    return None


def _code_in(url: str) -> str | None:
    """The code that an address asks for: ``?code=...``, or its last segment; None where it has none."""
    parts = urlsplit(url)
    written = parse_qs(parts.query).get("code", [parts.path.rpartition("/")[2]])[0]
    return normalised(written) if any(sign.isdigit() for sign in written) or len(written) <= 2 else None


def _count(body: bytes) -> int:
    answer = _object(body) or {}
    meta = answer.get("meta")
    count = meta.get("count") if isinstance(meta, dict) else None
    return count if isinstance(count, int) and count > 0 else MAX_TERMS


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    return value[:MAX_DEFINITION] if isinstance(value, str) and value else None
