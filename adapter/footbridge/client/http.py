"""HTTP to the API: one session, time limits, and retries of what may be repeated.

A request is tried again when no answer came, or when the answer was 429, 502, 503 or 504, or 409 with ``Retry-After``
(the same request is in progress): after the seconds of ``Retry-After``, else after a wait that doubles, with full
jitter. Only requests that repeat without harm are: GET, and a prescription, which has an Idempotency-Key.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from footbridge.client.errors import ApiError, NoAnswerError, error_of

RETRIED: Final = frozenset({429, 502, 503, 504})
CONFLICT: Final = 409
LONGEST_WAIT: Final = 60.0  # seconds between two attempts, whatever the server asks for

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient a client is. ``attempts`` in all; the first wait is at most ``first`` seconds."""

    attempts: int = 5
    first: float = 0.5


class _Bearer(AuthBase):
    """Sets the token; being there at all keeps requests from looking into ``.netrc``."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Connection:
    """Sends requests to one API; threads should not share it."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout: float,
        retries: Retries,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(base_url)
        local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if not parts.hostname or parts.scheme not in ({"http", "https"} if local else {"https"}):
            raise ValueError("The base URL must start with https:// (http:// for this machine only).")
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        self._retries = retries
        self._sleep = sleep
        self._session = requests.Session()
        self._session.auth = _Bearer(token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, query: Mapping[str, object] | None = None, *, waits: float = 0) -> Json:
        """Read; ``waits`` are the seconds that the API may take besides."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return self._answer("GET", path, query=given, repeats=True, waits=waits)

    def post(self, path: str, body: object, *, headers: Mapping[str, str] | None = None, repeats: bool = False) -> Json:
        """Send JSON; ``repeats`` says that sending it twice does no harm."""
        return self._answer("POST", path, body=body, headers=headers, repeats=repeats)

    def _answer(  # noqa: PLR0913 - what a request has, by name
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        repeats: bool,
        waits: float = 0,
    ) -> Json:
        attempt = 1
        while True:
            try:
                response = self._session.request(
                    method,
                    self._base + path,
                    params=dict(query or {}),  # type: ignore[arg-type]  # text and numbers
                    json=body,
                    headers=dict(headers or {}),
                    timeout=self._timeout + waits,
                    allow_redirects=False,
                )
                error = _error(response)
            except requests.RequestException as cause:
                error = NoAnswerError(0, {"title": "No answer", "detail": type(cause).__name__})
            if error is None:
                return dict(response.json())
            if not repeats or attempt >= self._retries.attempts or not _is_passing(error):
                raise error
            self._sleep(self._wait(attempt, error.retry_after))
            attempt += 1

    def _wait(self, attempt: int, retry_after: float | None) -> float:
        drawn = self._retries.first * 2.0 ** (attempt - 1) * random.random()  # noqa: S311 - spreads retries
        return min(LONGEST_WAIT, max(drawn, retry_after or 0))


def _is_passing(error: ApiError) -> bool:
    in_progress = error.status == CONFLICT and error.retry_after is not None
    return isinstance(error, NoAnswerError) or error.status in RETRIED or in_progress


def _error(response: requests.Response) -> ApiError | None:
    if 200 <= response.status_code < 300:
        return None
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    after = response.headers.get("Retry-After", "")
    return error_of(
        response.status_code,
        problem if isinstance(problem, dict) else {},
        request=response.headers.get("X-Request-Id"),
        retry_after=float(after) if after.isascii() and after.isdigit() else None,
    )
