"""A server on loopback that publishes a JWK Set, as a partner's does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def jwks(*keys: Any) -> dict[str, Any]:
    """The public key set of these keys."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


class KeyServer:
    """Serves a key set, with the headers that it is told."""

    def __init__(self, body: Any) -> None:
        self.body: Any = body
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.headers.get("If-None-Match"))
                etag = outer.headers.get("ETag")
                same = etag is not None and self.headers.get("If-None-Match") == etag
                body = b"" if same else outer.body if isinstance(outer.body, bytes) else json.dumps(outer.body).encode()
                self.send_response(304 if same else outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/jwks.json"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
