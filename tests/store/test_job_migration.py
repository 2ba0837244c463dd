"""Messages and due work from before there was one table of jobs: every row goes on where it stood."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from support.old_databases import bring_to

from footbridge.jobs.queue import JobQueue
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tables import circuit, job

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)
OUTBOX = """
INSERT INTO outbox (id, tenant, partner, key, kind, dedupe, payload, state, attempts, due, lease_owner, lease_until,
                    fence, last_status, last_error, created, finished)
VALUES (:id, 'north', 'hub', :key, 'deliver', :dedupe, '{"referral": "r"}', :state, :attempts, :due, :owner, :until,
        :fence, :status, :error, :created, :finished)
"""
SCHEDULE = """
INSERT INTO schedule (tenant, kind, subject, due, cursor, failures, lease_until, fence)
VALUES ('north', :kind, :subject, :due, :cursor, :failures, :until, :fence)
"""


def at(**offset):
    return (NOW + timedelta(**offset)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def message(number, state="ready", **values):
    row = {"key": f"k{number}", "dedupe": f"d{number}", "attempts": 0, "due": at(minutes=-number), "fence": 0}
    row |= dict.fromkeys(("owner", "until", "status", "error", "finished")) | {"created": at(hours=-1)}
    return {"id": number, "state": state, **row, **values}


MESSAGES = [
    message(3, "done", attempts=1, fence=1, finished=at(minutes=-30)),
    message(4, "parked", attempts=30, fence=31, status=422, error="Refused.", finished=at(minutes=-20)),
    message(5, key="k4"),  # waits behind the one that is parked
    message(6, "dead", fence=2, error="Dropped by ops.", finished=at(minutes=-10)),
    message(7, key="k6"),  # goes on behind the one that was given up
    message(8, attempts=2, fence=3, owner="old-worker", until=at(seconds=30)),
    message(9, attempts=1, due=at(hours=1), fence=1, status=503, error="The partner is down."),
]
DUE_WORK = [
    {"kind": "poll", "subject": "hub", "cursor": "2026-03-01T00:00:00+00:00", "failures": 2, "fence": 7}
    | {"due": at(minutes=-1), "until": None},
    {"kind": "poll", "subject": "emr", "cursor": "c", "failures": 0, "fence": 9}
    | {"due": at(minutes=-2), "until": at(seconds=30)},
    {"kind": "follow-up", "subject": "p1", "cursor": None, "failures": 0, "fence": 4}
    | {"due": at(days=30), "until": None},
]


@pytest.fixture
def old(empty_database_url: str):
    database = open_database(empty_database_url)
    with database.write() as connection:
        bring_to(connection, "0004")
        connection.execute(
            text("INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'ca', :at)"), {"at": at()}
        )
    yield database
    database.dispose()


@pytest.fixture
def upgraded(old: Database):
    with old.write() as connection:
        connection.execute(text(OUTBOX.replace('": "', r'"\: "')), MESSAGES)
        connection.execute(text(SCHEDULE), DUE_WORK)
        connection.execute(
            text("INSERT INTO circuit (tenant, partner, failures, open_until) VALUES ('north', 'art', 5, :at)"),
            {"at": at(hours=1)},
        )
        if not old.is_sqlite:
            connection.execute(text("SELECT setval(pg_get_serial_sequence('outbox', 'id'), 12)"))
    upgrade(old)
    return old


def claim(database, now, kinds=("deliver", "poll", "follow-up")):
    with database.write() as connection:
        return JobQueue(connection).claim(owner="new-worker", kinds=kinds, now=now, lease=LEASE, limit=20)


def rows(database, *conditions):
    with database.read() as connection:
        return connection.execute(select(job).where(*conditions).order_by(job.c.id)).all()


def test_every_message_is_there_with_its_number_and_its_state(upgraded):
    found = rows(upgraded, job.c.subject.is_(None))
    states = {3: "done", 4: "failed", 5: "ready", 6: "abandoned", 7: "ready", 8: "ready", 9: "ready"}
    assert {row.id: row.state for row in found} == states
    carried = [(row.id, row.key, row.dedupe, row.attempts, row.lease_token, row.last_status) for row in found]
    names = ("id", "key", "dedupe", "attempts", "fence", "status")
    assert carried == [tuple(row[name] for name in names) for row in MESSAGES]
    assert [(row.last_error, row.finished) for row in found][1] == ("Refused.", NOW - timedelta(minutes=20))
    assert {(row.tenant, row.partner, row.kind, row.payload) for row in found} == {
        ("north", "hub", "deliver", '{"referral": "r"}')
    }


def test_the_queue_goes_on_where_it_stood(upgraded):
    assert [one.key for one in claim(upgraded, NOW, kinds=["deliver"])] == ["k6"]
    assert [one.attempt for one in claim(upgraded, NOW + timedelta(seconds=30), kinds=["deliver"])] == [3]
    with upgraded.write() as connection:
        queue = JobQueue(connection)
        assert len(queue.retry_again(now=NOW)) == 1
        new = {"tenant": "north", "kind": "deliver", "partner": "hub", "key": "k4", "payload": {}, "due": NOW}
        assert not queue.enqueue(**new, dedupe="d3")
        assert queue.enqueue(**new, dedupe="new")
        assert queue.open_circuits(NOW) == [("north", "art")]
        assert connection.scalar(select(circuit.c.failures)) == 5
    assert max(row.id for row in rows(upgraded)) == rows(upgraded, job.c.dedupe == "new")[0].id


def test_due_work_keeps_its_cursor_its_failures_and_its_lease(upgraded):
    (hub,) = claim(upgraded, NOW, kinds=["poll", "follow-up"])
    assert (hub.subject, hub.cursor, hub.attempt, hub.lease_token) == ("hub", "2026-03-01T00:00:00+00:00", 3, 8)
    (emr,) = claim(upgraded, NOW + timedelta(seconds=30), kinds=["poll", "follow-up"])
    assert (emr.subject, emr.cursor, emr.attempt) == ("emr", "c", 1)
    (follow_up,) = claim(upgraded, NOW + timedelta(days=30), kinds=["follow-up"])
    assert (follow_up.subject, follow_up.cursor) == ("p1", None)


def test_what_is_planned_again_takes_the_place_of_what_was_planned_before(upgraded):
    with upgraded.write() as connection:
        JobQueue(connection).plan(tenant="north", kind="poll", subject="hub", due=NOW + timedelta(hours=1))
    (hub,) = rows(upgraded, job.c.subject == "hub")
    assert (hub.due, hub.cursor, hub.attempts) == (NOW + timedelta(hours=1), "2026-03-01T00:00:00+00:00", 0)


def test_an_empty_queue_is_carried_over_too(old: Database):
    upgrade(old)
    with old.write() as connection:
        assert JobQueue(connection).enqueue(
            tenant="north", kind="deliver", partner="hub", key="k", payload={}, dedupe="d", due=NOW
        )
    assert len(rows(old)) == 1
