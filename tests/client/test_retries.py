"""What the client repeats, against a server that answers as it is told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from footbridge.client import FootbridgeClient, InvalidDocumentError, NoAnswerError, UnavailableError
from footbridge.client.http import Connection, Retries

RECEIPT = {"id": "1", "status": "active", "warnings": []}


class Server(ThreadingHTTPServer):
    """Gives one planned answer after the other, and notes what was asked."""

    daemon_threads = True

    def __init__(self, *plan):
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan, self.asked = list(plan), []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.headers.get("Idempotency-Key"), body))
        step = self.server.plan.pop(0)
        if step == "cut":
            self.connection.close()
            return
        status, headers, content = step
        text = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer  # noqa: N815 - the names of http.server

    def log_message(self, *_):
        pass


@pytest.fixture
def answering():
    """Starts a server with a plan; a client over it, and the waits that it makes."""
    servers = []

    def start(*plan):
        server = Server(*plan)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        waits = []
        client = FootbridgeClient(server.url, "fb_token")
        client._http.close()
        client._http = Connection(server.url, "fb_token", timeout=5, retries=Retries(4, 0.01), sleep=waits.append)
        return client, server, waits

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


BUSY = (503, {"Retry-After": "7"}, {"title": "Service unavailable", "detail": "Nothing was stored."})


def test_a_submission_is_repeated_under_its_key_until_it_is_answered(answering):
    client, server, waits = answering("cut", BUSY, (201, {}, RECEIPT))
    with client:
        assert client.submit({"kind": "signpost"}) == RECEIPT
    keys = {key for _, key, _ in server.asked}
    assert len(server.asked) == 3
    assert len(keys) == 1
    assert len(keys.pop()) == 36
    assert waits[1] == 7
    assert len({body for _, _, body in server.asked}) == 1


def test_two_submissions_have_two_keys(answering):
    client, server, _ = answering((201, {}, RECEIPT), (201, {}, RECEIPT))
    with client:
        client.submit({})
        client.submit({})
    assert len({key for _, key, _ in server.asked}) == 2


def test_a_request_in_progress_is_waited_for_and_a_conflict_is_not(answering):
    progress = (409, {"Retry-After": "1"}, {"type": "urn:x/in-flight"})
    client, server, waits = answering(progress, (201, {}, RECEIPT))
    with client:
        client.submit({})
    assert waits == [1]
    assert len(server.asked) == 2


def test_an_event_is_sent_once(answering):
    client, server, _ = answering(BUSY)
    with client, pytest.raises(UnavailableError) as caught:
        client.send_event("1", "accept")
    assert len(server.asked) == 1
    assert caught.value.retry_after == 7


def test_it_gives_up_after_the_last_attempt(answering):
    client, server, waits = answering(*["cut"] * 4)
    with client, pytest.raises(NoAnswerError):
        client.get("1")
    assert len(server.asked) == 4
    assert len(waits) == 3


def test_faults_are_not_repeated(answering):
    client, server, _ = answering((422, {}, {"errors": [{"rule": "a", "message": "b", "pointer": "/c"}]}))
    with client, pytest.raises(InvalidDocumentError) as caught:
        client.submit({})
    assert caught.value.pointers == ["/c"]
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed(answering):
    client, server, _ = answering((302, {"Location": "http://127.0.0.2/"}, {}))
    with client, pytest.raises(Exception, match="302"):
        client.get("1")
    assert len(server.asked) == 1
