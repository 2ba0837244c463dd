"""A server that answers word for word what a test tells it, for what no proper server would answer."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Raw = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Verbatim:
    """Answers are used up in order; the last one stays."""

    base_url: str = ""
    answers: list[Raw] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def says(self, status: int, body: Any = None, *, kind: str = "application/fhir+json", **headers: str) -> "Verbatim":
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(data)

        return self.does(answer)

    def does(self, answer: Raw) -> "Verbatim":
        self.answers.append(answer)
        return self


@pytest.fixture
def verbatim() -> Iterator[Verbatim]:
    script = Verbatim()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
            answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            answer(self)

        do_POST = do_GET  # noqa: N815 - the base class's name
        do_PUT = do_GET  # noqa: N815 - as above

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.base_url = f"http://127.0.0.1:{server.server_port}/fhir"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield script
    server.shutdown()
    thread.join()
    server.server_close()
