"""HTTP to one Ocean: messages go out, documents come in, and a small question shows that the site is reachable.

Statuses: 401 after a renewed token, and every other 4xx but 408, 425 and 429, is a refusal; all else is worth another
try. The text of an answer is never repeated: it may name a person.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import orjson

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.partners.addresses import is_below

FHIR_JSON: Final = "application/fhir+json"
MESSAGES: Final = "$process-messages"
SITE_NUMBER: Final = "NamingSystem/id-site-number"
_LATER: Final = frozenset({408, 425, 429})
_LONGEST_WAIT: Final = 86_400.0


class Reply(Protocol):
    """One answer, read to its end."""

    @property
    def status(self) -> int:
        """Of HTTP."""

    @property
    def headers(self) -> Mapping[str, str]:
        """In any case."""

    @property
    def body(self) -> bytes:
        """Its content."""


class Http(Protocol):
    """A session with one server: bearer token, deadlines, size limit; no redirect, no other server."""

    base_url: str

    def send(
        self, method: str, url: str, *, route: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Reply:
        """Send one request; ``route`` is what the log shows. Raises PartnerUnavailable or PartnerRefused."""


class OceanClient:
    """One Ocean; safe to share between threads."""

    def __init__(self, http: Http) -> None:
        self._http = http

    @property
    def base_url(self) -> str:
        """Of Ocean's FHIR API."""
        return self._http.base_url

    def post(self, message: Mapping[str, Any]) -> None:
        """Send one message. Raises PartnerUnavailable or PartnerRefused."""
        body = orjson.dumps(message)
        answer = self._http.send("POST", MESSAGES, route=MESSAGES, headers={"Content-Type": FHIR_JSON}, body=body)
        _must_succeed(answer, _("a message"))

    def document(self, url: str) -> tuple[bytes, str]:
        """A document and the media type that Ocean gives it.

        Raises PartnerRefused for a URL of another server than Ocean's, before anything is sent.
        """
        if not is_below(self.base_url, url):
            raise PartnerRefused(_("The document is not at the site's own server."))
        answer = self._http.send("GET", url, route="(document)", headers={"Accept": "*/*"})
        _must_succeed(answer, _("the request for a document"))
        return answer.body, answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def ping(self) -> None:
        """Ask for the NamingSystem of site numbers, which needs the token. Raises PartnerError."""
        _must_succeed(self._http.send("GET", SITE_NUMBER, route=SITE_NUMBER), _("the connection test"))


def _must_succeed(answer: Reply, doing: str) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    words = _("Ocean answered {doing} with status {status}.", doing=doing, status=status)
    raise _error(words, status, answer.headers.get("Retry-After", ""))


def _error(words: str, status: int, retry_after: str) -> PartnerError:
    if status in _LATER or status >= 500:
        wait = min(float(retry_after), _LONGEST_WAIT) if retry_after.isascii() and retry_after.isdigit() else None
        return PartnerUnavailable(words, status=status, retry_after=wait)
    return PartnerRefused(words, status=status)
