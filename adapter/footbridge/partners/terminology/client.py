"""Asks a terminology server whether a value set has a code: ``ValueSet/$validate-code``.

https://hl7.org/fhir/R4/valueset-operation-validate-code.html. What leaves is a code and its system, nothing
of the resource around it. It goes to the configured base URL only: no redirect is followed, no password of a ``.netrc``
sent; an exchange ends at one deadline, and the size of an answer is bounded.
"""

import json
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3

from footbridge.i18n import _
from footbridge.logs import get_logger
from footbridge.partners.addresses import checked_base, is_loopback
from footbridge.partners.timed_http import TimedAdapter, exchange

CONNECT_SECONDS: Final = 5.0
BUSY: Final = (requests.codes.request_timeout, requests.codes.too_many_requests)
REFUSED: Final = (requests.codes.unauthorized, requests.codes.forbidden)
MAX_BYTES: Final = 1_000_000
"""Of an answer, unpacked: a Parameters resource with a result and some words."""

_log = get_logger("footbridge.partners.terminology")


class Unanswered(Exception):  # noqa: N818 - reads as what happened
    """The server did not answer: it is away, slow, overloaded, or says what is no answer."""


class TerminologyClient:
    """One terminology server; threads may share it. A ``footbridge.validation.valuesets.TerminologyService``."""

    def __init__(self, base_url: str, *, timeout_seconds: float = 10.0, allow_http: bool = False) -> None:
        """``timeout_seconds`` is for one question in all.

        Raises ConfigurationError for a base URL that is not fit for use, such as http to another machine without
        ``allow_http``.
        """
        base = checked_base(base_url, allow_http=allow_http, what=_("The terminology server's base URL"))
        self._url = f"{base}/ValueSet/$validate-code"
        self._timeout = timeout_seconds
        self._adapter = TimedAdapter(base)

    def validate_code(self, value_set: str, system: str | None, code: str, version: str | None) -> bool | None:
        """Whether the value set has the code; None where the server cannot say or does not answer. Never raises."""
        try:
            return self.ask(value_set, system, code, version)
        except Unanswered:
            return None

    def ask(self, value_set: str, system: str | None, code: str, version: str | None) -> bool | None:
        """Whether the value set has the code; None where the server cannot say. Raises Unanswered."""
        query = {"url": value_set, "code": code}
        if system:
            query["system"] = system
        else:
            query["inferSystem"] = "true"
        if version and system:
            query["systemVersion"] = version
        try:
            with exchange(time.monotonic() + self._timeout):
                return _result(self._answer(query))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, RecursionError) as error:
            _log.warning("terminology_unanswered", reason=type(error).__name__)
            raise Unanswered from error

    def _answer(self, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
        """The JSON of an answer of 200; None for a refusal in FHIR's words, such as that a value set is not known.

        Past the session, which would follow a redirect. Raises ValueError for what no terminology server says.
        """
        with requests.Session() as session:
            session.trust_env = not is_loopback(urlsplit(self._url).hostname)
            asked = requests.Request(
                "GET", self._url, params=query, headers={"Accept": "application/fhir+json"}, auth=_no_netrc
            )
            request = session.prepare_request(asked)
            how: dict[str, Any] = dict(session.merge_environment_settings(self._url, {}, True, None, None))  # noqa: FBT003 - requests' own order
        how["timeout"] = (min(CONNECT_SECONDS, self._timeout), self._timeout)
        with self._adapter.send(request, **how) as response:
            if response.status_code >= requests.codes.server_error or response.status_code in BUSY:
                raise ValueError("the server cannot answer now")
            if response.status_code in REFUSED or response.is_redirect:
                raise ValueError("the server does not let us in")
            told = json.loads(_bounded(response.raw))
        kind = told.get("resourceType") if isinstance(told, dict) else None
        done = response.status_code == requests.codes.ok
        if kind is None or (done and kind != "Parameters"):
            raise ValueError("no terminology server answers so")
        return told if done else None


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _bounded(raw: urllib3.BaseHTTPResponse) -> bytes:
    """The body whole. Raises ValueError for one that is too large."""
    content = bytearray()
    while part := raw.read1(65_536, decode_content=True):
        content += part
        if len(content) > MAX_BYTES:
            raise ValueError("the answer is too large")
    return bytes(content)


def _result(parameters: Any) -> bool | None:  # noqa: ANN401 - an answer is any JSON
    """The ``result`` of a Parameters resource."""
    rows = parameters.get("parameter") if isinstance(parameters, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("name") == "result" and isinstance(row.get("valueBoolean"), bool):
            return bool(row["valueBoolean"])
    return None
