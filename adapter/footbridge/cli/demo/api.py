"""The adapter's API as one user's program calls it, over HTTP (``docs/openapi.yaml``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import requests

from footbridge.errors import FootbridgeError

PATH = "/api/v1/prescriptions"
_TIMEOUT = 30  # seconds
_PAGE = 1000  # entries of the feed of changes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its HTTP status, its JSON, whether it was a replay."""

    status: int
    body: Any
    replayed: bool


class Api:
    """The API with one bearer token. An answer of 400 or more raises FootbridgeError with its problem's words."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # loopback: no proxy, no netrc
        self._session.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def prescribe(self, document: bytes, key: str) -> Answer:
        """Hand a prescription in under an Idempotency-Key."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._answer("POST", PATH, data=document, headers=headers)

    def send(self, prescription: str, event: Mapping[str, Any]) -> Answer:
        """Let an event happen to a prescription."""
        return self._answer("POST", f"{PATH}/{prescription}/events", json=event)

    def cancel(self, prescription: str, reason: str) -> Answer:
        """Take a prescription back."""
        return self._answer("POST", f"{PATH}/{prescription}/cancel", json={"reason": reason})

    def read(self, prescription: str, part: str = "") -> Any:  # noqa: ANN401 - JSON
        """A prescription as it stands; or a part of it: ``/bundle``, ``/timeline``."""
        return self._answer("GET", f"{PATH}/{prescription}{part}").body

    def changes(self, since: str | None) -> tuple[list[dict[str, Any]], str]:
        """Every event after a cursor, and the cursor to ask with next."""
        found: list[dict[str, Any]] = []
        while True:
            query = {"limit": str(_PAGE)} | ({} if since is None else {"since": since})
            page = self._answer("GET", "/api/v1/changes", params=query).body
            found += page["changes"]
            since = str(page["next"])
            if len(page["changes"]) < _PAGE:
                return found, since

    def _answer(self, method: str, path: str, **more: Any) -> Answer:  # noqa: ANN401 - options of requests
        response = self._session.request(method, self.base_url + path, timeout=_TIMEOUT, **more)
        body = response.json()
        if response.status_code >= 400:
            raise FootbridgeError(f"{method} {path}: {response.status_code}, {body.get('detail')}")
        return Answer(response.status_code, body, response.headers.get("Idempotency-Replayed") == "true")
