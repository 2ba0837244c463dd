"""The token endpoint of a site: RFC 6749 client credentials."""

import base64
from datetime import timedelta

import pytest


def test_a_site_gets_a_token_that_any_process_accepts(front):
    answer = front.ask()
    assert answer.status_code == 200
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 3600
    assert answer.headers["Cache-Control"] == "no-store"
    other = type(front)(front.app, front.app.test_client(), front.database, front.clock, front.credentials)
    assert other.post(b"{}", answer.json["access_token"]).status_code == 200


def test_a_token_ends(quick):
    token = quick.token()
    quick.clock.advance(timedelta(minutes=59))
    assert quick.post(b"{}", token).status_code == 200
    quick.clock.advance(timedelta(minutes=2))
    answer = quick.post(b"{}", token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_secret_may_come_by_basic_or_as_json(quick):
    pair = f"{quick.credentials.client_id}:{quick.credentials.secret}".encode()
    basic = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    form = {"grant_type": "client_credentials"}
    assert quick.client.post("/ocean/1234/token", data=form, headers=basic).status_code == 200
    members = {"client_id": quick.credentials.client_id, "client_secret": quick.credentials.secret}
    assert quick.client.post("/ocean/1234/token", json=form | members).status_code == 200
    both = quick.client.post("/ocean/1234/token", data=form | members, headers=basic)
    assert (both.status_code, both.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "fbs_wrong"}, 401, "invalid_client"),
        ({"client_id": "fbc_wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": "x\0y"}, 401, "invalid_client"),
    ],
)
def test_what_is_wrong_gets_the_error_of_the_standard(front, change, status, error):
    answer = front.ask(**change)
    assert (answer.status_code, answer.json["error"]) == (status, error)


def test_the_credentials_are_of_one_site(quick):
    answer = quick.ask(site="9999")
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_wrong_credentials_are_tried_thirty_times_a_minute_at_most(quick):
    for _ in range(35):
        quick.ask(client_secret="fbs_wrong")
    assert "too often" in quick.ask(client_secret="fbs_wrong").json["error_description"]
    assert quick.ask().status_code == 200
