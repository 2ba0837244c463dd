"""The HTTP side: tokens, ``$process-messages``, letters and attachments, and a receiver with a token endpoint."""

import io
import json
import re
import threading
from datetime import timedelta

import pytest
import requests
from flask import Flask, request
from support.ocean_answers import START, Box, answer, ocean_with, sent, task
from werkzeug.serving import make_server

from footbridge.model.clock import ManualClock
from footbridge.simulators.ocean import Attachment, Clinician, Draft, HttpReceiver, OceanSimulator, Person, WsgiReceiver

TOKEN, FHIR = "/svc/oauth2/token", "/svc/fhir/v1"


@pytest.fixture
def client(ocean):
    return ocean.app.test_client()


def credentials(site="1234", **changed):
    return {"grant_type": "client_credentials", "client_id": f"site-{site}", "client_secret": "site-secret"} | changed


def bearer(client, site="1234"):
    return {"Authorization": f"Bearer {client.post(TOKEN, data=credentials(site)).json['access_token']}"}


def test_a_token_is_issued_for_the_credentials_of_a_site(client):
    answered = client.post(TOKEN, data=credentials())
    assert answered.status_code == 200
    assert (answered.json["token_type"], answered.json["expires_in"]) == ("Bearer", 3600)
    assert answered.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        (credentials(client_secret="wrong"), 401, "invalid_client"),
        (credentials(client_id="site-5678x"), 401, "invalid_client"),
        (credentials(grant_type="password"), 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_get_no_token(client, form, status, error):
    answered = client.post(TOKEN, data=form, content_type="application/x-www-form-urlencoded")
    assert (answered.status_code, answered.json["error"]) == (status, error)


def test_a_token_request_is_form_encoded(client):
    assert client.post(TOKEN, json=credentials()).json["error"] == "invalid_request"


def test_a_token_expires_by_the_clock(ocean, client):
    headers = bearer(client)
    ocean.advance(timedelta(seconds=3599))
    assert client.get(f"{FHIR}/NamingSystem/id-site-number", headers=headers).status_code == 200
    ocean.advance(timedelta(seconds=1))
    refused = client.get(f"{FHIR}/NamingSystem/id-site-number", headers=headers)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert refused.json["resourceType"] == "OperationOutcome"


def test_all_tokens_can_be_made_to_expire(ocean, client):
    headers = bearer(client)
    ocean.tokens.expire()
    assert client.get(f"{FHIR}/NamingSystem/id-site-number", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "$process-messages"), ("GET", "ServiceRequest/x/$letter"), ("GET", "DocumentReference/x/$binary"),
     ("GET", "NamingSystem/id-site-number")],
)  # fmt: skip
def test_nothing_is_done_without_a_token(client, method, path, headers):
    assert client.open(f"{FHIR}/{path}", method=method, headers=headers).status_code == 401


def test_a_message_is_taken_over_http_and_the_plural_is_meant(ocean, box, client):
    ref = sent(ocean)
    body = json.dumps(answer(box.last, "notify-add-process-request", task(ref, "accepted")))
    headers = bearer(client) | {"Content-Type": "application/fhir+json"}
    assert client.post(f"{FHIR}/$process-message", data=body, headers=headers).status_code == 404
    assert ocean.folder(ref) == "New"
    answered = client.post(f"{FHIR}/$process-messages", data=body, headers=headers)
    assert answered.status_code == 200
    assert answered.content_type.startswith("application/fhir+json")
    assert answered.json["issue"][0]["severity"] == "information"
    assert ocean.folder(ref) == "Pending Booking"


def test_by_another_habit_the_answer_is_empty(ocean, box, client):
    ref = sent(ocean)
    ocean.habits.answer = "empty"
    body = json.dumps(answer(box.last, "notify-add-process-request", task(ref, "accepted")))
    answered = client.post(f"{FHIR}/$process-messages", data=body, headers=bearer(client))
    assert (answered.status_code, answered.data) == (200, b"")


def test_in_an_outage_everything_is_503(ocean, client):
    headers = bearer(client)
    ocean.outage(timedelta(hours=1))
    assert client.post(TOKEN, data=credentials()).status_code == 503
    assert client.get(f"{FHIR}/NamingSystem/id-site-number", headers=headers).status_code == 503


def with_attachments():
    return Draft(
        Person("L'Essai", ("Zoé",)), Clinician("Testerly"), "385759002", "HOME_AND_COMMUNITY_CARE", "quickReferral",
        {"rfr": "Company (and \\ more) " * 30}, "<b>Motif :</b> Isolement", language="fr",
        attachments=(Attachment("One.pdf", "First text"), Attachment("Two.pdf", "Second text")),
    )  # fmt: skip


def documents(bundle):
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "DocumentReference"]


def text_of(pdf):
    """The texts of a PDF, by its cross-reference table: a file whose table is wrong has none."""
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF", pdf)[1])
    table = pdf[start:].split(b"\n")
    assert table[0] == b"xref"
    for number, row in enumerate(table[3 : 2 + int(table[1].split()[1])], 1):
        assert pdf[int(row[:10]) :].startswith(f"{number} 0 obj".encode())
    return b" ".join(re.findall(rb"\((.*)\) Tj", pdf)).decode("cp1252")


def test_the_letter_and_the_attachments_are_where_the_message_says(box):
    ocean = ocean_with(box)
    client = ocean.app.test_client()
    ref = ocean.refer(with_attachments())
    ocean.run_due()
    letter, *attached = [one["content"][0]["attachment"]["url"] for one in documents(box.last)]
    headers = bearer(client)
    origin = ocean.base_url
    read = client.get(letter.removeprefix(origin), headers=headers)
    assert (read.status_code, read.content_type) == (200, "application/pdf")
    assert "Zoé L'Essai" in text_of(read.data)
    assert ref in text_of(read.data)
    assert "First text" not in text_of(read.data)
    whole = client.get(f"{letter.removeprefix(origin)}?attachments=true", headers=headers)
    assert "First text" in text_of(whole.data)
    assert "Second text" in text_of(whole.data)
    assert whole.data.count(b"/Type /Page ") == 3
    texts = [text_of(client.get(one.removeprefix(origin), headers=headers).data) for one in attached]
    assert [("First text" in one, "Second text" in one) for one in texts] == [(True, False), (False, True)]


def test_another_site_reads_no_letter_and_no_attachment(box):
    ocean = ocean_with(box)
    client = ocean.app.test_client()
    ref = ocean.refer(with_attachments())
    ocean.run_due()
    key = documents(box.last)[1]["identifier"][0]["value"]
    for path in (f"ServiceRequest/{ref}/$letter", f"DocumentReference/{key}/$binary"):
        assert client.get(f"{FHIR}/{path}", headers=bearer(client, "5678")).status_code == 403
        assert client.get(f"{FHIR}/{path}", headers=bearer(client)).status_code == 200
    for path in ("ServiceRequest/unknown/$letter", "DocumentReference/unknown/$binary"):
        assert client.get(f"{FHIR}/{path}", headers=bearer(client)).status_code == 404


class Receiver:
    """A receiving system with a token endpoint; ``lives`` is what it says of its tokens, ``ends`` lets them end."""

    def __init__(self, lives=3600):
        self.app = Flask("receiver")
        self.tokens, self.valid, self.bodies, self.lives = 0, None, [], lives
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/messages", view_func=self.messages, methods=["POST"])

    def token(self):
        if (request.form["client_id"], request.form["client_secret"]) != ("ocean", "s3cret"):
            return {"error": "invalid_client"}, 401
        self.tokens += 1
        self.valid = f"token-{self.tokens}"
        return {"access_token": self.valid, "expires_in": self.lives}

    def messages(self):
        if request.headers.get("Authorization") != f"Bearer {self.valid}":
            return "", 401
        assert request.mimetype == "application/fhir+json"
        self.bodies.append(request.get_data())
        return "", 202


def wsgi(receiver, clock, secret="s3cret"):
    return WsgiReceiver(
        receiver.app, "/messages", token_path="/token", client_id="ocean", client_secret=secret, clock=clock
    )


def simulated(receiver, clock, **options):
    ocean = OceanSimulator(clock=clock)
    ocean.add_site("1", receiver=wsgi(receiver, clock, **options))
    ocean.add_listing("1")
    return ocean


def test_a_token_of_the_receiver_is_used_until_it_ends():
    receiver, clock = Receiver(), ManualClock(START)
    ocean = simulated(receiver, clock)
    for _number in range(3):
        sent(ocean)
    assert (receiver.tokens, len(receiver.bodies)) == (1, 3)
    ocean.advance(timedelta(hours=1))
    sent(ocean)
    assert (receiver.tokens, len(receiver.bodies)) == (2, 4)


def test_a_token_that_the_receiver_no_longer_accepts_is_fetched_again():
    receiver, clock = Receiver(), ManualClock(START)
    ocean = simulated(receiver, clock)
    sent(ocean)
    receiver.valid = None
    sent(ocean)
    assert (receiver.tokens, len(receiver.bodies)) == (2, 2)
    assert [len(one.tries) for one in ocean.messages()] == [1, 1]


def test_wrong_credentials_at_the_receiver_are_a_failure_with_mail():
    receiver, clock = Receiver(), ManualClock(START)
    ocean = simulated(receiver, clock, secret="wrong")
    sent(ocean)
    assert [one.status for one in ocean.messages()[0].tries] == [401]
    assert [one.kind for one in ocean.mails()] == ["first"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"access_token":"a","expires_in":"soon"}'])
def test_an_answer_of_the_token_endpoint_that_cannot_be_read_is_a_failure(content):
    app = Flask("broken")
    app.add_url_rule("/token", view_func=lambda: content, methods=["POST"])
    assert WsgiReceiver(app, "/m", token_path="/token", client_id="a", client_secret="b")(b"{}") is None


@pytest.fixture
def listening():
    """A receiver on loopback."""
    receiver = Receiver()
    server = make_server("127.0.0.1", 0, receiver.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.port}"
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_over_loopback_from_the_clinic_to_the_answer(listening):
    receiver = HttpReceiver(
        f"{listening.url}/messages", token_url=f"{listening.url}/token", client_id="ocean", client_secret="s3cret"
    )
    ocean = OceanSimulator()
    ocean.add_site("1234", receiver=receiver)
    ocean.add_listing("1234")
    with ocean:
        ref = sent(ocean)
        got = json.loads(listening.bodies[0])
        url = got["entry"][0]["resource"]["source"]["endpoint"]
        assert url == f"{ocean.base_url}/svc/fhir/v1/$process-messages"
        token = requests.post(f"{ocean.base_url}{TOKEN}", data=credentials(), timeout=10).json()["access_token"]
        body = json.dumps(answer(got, "notify-add-process-request", task(ref, "accepted")))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
        assert requests.post(url, data=body, headers=headers, timeout=10).status_code == 200
        letter = documents(got)[0]["content"][0]["attachment"]["url"]
        assert requests.get(letter, headers=headers, timeout=10).content.startswith(b"%PDF-1.4")
        ocean.run_due()
    assert ocean.folder(ref) == "Pending Booking"
    assert len(listening.bodies) == 2
    receiver.close()


def test_nobody_listens_and_the_message_waits():
    receiver = HttpReceiver("http://127.0.0.1:9/messages")
    assert receiver(b"{}") is None
    receiver.close()


def test_a_huge_message_is_refused(client):
    answered = client.post(f"{FHIR}/$process-messages", data=io.BytesIO(b" " * 20_000_001), headers=bearer(client))
    assert answered.status_code == 413


def test_a_site_has_the_version_that_was_set():
    box = Box()
    ocean = ocean_with(box, version="0.10")
    sent(ocean)
    assert "fullUrl" not in box.last["entry"][0]
