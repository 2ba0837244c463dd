import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from support.raw_server import raw_server

from footbridge.errors import ConfigurationError
from footbridge.partners.terminology import TerminologyClient
from footbridge.partners.terminology.client import Unanswered


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
                "patient": {"resourceType": "Patient"},
                "unknown-set": {"resourceType": "OperationOutcome", "issue": []},
                "barred": {"resourceType": "OperationOutcome", "issue": []},
            }
            code = query["code"]
            status = {"missing": 404, "unknown-set": 422, "barred": 401, "elsewhere": 302}.get(code, 200)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/r4/ValueSet/$validate-code?code=yes")
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


@pytest.mark.parametrize("code", ["odd", "html", "missing", "patient", "barred", "elsewhere"])
def test_what_no_terminology_server_says_is_no_answer(server, code):
    client, seen = server
    with pytest.raises(Unanswered):
        client.ask("urn:vs", "urn:cs", code, None)
    assert [query["code"] for _, query in seen] == [code]


def test_a_value_set_that_the_server_does_not_know_is_an_answer(server):
    assert server[0].ask("urn:vs", "urn:cs", "unknown-set", None) is None


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


# A server that is hostile, or broken

YES = b'{"resourceType":"Parameters","parameter":[{"name":"result","valueBoolean":true}]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nConnection: close\r\n"


def asked(server, **options):
    client = TerminologyClient(server.base_url, **{"timeout_seconds": 1.0, **options})
    began = time.monotonic()
    found = client.validate_code("urn:vs", "urn:cs", "a", None)
    return found, time.monotonic() - began


def whole(body, *headers):
    length = b"Content-Length: " + str(len(body)).encode() + b"\r\n"
    return lambda connection: connection.sendall(HEAD + length + b"".join(headers) + b"\r\n" + body)


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nX: ", HEAD + b"Content-Length: 1000000\r\n\r\n", b""])
def test_one_that_drips_is_left_at_the_deadline(first):
    with raw_server() as server:
        server.say = lambda connection: server.drip(connection, first=first, pause=0.05)
        found, took = asked(server)
    assert found is None
    assert took < 5


def test_one_that_sends_100_continue_without_end_is_left():
    with raw_server() as server:
        server.say = lambda connection: server.drip(connection, piece=b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01)
        found, took = asked(server)
    assert found is None
    assert took < 5


def test_an_answer_that_is_too_large_is_not_read():
    packed = gzip.compress(YES + b" " * 50_000_000)
    with raw_server(whole(packed, b"Content-Encoding: gzip\r\n")) as server:
        assert asked(server, timeout_seconds=10)[0] is None
    with raw_server(whole(YES + b" " * 900_000)) as server:
        assert asked(server, timeout_seconds=10)[0] is True


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b"\xff\xfe\x00", b'{"parameter":' + b"9" * 5_000 + b"}", b"null", b""]
)
def test_an_odd_answer_leaves_it_undecided(body):
    with raw_server(whole(body)) as server:
        assert asked(server)[0] is None


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary Redirect", b"308 Permanent Redirect"])
def test_a_redirect_is_not_followed(status):
    with raw_server(whole(YES)) as elsewhere, raw_server() as server:
        place = elsewhere.base_url.encode()
        answer = (
            b"HTTP/1.1 " + status + b"\r\nLocation: " + place + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
        server.say = lambda connection: connection.sendall(answer)
        assert asked(server)[0] is None
        assert elsewhere.seen == []


def test_no_password_of_a_netrc_leaves(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password NETRCCANARY\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with raw_server(whole(YES)) as server:
        assert asked(server)[0] is True
        assert b"uthorization" not in server.seen[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://terms.test/r4", "https://169.254.169.254/r4", "https://u:p@terms.test/r4", "https://a\\@terms.test/r4",
        "https://terms.test/r4?x=1", "ftp://terms.test/r4", "terms.test",
    ],
)  # fmt: skip
def test_a_base_url_that_is_not_fit_for_use_is_refused(url):
    with pytest.raises(ConfigurationError, match="terminology server"):
        TerminologyClient(url)


def test_http_to_another_machine_is_the_operators_choice():
    TerminologyClient("http://terms.test/r4", allow_http=True)
    TerminologyClient("https://terms.test/r4")
