"""How messages reach a receiver: over HTTP with a token of the receiver's own token endpoint, or inside this process.

Ocean's integration is set up with a Request URL and OAuth 2.0 client credentials; the secret goes in the body of the
token request (https://support.cognisantmd.com/hc/en-us/articles/360034919811 and OceanMD's own receiver).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import requests
from werkzeug.test import Client

from footbridge.model.clock import Clock, SystemClock

FHIR: Final = "application/fhir+json"
_MARGIN: Final = timedelta(seconds=30)  # before the end of a token, at which it is not used any more
_LIFE: Final = 3600  # seconds, when the token endpoint gives none


class Receiver(ABC):
    """A receiver's end: call it with a body, and it says the HTTP status, or None when no answer came.

    A token is used until shortly before its end; when the receiver answers 401, a new one is fetched once.
    """

    def __init__(self, client_id: str, client_secret: str, clock: Clock | None, *, needs_token: bool) -> None:
        self._form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        self._clock = clock or SystemClock()
        self._needs_token = needs_token
        self._token: str | None = None
        self._until: datetime | None = None

    def __call__(self, body: bytes) -> int | None:
        """Post a message; the status of the token endpoint when that refused."""
        headers = {"Content-Type": FHIR, "Accept": FHIR}
        if not self._needs_token:
            return self._post(body, headers)
        status: int | None = None
        for _attempt in range(2):
            if self._token is None or self._until is None or self._clock.now() >= self._until:
                refused = self._renew()
                if self._token is None:
                    return refused
            status = self._post(body, headers | {"Authorization": f"Bearer {self._token}"})
            if status != requests.codes.unauthorized:
                return status
            self._token = None
        return status

    def _renew(self) -> int | None:
        """Fetch a token; without one, the status of the refusal, None when the answer cannot be read."""
        self._token = None
        status, content = self._ask(self._form)
        if status != requests.codes.ok:
            return status if status >= requests.codes.bad_request else None
        try:
            read = orjson.loads(content)
            token, life = str(read["access_token"]), float(read.get("expires_in", _LIFE))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        self._token, self._until = token, self._clock.now() + max(timedelta(seconds=life) - _MARGIN, timedelta(0))
        return None

    @abstractmethod
    def _post(self, body: bytes, headers: Mapping[str, str]) -> int | None:
        """Post a message."""

    @abstractmethod
    def _ask(self, form: Mapping[str, str]) -> tuple[int, bytes]:
        """Ask the token endpoint: status and body; status 0 when no answer came."""


class HttpReceiver(Receiver):
    """A receiver at an address."""

    def __init__(
        self,
        url: str,
        *,
        token_url: str | None = None,
        client_id: str = "",
        client_secret: str = "",
        timeout: float = 10.0,
        clock: Clock | None = None,
    ) -> None:
        """Connect to nothing yet.

        Args:
            url: the Request URL of the integration.
            token_url: the token endpoint; None: messages go without a token, as on the first day of a set-up.
            client_id: Ocean's at the receiver.
            client_secret: as above.
            timeout: seconds that Ocean waits for an answer.
            clock: by which a token ends.
        """
        super().__init__(client_id, client_secret, clock, needs_token=token_url is not None)
        self.url = url
        self._token_url = token_url or ""
        self._timeout = timeout
        self._session = requests.Session()

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def _post(self, body: bytes, headers: Mapping[str, str]) -> int | None:
        try:
            answer = self._session.post(
                self.url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException:
            return None
        return answer.status_code

    def _ask(self, form: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            answer = self._session.post(self._token_url, data=form, timeout=self._timeout, allow_redirects=False)
        except requests.RequestException:
            return 0, b""
        return answer.status_code, answer.content


class WsgiReceiver(Receiver):
    """A receiver inside this process: a WSGI application."""

    def __init__(
        self,
        app: Any,  # noqa: ANN401 - WSGI
        path: str,
        *,
        token_path: str | None = None,
        client_id: str = "",
        client_secret: str = "",
        clock: Clock | None = None,
    ) -> None:
        """As ``HttpReceiver``, with paths of the application."""
        super().__init__(client_id, client_secret, clock, needs_token=token_path is not None)
        self.url = f"http://localhost{path}"
        self._path, self._token_path = path, token_path or ""
        self._client = Client(app)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> int | None:
        return self._client.post(self._path, data=body, headers=dict(headers)).status_code

    def _ask(self, form: Mapping[str, str]) -> tuple[int, bytes]:
        answer = self._client.post(self._token_path, data=dict(form))
        return answer.status_code, answer.get_data()
