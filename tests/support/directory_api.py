"""A server on loopback that plays a directory's API: a test says what it answers, and reads what it was asked."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Says:
    """One answer. ``length`` is what Content-Length says when it is not the truth."""

    status: int = 200
    body: Any = None
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None

    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class DirectoryApi(ThreadingHTTPServer):
    """Answers with what ``play`` gives for a request: ``Says``, or a value, which is JSON with status 200."""

    daemon_threads = True

    def __init__(self, play: Callable[[Asked], Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.play = play
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/v1"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: DirectoryApi

    def log_message(self, *_arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path = parts.path.removeprefix("/api/v1")
        asked = Asked(self.command, path, dict(parse_qsl(parts.query)), dict(self.headers), body)
        self.server.asked.append(asked)
        said = self.server.play(asked)
        said = said if isinstance(said, Says) else Says(body=said)
        content = said.content()
        self.send_response(said.status)
        self.send_header("Content-Type", said.kind)
        if said.length != -1:
            self.send_header("Content-Length", str(len(content) if said.length is None else said.length))
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()
