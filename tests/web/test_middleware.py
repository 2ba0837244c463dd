"""Around every request: ids, headers, one line in the log that names nobody, and never a stack trace."""

import json
import sqlite3
import uuid
from contextlib import closing

import pytest
import structlog
from structlog.testing import capture_logs

from footbridge.model.issues import Issue
from footbridge.store import engine
from footbridge.store.engine import open_database
from footbridge.validation import Validator


def test_the_process_lives_and_is_ready(both):
    assert both.client.get("/healthz").json == {"status": "ok"}
    both.taken_in()
    assert both.client.get("/readyz").json == {"status": "ready", "database": "ok"}
    ready = both.get("/readyz").json
    assert ready["outbox"] == {"ready": 1, "failed": 0}
    assert ready["openCircuits"] == 0
    assert both.get("/readyz", who="lakeside").json.keys() == {"status", "database"}


def test_a_database_that_is_not_migrated_is_told(office, tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    answer = office.over(database).client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "not-migrated")
    database.dispose()


def test_a_database_that_is_gone_is_told(office, tmp_path):
    office = office.over(open_database(f"sqlite:///{tmp_path}"))
    with capture_logs() as lines:
        answer = office.client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "unreachable")
    assert [line["log_level"] for line in lines if line["event"] == "request"] == [
        "info"
    ]  # a probe that fails is shown
    assert office.client.get("/healthz").status_code == 200
    refused = office.get("/api/v1/changes")
    assert (refused.status_code, refused.json["type"]) == (503, "urn:footbridge:problem/unavailable")
    assert refused.headers["Retry-After"]


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/api/v1/prescriptions/", "//api/v1/changes", "/healthz/x", "/é"]
)
def test_an_unknown_address_is_a_problem(office, path):
    assert office.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/prescriptions", {"GET", "HEAD", "POST"}),
        ("OPTIONS", "/healthz", {"GET", "HEAD"}),
        ("TRACE", "/api/v1/changes", {"GET", "HEAD"}),
        ("GET", "/api/v1/prescriptions/7d4d2f3e-0000-4000-8000-000000000000/cancel", {"POST"}),
    ],
)
def test_another_method_is_told_which_ones_work(office, method, path, allowed):
    answer = office.client.open(path, method=method)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_every_answer_has_its_headers(office):
    for path in ("/healthz", "/nowhere", "/api/v1/changes"):
        headers = office.client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert uuid.UUID(headers["X-Request-Id"])


def test_a_request_id_is_taken_over_when_it_is_a_uuid(office):
    given = str(uuid.uuid4())
    assert office.client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given
    for odd in ("Arne Lindqvist", "x" * 100, "", given + "\x00"):
        assert office.client.get("/healthz", headers={"X-Request-Id": odd}).headers["X-Request-Id"] != odd


def test_the_log_names_routes_and_nobody(office):
    with structlog.testing.capture_logs() as lines:
        place = office.taken_in()
        office.get(place)
        office.get("/api/v1/prescriptions", identifier="urn:health-card|9000000202")
        office.client.get("/Lindqvist?name=Arne", headers=office.as_("emr"))
        office.submit(office.prescription(kind="Lindqvist"), **{"Idempotency-Key": "Lindqvist"})
        office.client.open("/healthz", method="LINDQVIST")
    told = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"], line["tenant"]) for line in told] == [
        ("POST", "/api/v1/prescriptions", 201, "north"),
        ("GET", "/api/v1/prescriptions/<uuid:identity>", 200, "north"),
        ("GET", "/api/v1/prescriptions", 200, "north"),
        ("-", "unmatched", 404, None),
        ("POST", "/api/v1/prescriptions", 422, "north"),
        ("-", "unmatched", 405, None),
    ]
    for word in ("Lindqvist", "LINDQVIST", "9000000202", "Arne", place.rpartition("/")[2], office.tokens["emr"]):
        assert word not in str(lines)


class Troubled(Validator):
    """Has trouble with every resource: an exception, or an issue of our mapping."""

    def __init__(self, trouble):
        super().__init__()
        self.trouble = trouble

    def validate(self, resource, profiles=()):
        if isinstance(self.trouble, Exception):
            raise self.trouble
        yield self.trouble


def test_a_bug_is_a_500_that_tells_nothing(office):
    with structlog.testing.capture_logs() as lines:
        answer = office.over(validator=Troubled(RuntimeError("Arne Lindqvist"))).submit(**{"Idempotency-Key": "k-1"})
    assert answer.status_code == 500
    assert "Lindqvist" not in answer.text + str(lines)
    (bug,) = [line for line in lines if line["event"] == "request.failed"]
    assert bug["exception"] == "RuntimeError"
    assert bug["at"][0].startswith("web/api/prescriptions.py:")
    assert bug["request"] == answer.json["request"] == answer.headers["X-Request-Id"]
    assert office.submit(**{"Idempotency-Key": "k-1"}).status_code == 201


def test_a_fault_of_our_mapping_is_ours(office):
    issue = Issue("profile.min", "error", "required", "Arne Lindqvist is missing.", expression="Task")
    with structlog.testing.capture_logs() as lines:
        answer = office.over(validator=Troubled(issue)).submit()
    assert answer.status_code == 500
    assert "Lindqvist" not in answer.text + str(lines)
    (alert,) = [line for line in lines if line["event"] == "mapping.fault"]
    assert (alert["log_level"], *alert["rules"]) == ("error", "profile.min")
    assert alert["request"] == answer.json["request"]


def test_a_busy_database_asks_to_come_back(office, monkeypatch):
    monkeypatch.setattr(engine, "SQLITE_BUSY_MILLISECONDS", 50)
    place = office.database.engine.url.database
    database = open_database(f"sqlite:///{place}")
    with closing(sqlite3.connect(place, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        answer = office.over(database).submit()
    database.dispose()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert json.loads(answer.data)["detail"] == "The database does not answer. Nothing was stored."
    assert office.submit().status_code == 201
