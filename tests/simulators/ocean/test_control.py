"""``/control``: the simulator by JSON, as a test in another language drives it."""

import json

import pytest
from support.ocean_answers import Box, answer, event_of, post, sent, task


@pytest.fixture
def client(ocean):
    return ocean.app.test_client()


def test_a_whole_journey_by_json(client):
    def act(path, body, status=200):
        answered = client.post(f"/control/{path}", json=body)
        assert answered.status_code == status, answered.json
        return answered.json

    made = act("sites", {"number": "42", "name": "Hub", "receiver": {"url": "http://127.0.0.1:9/m", "timeout": 1}}, 201)
    asked = {"grant_type": "client_credentials"} | {name: made[name] for name in ("client_id", "client_secret")}
    assert client.post("/svc/oauth2/token", data=asked).status_code == 200
    listing = act("listings", {"site": "42", "title": "Étoile Program", "external_service": "x"}, 201)
    assert listing["reference"].startswith("etoile_program")
    (ref,) = act("referrals", {"listing": listing["reference"], "need": "food", "language": "fr"}, 201)
    assert act(f"referrals/{ref}/status", {"status": "rejected", "reason": "No places"})["received"] == "Declined"
    assert act(f"referrals/{ref}/reopen", {})["received"] == "New"
    assert act(f"referrals/{ref}/book", {"confirmed": False})["received"] == "Booking Unconfirmed"
    assert act(f"referrals/{ref}/ask", {"text": "When?"})["sent"] == "Awaiting Response"
    assert act(f"referrals/{ref}/reply", {"text": "Now"})["received"] == "Booking Unconfirmed"
    assert act(f"referrals/{ref}/forward", {"listing": "seniors_centre10000001"})["received"] == "Forwarded (All)"
    act(f"referrals/{ref}/emit", {"event": "some-new-event"})
    act("rates", {"drop": 1})
    assert act("clock", {"seconds": 3600})["tried"] > 0
    state = client.get("/control/state").json
    assert state["folders"]["received"] == {"Forwarded (All)": 1, "New": 1}
    assert state["mails"] == 1
    events = [one["event"] for one in client.get(f"/control/messages?referral={ref}").json]
    assert events[0] == "add-service-request"
    assert events[-1] == "some-new-event"
    assert client.get(f"/control/referrals/{ref}").json["history"][0]["event"] == "add-service-request"
    assert len(client.get("/control/referrals").json) == 2
    assert client.get("/control/mails").json[0]["kind"] == "first"


def test_raw_messages_and_arrivals(ocean, box, client):
    ref = sent(ocean)
    post(ocean, answer(box.last, "notify-add-process-request", task(ref, "accepted")))
    (first, _echo) = client.get("/control/messages").json
    assert client.get(f"/control/messages/{first['id']}").data == box.bodies[0]
    (arrival,) = client.get("/control/arrivals").json
    assert (arrival["ref"], arrival["status"], arrival["site"]) == (ref, 200, "1234")
    assert "body" not in arrival


def test_habits_and_shapes(ocean, client):
    answered = client.post("/control/habits", json={"shape": "lean", "echo": False, "token_seconds": 60})
    assert (answered.json["shape"]["tasks"], answered.json["echo"]) == ("none", False)
    assert ocean.habits.token_seconds == 60
    client.post("/control/habits", json={"shape": {"reason": None, "author": "target"}})
    assert (ocean.habits.shape.reason, ocean.habits.shape.author, ocean.habits.shape.tasks) == (None, "target", "all")
    client.post("/control/tokens/expire")
    assert client.post("/control/outage", json={"seconds": 60}).json["until"]


def test_a_bulk_resend(ocean, box, client):
    ref = sent(ocean)
    assert client.post("/control/resend", json={"referrals": [ref], "as_new": True}).json == {"queued": 1}
    ocean.run_due()
    assert [event_of(one) for one in box.bundles] == ["add-service-request"] * 2


WRONG = [
    ("sites", {}), ("sites", {"number": 1}), ("sites", {"number": "1", "version": "0.9"}), ("sites", {"number": "1", "x": 1}),
    ("sites", {"number": "1", "receiver": {"url": 5}}), ("sites", {"number": "1", "receiver": {"token_url": "x"}}),
    ("listings", {"site": "1234", "categories": "x"}), ("rates", {"drop": 2}), ("rates", {"drop": "x"}),
    ("rates", {"unknown": 0.1}), ("habits", {"shape": "round"}), ("habits", {"echo": 1}), ("clock", {}),
    ("habits", {"retry_ids": "other"}), ("habits", {"shape": {"tasks": "some"}}), ("habits", {"shape": {"color": 1}}),
    ("habits", {"shape": 5}), ("habits", {"token_seconds": "x"}), ("clock", {"seconds": -1}), ("clock", {"seconds": True}), ("resend", {"referrals": "x"}),
    ("referrals", {"count": 0}), ("referrals", {"need": "gold"}), ("referrals", {"form": "none"}), ("outage", {}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), WRONG)
def test_what_is_wrong_is_answered_with_a_sentence(client, path, body):
    answered = client.post(f"/control/{path}", json=body)
    assert answered.status_code == 400
    assert answered.json["error"].endswith(".")


@pytest.mark.parametrize("body", [b"[]", b"{", b"1", b"\xff"])
def test_a_body_that_is_no_object_is_refused(client, body):
    assert client.post("/control/clock", data=body).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "referrals/unknown"),
        ("GET", "messages/unknown"),
        ("POST", "referrals/unknown/cancel"),
        ("GET", "nothing"),
    ],
)
def test_what_is_not_there_is_404(client, method, path):
    assert client.open(f"/control/{path}", method=method).status_code == 404


def test_actions_name_what_they_need_and_what_has_ended_is_said(ocean, client):
    ref = sent(ocean)
    assert client.post(f"/control/referrals/{ref}/dance", json={}).status_code == 404
    assert "status" in client.post(f"/control/referrals/{ref}/status", json={}).json["error"]
    assert client.post(f"/control/referrals/{ref}/status", json={"status": "failed"}).status_code == 400
    assert client.post(f"/control/referrals/{ref}/reopen", json={}).status_code == 400
    assert client.post(f"/control/referrals/{ref}/book", json={"days": 10**12}).status_code == 400
    assert client.post(f"/control/referrals/{ref}/cancel", json={}).status_code == 200
    assert client.post(f"/control/referrals/{ref}/cancel", json={}).status_code == 400


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.test"}]
)
def test_a_page_of_another_site_reaches_nothing(ocean, client, headers):
    ocean.refer()
    assert client.post("/control/outage", data=json.dumps({"seconds": 60}), headers=headers).status_code == 403
    assert client.post("/refer", headers=headers).status_code == 403
    assert not ocean.faults.is_down(ocean.now())
    assert len(ocean.ledger.referrals) == 1


def test_a_receiver_that_is_set_by_json_is_used(ocean, client):
    client.post("/control/sites", json={"number": "1234", "receiver": {"url": "http://127.0.0.1:9/m", "timeout": 0.5}})
    ocean.refer()
    ocean.run_due()
    assert [one.tries[0].status for one in ocean.messages()] == [None]
    ocean.add_site("1234", receiver=Box())
