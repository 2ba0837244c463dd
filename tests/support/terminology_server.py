"""A terminology server on loopback that says what a test tells it to, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class TerminologyServer:
    """``answers`` holds by code True, False or None (404); ``status`` and ``body`` go before it where they are set."""

    def __init__(self) -> None:
        self.answers: dict[str, bool | None] = {}
        self.status: int | None = None
        self.body: bytes | None = None
        self.asked: list[dict[str, str]] = []
        self.base_url = ""

    def reply(self, query: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of an answer."""
        self.asked.append(query)
        told = self.answers.get(query.get("code", ""))
        made = {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": told}]}
        return self.status or (404 if told is None else 200), json.dumps(
            made
        ).encode() if self.body is None else self.body


@contextmanager
def terminology_server() -> Iterator[TerminologyServer]:
    """The server, while the block runs."""
    server = TerminologyServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            status, body = server.reply({"path": urlsplit(self.path).path, **query})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.base_url = f"http://127.0.0.1:{httpd.server_port}/r4"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()
