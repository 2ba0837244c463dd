"""A vendor's receiver of webhooks, on loopback: verifies what comes as the vendor would."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from footbridge.client import WebhookError, WebhookEvent, verify_webhook


class Receiver(ThreadingHTTPServer):
    """Answers as planned: a status for each request, 204 when the plan is used up, 401 to what it cannot verify.

    ``requests`` has headers and body of each; ``events`` those that were verified and answered with success.
    """

    daemon_threads = True

    def __init__(self, secret: str | list[str], now: Callable[[], float]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret, self.now = secret, now
        self.plan: list[tuple[int, dict[str, str]]] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.events: list[WebhookEvent] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/footbridge"

    @property
    def numbers(self) -> list[int]:
        return [event.number for event in self.events]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.shutdown()
        self.server_close()

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """The answer to a request."""
        self.requests.append((headers, body))
        try:
            events = verify_webhook(headers, body, self.secret, now=self.now)
        except WebhookError:
            return 401, {}
        status, more = self.plan.pop(0) if self.plan else (204, {})
        if status < 300:
            self.events += events
        return status, more


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, more = self.server.take(dict(self.headers), body)
        self.server.statuses.append(status)
        self.send_response(status)
        for name, value in {**more, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        pass
