"""``footbridge doctor`` finds each thing that would keep the service from working, and shows no secret."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from sqlalchemy import text
from support.issuer import Issuer
from support.raw_server import raw_server

from footbridge.jobs.queue import JobQueue
from footbridge.model.clock import SystemClock
from footbridge.store.engine import open_database

SECRET = "s3cret-of-the-hub"


def findings(ran, check, state=None):
    """What a check says."""
    assert SECRET not in ran.out + ran.err
    return [one for one in ran.json["checks"] if one["check"] == check and state in {None, one["state"]}]


@pytest.fixture
def healthy(run, home, hub, monkeypatch):
    """A site where nothing is wrong."""
    home.chmod(0o700)
    secret = home / "hub.token"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    assert run("partner", "set", "north-end-hub", "--credential", f"file:{secret}").code == 0
    return secret


def queue(home, **changes):
    database = open_database(f"sqlite:///{home / 'footbridge.sqlite3'}")
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    with database.write() as connection:
        JobQueue(connection).enqueue(
            tenant="riverside", kind="update", partner="north-end-hub", key="k", payload={}, dedupe="d", due=long_ago
        )
        for name, value in changes.items():
            connection.execute(text(f"UPDATE job SET {name} = :value WHERE dedupe = 'd'"), {"value": value})
    database.dispose()


def test_where_nothing_is_wrong(run, healthy):
    ran = run("doctor", "--online", "--json")
    assert [one for one in ran.json["checks"] if one["state"] != "ok"] == []
    assert (ran.code, ran.json["state"]) == (0, "ok")
    assert {one["check"] for one in ran.json["checks"]} == {
        "versions", "settings", "database", "disk", "credential", "worker", "partners", "clock"
    }  # fmt: skip
    table = run("doctor")
    assert (table.code, "REMEDY" in table.out, "--online" in table.out) == (0, True, True)


def test_a_misspelt_setting_and_a_wrong_one(run, healthy):
    ran = run("doctor", "--json", env={"FOOTBRIDGE_PROT": "1", "FOOTBRIDGE_ALLOW_HTTP": "true"})
    assert ran.code == 1
    assert [one["remedy"] for one in findings(ran, "settings")] == [
        "Set FOOTBRIDGE_PORT instead.",
        "Use https partners.",
    ]
    wrong = run("doctor", "--json", env={"FOOTBRIDGE_PORT": "many"})
    assert (wrong.code, "FOOTBRIDGE_PORT" in findings(wrong, "settings", "error")[0]["found"]) == (2, True)


def test_a_database_that_is_missing_older_or_not_one(run, home, healthy):
    for url, word in (
        (f"sqlite:///{home / 'nowhere' / 'a'}", "no database"),
        ("postgresql+psycopg://u:s3cret-of-the-hub@127.0.0.1:9/x", "cannot be used"),
        (f"sqlite:///{healthy}", "cannot be used"),
    ):
        ran = run("doctor", "--json", env={"FOOTBRIDGE_DATABASE_URL": url})
        (found,) = findings(ran, "database")
        assert (ran.code, word in found["found"], found["state"]) == (2, True, "error"), found
    database = open_database(f"sqlite:///{home / 'footbridge.sqlite3'}")
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    database.dispose()
    (found,) = findings(run("doctor", "--json"), "database")
    assert found["remedy"] == "Run `footbridge database upgrade`."


def test_files_that_others_may_read(run, home, healthy):
    (home / "footbridge.sqlite3").chmod(0o644)
    healthy.chmod(0o640)
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert "0644" in findings(ran, "files", "warning")[0]["found"]
    (found,) = findings(ran, "credential", "warning")
    assert ("0640" in found["found"], found["remedy"]) == (True, f"chmod go-rwx '{healthy}'")


def test_the_key_behind_an_oauth_file_is_looked_at(run, home, healthy):
    (home / "oauth.json").write_text(json.dumps({"key": f"file:{healthy}"}))
    (home / "oauth.json").chmod(0o600)
    database = open_database(f"sqlite:///{home / 'footbridge.sqlite3'}")
    with database.write() as connection:
        connection.execute(text("UPDATE partner SET credential = :c"), {"c": f"oauth:{home / 'oauth.json'}"})
    database.dispose()
    assert findings(run("doctor", "--json"), "credential", "ok")
    healthy.chmod(0o604)
    assert "0604" in findings(run("doctor", "--json"), "credential", "warning")[0]["found"]
    healthy.unlink()
    assert findings(run("doctor", "--json"), "credential", "error")


@pytest.mark.parametrize("fault", ["gone", "empty", "large", "folder"])
def test_a_credential_that_cannot_be_used(run, healthy, fault):
    healthy.unlink()
    match fault:
        case "empty":
            healthy.touch(0o600)
        case "large":
            healthy.write_text("x" * 70_000)
        case "folder":
            healthy.mkdir()
    ran = run("doctor", "--json")
    (found,) = findings(ran, "credential")
    assert (ran.code, found["state"], "north-end-hub" in found["found"]) == (2, "error", True)
    assert "partner set north-end-hub --credential" in found["remedy"]


def test_a_partner_that_does_not_respond(run, healthy, server):
    assert run("partner", "set", "north-end-hub", "--base-url", "http://127.0.0.1:9/fhir").code == 0
    assert run("doctor", "--json").code == 0
    ran = run("doctor", "--online", "--json")
    assert (ran.code, findings(ran, "partners")[0]["state"]) == (2, "error")


@pytest.mark.parametrize("piece", [b"X-One: 1\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_server_that_drips_does_not_hold_the_doctor(monkeypatch, piece):
    from footbridge.cli.doctor import _skew
    from footbridge.settings import settings

    monkeypatch.setenv("FOOTBRIDGE_PARTNER_TIMEOUT_SECONDS", "0.6")
    settings.cache_clear()
    first = b"" if piece.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\n"
    try:
        with raw_server() as server:
            server.say = lambda connection: server.drip(connection, first=first, piece=piece)
            began = time.monotonic()
            assert _skew(server.base_url) is None
            assert time.monotonic() - began < 5
    finally:
        monkeypatch.undo()
        settings.cache_clear()


@pytest.mark.parametrize(("seconds", "state"), [(-3600, "warning"), (3600, "warning"), (0, "ok")])
def test_a_clock_that_differs(seconds, state):
    from footbridge.cli.doctor import _check_clock

    class Late(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response_only(200)
            self.send_header("Date", format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True))
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Late) as there:
        thread = Thread(target=there.handle_request)
        thread.start()
        (found,) = _check_clock("hub", f"http://127.0.0.1:{there.server_port}/fhir")
        thread.join()
    assert found.state == state


def test_no_worker_runs(run, home, healthy):
    queue(home)
    ran = run("doctor", "--json")
    (found,) = findings(ran, "worker")
    assert (ran.code, found["state"], "footbridge worker" in found["remedy"]) == (2, "error", True)
    assert "120 minutes" in found["found"]


def test_a_worker_that_holds_a_job_is_alive(run, home, healthy):
    queue(home, lease_owner="w1", lease_until="2999-01-01T00:00:00.000000Z")
    ran = run("doctor", "--json")
    assert (ran.code, findings(ran, "worker")[0]["state"]) == (1, "warning")


def test_a_message_that_failed(run, home, healthy):
    queue(home, state="failed", finished="2026-01-01T00:00:00.000000Z")
    ran = run("doctor", "--json")
    assert (ran.code, "1 messages failed" in findings(ran, "queue")[0]["found"]) == (1, True)


def test_a_tenant_without_routes(run, tenant, home):
    home.chmod(0o700)
    ran = run("doctor", "--json")
    assert (ran.code, findings(ran, "tenants")[0]["state"]) == (1, "warning")


def test_the_issuer_at_which_people_sign_in(run, home, healthy):
    issuer = Issuer(SystemClock())
    try:
        secret = home / "issuer.secret"
        secret.write_text(SECRET)
        secret.chmod(0o640)
        env = {
            "FOOTBRIDGE_OIDC_ISSUER": issuer.url,
            "FOOTBRIDGE_OIDC_CLIENT_ID": "footbridge",
            "FOOTBRIDGE_OIDC_CLIENT_SECRET": f"file:{secret}",
            "FOOTBRIDGE_PUBLIC_URL": "https://care.example",
        }
        said = findings(run("doctor", "--json", env=env), "sign-in")
        assert [one["state"] for one in said] == ["warning", "skipped"]
        assert "0640" in said[0]["found"]
        assert issuer.asked == []
        secret.chmod(0o600)
        (found,) = findings(run("doctor", "--online", "--json", env=env), "sign-in")
        assert found["state"] == "ok"
        assert "https://care.example/portal/sign-in/openid/back" in found["found"]
        for place, answer, word in (
            ("/keys", {"keys": []}, "no key"),
            ("/keys", [], "keys"),
            ("/.well-known/openid-configuration", {"issuer": "https://evil.example"}, "another issuer"),
        ):
            issuer.answers = {place: (200, {}, answer)}
            (found,) = findings(run("doctor", "--online", "--json", env=env), "sign-in")
            assert (found["state"], word in found["found"]) == ("error", True), found
    finally:
        issuer.stop()
    (found,) = findings(run("doctor", "--online", "--json", env=env), "sign-in", "error")
    assert "did not respond" in found["found"]
    secret.unlink()
    env.pop("FOOTBRIDGE_PUBLIC_URL")
    assert [one["state"] for one in findings(run("doctor", "--json", env=env), "sign-in")] == [
        "warning",
        "error",
        "skipped",
    ]


def test_an_issuer_needs_a_client_id(run, healthy):
    ran = run("doctor", "--json", env={"FOOTBRIDGE_OIDC_ISSUER": "https://login.example"})
    assert (ran.code, "FOOTBRIDGE_OIDC_CLIENT_ID" in findings(ran, "settings", "error")[0]["found"]) == (2, True)
    wrong = {"FOOTBRIDGE_OIDC_ISSUER": "login.example?x", "FOOTBRIDGE_OIDC_CLIENT_ID": "x"}
    assert "FOOTBRIDGE_OIDC_ISSUER" in findings(run("doctor", "--json", env=wrong), "settings", "error")[0]["found"]
