"""What a site posts is on the disk before it is answered, whatever it is; only wrong tokens and sites are refused."""

import gzip
import json

import pytest

from footbridge.settings import settings
from footbridge.store.engine import open_database

ANYTHING = [
    b'{"resourceType": "Bundle"}',
    b"",
    b"<Bundle/>",
    b"not JSON",
    b'{"resourceType": "Bund',
    b"\x00\xff" * 100,
    b"[" * 50_000,
]


@pytest.mark.parametrize("body", ANYTHING, ids=range(len(ANYTHING)))
def test_anything_is_stored_as_it_came_and_answered_200(front, body):
    answer = front.post(body)
    assert answer.status_code == 200
    assert answer.json["resourceType"] == "OperationOutcome"
    (stored,) = front.stored()
    assert stored.body == body
    assert stored.state == "received"


def test_it_is_durable_before_the_answer(front):
    assert front.post(b'{"a": 1}').status_code == 200
    other = open_database(front.database.engine.url.render_as_string(hide_password=False))
    try:
        with other.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM ocean_message").scalar() == 1
    finally:
        other.dispose()


@pytest.mark.parametrize(
    "media", ["application/json", "application/fhir+json; charset=utf-8", "text/plain", "application/xml"]
)
def test_the_media_type_is_no_reason_to_refuse(quick, media):
    assert quick.post(b"{}", content_type=media).status_code == 200


def test_gzip_is_unpacked_and_broken_gzip_stays_as_it_came(quick):
    body = json.dumps({"resourceType": "Bundle", "x": "y" * 5000}).encode()
    packed = gzip.compress(body)
    assert quick.post(packed, **{"Content-Encoding": "gzip"}).status_code == 200
    assert quick.post(packed[:40], **{"Content-Encoding": "gzip"}).status_code == 200
    assert [one.body for one in quick.stored()] == [body, packed[:40]]


def test_what_is_too_large_is_refused_before_and_after_unpacking(quick, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_OCEAN_MESSAGE_BYTES", "10000")
    settings.cache_clear()
    try:
        assert quick.post(b"x" * 10_001).status_code == 413
        bomb = gzip.compress(b"x" * 5_000_000)
        assert quick.post(bomb, **{"Content-Encoding": "gzip"}).status_code == 413
        assert quick.post(b"x" * 10_000).status_code == 200
    finally:
        settings.cache_clear()
    assert len(quick.stored()) == 1


def test_without_a_valid_token_nothing_is_stored(front):
    for headers in ({}, {"Authorization": "Bearer fbo_wrong"}, {"Authorization": "Basic eDp5"}):
        answer = front.client.post("/ocean/1234/$process-message", data=b"{}", headers=headers)
        assert answer.status_code == 401
        assert answer.json["resourceType"] == "OperationOutcome"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert front.stored() == []


def test_another_site_is_refused(quick):
    token = quick.token()
    assert quick.post(b"{}", token, site="9999").status_code == 403
    assert quick.stored() == []


def test_a_token_of_our_api_is_no_token_of_a_site(quick):
    from footbridge.model.principals import Principal
    from footbridge.store.tenants import make_token

    with quick.database.write() as connection:
        token = make_token(connection, Principal("admin", None, name="x", tenant="clinic"), quick.clock.now())
    assert quick.post(b"{}", token).status_code == 401


def test_other_methods_and_addresses(quick):
    assert quick.client.get("/ocean/1234/$process-message").status_code in {401, 405}
    assert quick.client.post("/ocean/1234/nothing").status_code == 404


def test_the_number_of_a_message_makes_the_next_look_due_at_once(quick):
    from sqlalchemy import text

    quick.post(b"{}")
    with quick.database.read() as connection:
        due = connection.execute(text("SELECT due FROM job WHERE kind = 'poll'")).scalar()
    assert due.startswith(quick.clock.now().isoformat()[:19])
