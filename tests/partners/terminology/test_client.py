import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from footbridge.partners.terminology import TerminologyClient


@pytest.fixture
def server():
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            seen.append((urlsplit(self.path).path, query))
            answers = {
                "yes": {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": True}]},
                "no": {
                    "resourceType": "Parameters",
                    "parameter": [{"name": "x"}, {"name": "result", "valueBoolean": False}],
                },
                "odd": [1],
            }
            code = query["code"]
            self.send_response(200 if code in answers or code == "html" else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answers[code]).encode() if code in answers else b"<html>")

        def log_message(self, *args):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield TerminologyClient(f"http://127.0.0.1:{httpd.server_port}/r4/"), seen
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.mark.parametrize(
    ("code", "expected"), [("yes", True), ("no", False), ("odd", None), ("html", None), ("missing", None)]
)
def test_the_answer_is_read(server, code, expected):
    client, _ = server
    assert client.validate_code("urn:vs", "urn:cs", code, None) is expected


def test_nothing_but_the_code_leaves(server):
    client, seen = server
    client.validate_code("urn:vs", "urn:cs", "yes", "2")
    client.validate_code("urn:vs", None, "yes", None)
    assert seen == [
        ("/r4/ValueSet/$validate-code", {"url": "urn:vs", "code": "yes", "system": "urn:cs", "systemVersion": "2"}),
        ("/r4/ValueSet/$validate-code", {"url": "urn:vs", "code": "yes", "inferSystem": "true"}),
    ]


def test_a_server_that_is_away_leaves_it_undecided():
    assert TerminologyClient("http://127.0.0.1:9", timeout_seconds=2).validate_code("urn:vs", None, "a", None) is None
