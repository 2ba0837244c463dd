"""What anybody can cause without a token is bounded, and says nothing; what the database refuses is told by its code."""

import sqlite3
import time
from contextlib import closing
from datetime import timedelta

import pytest
import structlog
from flask.testing import FlaskClient
from support.faults import Faults

from footbridge.settings import settings
from footbridge.store import engine, probe
from footbridge.store.engine import open_database
from footbridge.web import rate_limits

CHANGES = "/api/v1/changes"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def requests_in(lines):
    return [line for line in lines if line["event"] == "request"]


@pytest.fixture(params=["api", "fhir"])
def path(request):
    """An address that wants a token."""
    return {"api": CHANGES, "fhir": "/fhir/$validate"}[request.param]


def test_a_token_that_fails_too_often_is_refused_for_a_minute_and_no_other_is(office, path, monkeypatch):
    method = "get" if path == CHANGES else "post"
    send = getattr(office.client, method)
    statuses = [send(path, headers=bearer("fb_wrong")).status_code for _ in range(rate_limits.FAILURES + 3)]
    assert statuses == [401] * rate_limits.FAILURES + [429] * 3
    refused = send(path, headers=bearer("fb_wrong"))
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert send(path, headers=bearer("fb_other")).status_code == 401
    assert office.get(CHANGES).status_code == 200  # the same address, behind a proxy
    now = time.monotonic()
    monkeypatch.setattr(rate_limits.time, "monotonic", lambda: now + 61)
    assert send(path, headers=bearer("fb_wrong")).status_code == 401


def test_a_revoked_token_is_refused_for_no_longer_than_it_is_tried(office):
    for _ in range(rate_limits.FAILURES * 2):
        assert office.get(CHANGES).status_code == 200  # a right one is never counted


def test_requests_without_a_token_are_never_429(office, path):
    send = office.client.get if path == CHANGES else office.client.post
    assert {send(path).status_code for _ in range(rate_limits.FAILURES * 2)} == {401}


def test_failed_tokens_leave_few_lines_in_the_log(office, monkeypatch):
    with structlog.testing.capture_logs() as lines:
        for number in range(100):
            office.client.get(CHANGES, headers=bearer(f"fb_{number}"))
        other = {"REMOTE_ADDR": "203.0.113.9"}
        office.client.get(CHANGES, headers=bearer("fb_x"), environ_overrides=other)
        office.get(CHANGES)
    told = [line["status"] for line in requests_in(lines)]
    assert told == [401] * rate_limits.LINES + [401, 200]
    now = time.monotonic()
    monkeypatch.setattr(rate_limits.time, "monotonic", lambda: now + 61)
    with structlog.testing.capture_logs() as lines:
        office.client.get(CHANGES)
    (line,) = requests_in(lines)
    assert line["unlogged"] == 100 - rate_limits.LINES


def test_counters_forget_the_oldest(monkeypatch):
    monkeypatch.setattr(rate_limits, "MOST_KEYS", 3)
    counter = rate_limits.Counter()
    for key in "abcd":
        counter.add(key)
    assert counter.add("a") == (1, 0)
    assert counter.add("d") == (2, 0)


def test_probes_are_logged_at_debug(office):
    with structlog.testing.capture_logs() as lines:
        office.client.get("/healthz")
        office.client.get("/readyz")
        office.client.get("/nowhere")
    levels = {line["route"]: line["log_level"] for line in requests_in(lines)}
    assert levels == {"/healthz": "debug", "/readyz": "debug", "unmatched": "info"}


PREFIXES = {
    "setting": ({"FOOTBRIDGE_PUBLIC_URL": "https://care.test/footbridge/"}, {}, "/footbridge"),
    "setting of a host": ({"FOOTBRIDGE_PUBLIC_URL": "https://care.test"}, {"X-Forwarded-Prefix": "/x"}, ""),
    "setting before header": ({"FOOTBRIDGE_PUBLIC_URL": "https://care.test/a/b"}, {"X-Forwarded-Prefix": "/x"}, "/a/b"),
    "header": ({}, {"X-Forwarded-Prefix": "/footbridge/"}, "/footbridge"),
    "neither": ({}, {}, ""),
    "another host": ({}, {"X-Forwarded-Prefix": "//evil.test"}, ""),
    "a URL": ({}, {"X-Forwarded-Prefix": "https://evil.test"}, ""),
    "dots": ({}, {"X-Forwarded-Prefix": "/../x"}, ""),
    "odd": ({}, {"X-Forwarded-Prefix": '/x>; rel="y"'}, ""),
}


@pytest.mark.parametrize("name", PREFIXES)
def test_addresses_begin_with_the_prefix_of_the_proxy(office, monkeypatch, name):
    variables, headers, prefix = PREFIXES[name]
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    settings.cache_clear()
    first = office.submit(office.prescription(number=1), **headers, **{"Idempotency-Key": "k"})
    again = office.submit(office.prescription(number=1), **headers, **{"Idempotency-Key": "k"})
    plain = office.submit(office.prescription(number=1), **{"Idempotency-Key": "k"})
    office.submit(office.prescription(number=2))
    page = office.client.get("/api/v1/prescriptions?limit=1", headers=office.as_("emr", **headers))
    monkeypatch.undo()
    settings.cache_clear()
    place = f"/api/v1/prescriptions/{first.json['id']}"
    assert first.headers["Location"] == again.headers["Location"] == prefix + place
    assert plain.headers["Location"] == ("" if not variables else prefix) + place  # what is kept has no prefix
    assert page.headers["Link"].startswith(f"<{prefix}/api/v1/prescriptions?")


@pytest.mark.parametrize(
    "url", ["care.test", "ftp://x", "https://x/a b", "https://x/?q", "https://u@x/", "https://x/.."]
)
def test_an_odd_public_url_is_refused(monkeypatch, url):
    monkeypatch.setenv("FOOTBRIDGE_PUBLIC_URL", url)
    settings.cache_clear()
    try:
        if url.endswith(".."):
            return  # a browser takes it away itself
        with pytest.raises(Exception, match="FOOTBRIDGE_PUBLIC_URL"):
            settings()
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def code_in(lines, event):
    return [line["code"] for line in lines if line["event"] == event]


def fresh_probe(monkeypatch):
    monkeypatch.setattr(probe, "PROBE_SECONDS", 0)


def test_a_full_database_is_not_ready_and_recovers(both, monkeypatch):
    fresh_probe(monkeypatch)
    assert both.client.get("/readyz").status_code == 200
    with structlog.testing.capture_logs() as lines, Faults(both.database).full_disk():
        refused = both.submit()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        answer = both.client.get("/readyz")
        assert (answer.status_code, answer.json) == (503, {"status": "not-ready", "database": "full"})
        assert both.get(CHANGES).status_code == 200  # who reads need not care
    assert code_in(lines, "database.unavailable") == ["SQLITE_FULL" if both.database.is_sqlite else "53100"]
    assert "Lindqvist" not in str(lines)
    monkeypatch.setattr(probe, "SPACE_SECONDS", 0)
    assert both.client.get("/readyz").status_code == 200
    assert both.submit().status_code == 201


def test_a_database_that_may_not_grow_is_not_ready_before_anybody_fails(office, monkeypatch):
    fresh_probe(monkeypatch)
    with Faults(office.database).full_disk():
        assert office.client.get("/readyz").json["database"] == "full"


def test_a_frozen_database_is_not_ready_in_bounded_time(both, monkeypatch):
    fresh_probe(monkeypatch)
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_WAIT_SECONDS", "1")
    settings.cache_clear()
    assert both.get(CHANGES).status_code == 200
    with Faults(both.database).frozen():
        for ask, most in (
            (lambda: both.client.get("/readyz"), 3),
            (lambda: both.submit(**{"Idempotency-Key": "k"}), 1),
            (both.submit, 1),
        ):
            began = time.monotonic()
            assert ask().status_code == 503
            assert time.monotonic() - began < most + 1.5
        began = time.monotonic()
        assert both.get(CHANGES).status_code == (200 if both.database.is_sqlite else 503)
        assert time.monotonic() - began < 2.5
        assert both.client.get("/healthz").status_code == 200
    monkeypatch.undo()
    settings.cache_clear()
    both.later(seconds=61)
    assert both.client.get("/readyz").status_code == 200
    assert both.submit(**{"Idempotency-Key": "k"}).status_code == 201


def test_a_held_lock_is_told_by_its_code(office, monkeypatch):
    monkeypatch.setattr(engine, "SQLITE_BUSY_MILLISECONDS", 50)
    place = office.database.engine.url.database
    database = open_database(f"sqlite:///{place}")
    other = office.over(database)
    with closing(sqlite3.connect(place, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with structlog.testing.capture_logs() as lines:
            assert other.submit().status_code == 503
            assert other.client.get("/readyz").json["database"] == "busy"
    database.dispose()
    assert code_in(lines, "database.unavailable") == ["SQLITE_BUSY"]


def test_a_probe_writes_at_most_so_often(office):
    with structlog.testing.capture_logs():
        written = []
        from sqlalchemy import event

        event.listen(office.database.engine, "before_cursor_execute", lambda *args: written.append(args[2]))
        for _ in range(20):
            assert office.client.get("/readyz").status_code == 200
    assert sum(statement.startswith("UPDATE alembic_version") for statement in written) == 1


@pytest.mark.parametrize("code", ["25006", "53100", "53200", "57P01", "58030"])
def test_a_server_that_takes_no_writes_is_503(postgresql_office, code):
    """A standby after a failover, a full disk, too little memory, a shutdown, an error of the disk."""
    with Faults(postgresql_office.database).refused(code), structlog.testing.capture_logs() as lines:
        refused = postgresql_office.submit()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert code_in(lines, "database.unavailable") == [code]
    assert postgresql_office.submit().status_code == 201


def test_two_slashes_reach_nothing(office):
    client = FlaskClient(office.app, office.app.response_class)
    for path in ("//healthz", "///healthz", "//api/v1/changes"):
        answer = client.open("/", environ_overrides={"PATH_INFO": path}, headers=office.as_("emr"))
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_request_without_a_budget_leaves_none_behind(office):
    from footbridge.store import patience

    office.get(CHANGES)
    assert patience.seconds_left() == patience.USUAL
    assert timedelta(seconds=patience.USUAL) >= timedelta(seconds=60)
