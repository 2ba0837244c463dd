"""What networks stored of a prescription becomes what they stored of its referrals, and consents end on their day."""

import json

import pytest
from sqlalchemy import text
from support.old_databases import bring_to

from footbridge.jobs.queue import JobQueue
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.network_context import WHOLE, contexts_of, put_context

AT = "2026-03-02T12:00:00.000000Z"
BEFORE = "0013"
ENDS = {"consent": {"status": "given", "until": "2026-03-31"}}
PRESCRIPTIONS = {
    "rx": ("navigator", "active", ENDS),
    "ry": ("warm-connection", "waiting", {"consent": {"status": "given"}}),
    "done": ("navigator", "completed", ENDS),
    "sign": ("signpost", "active", ENDS),
    "none": ("navigator", "active", {}),
}
REFERRALS = [("one", "rx", "hub", 1), ("two", "rx", "hub", 2), ("other", "rx", "kitchen", 3), ("far", "ry", "hub", 1)]
KEPT = [("hub", "rx", "thread 1"), ("emr", "rx", "order 7"), ("gone", "rx", "nobody's"), ("hub", "ry", "thread 2")]


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before, in which two referrals of a prescription share one context."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, BEFORE)
            connection.execute(text(f"INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{AT}')"))
            for prescription, (kind, status, consent) in PRESCRIPTIONS.items():
                connection.execute(
                    text(
                        "INSERT INTO prescription (tenant, id, requester, identifier_system, identifier_value, kind,"
                        " categories, person, status, authored, created, updated, document, fingerprint, resources)"
                        f" VALUES ('north', :id, 'emr', 'urn:x', :id, :kind, '', 'p', :status, '{AT}', '{AT}',"
                        f" '{AT}', :document, 'f', '{{}}')"
                    ),
                    {
                        "id": prescription,
                        "kind": kind,
                        "status": status,
                        "document": json.dumps({"authored": "2026-03-02T06:00:00-05:00", **consent}),
                    },
                )
            for referral, prescription, partner, place in REFERRALS:
                connection.execute(
                    text(
                        "INSERT INTO referral (tenant, id, prescription, partner, attempt, machine, status, state, task, place,"
                        f" updated) VALUES ('north', :id, :about, :at, 1, 'referral', 'requested', '{{}}', :id, :place, '{AT}')"
                    ),
                    {"id": referral, "about": prescription, "at": partner, "place": place},
                )
            for partner, prescription, context in KEPT:
                connection.execute(
                    text(
                        "INSERT INTO network_context (tenant, partner, prescription, context)"
                        " VALUES ('north', :at, :about, :context)"
                    ),
                    {"at": partner, "about": prescription, "context": context},
                )
        yield database
    finally:
        database.dispose()


def test_each_referral_keeps_what_it_was_handed_until_now(old: Database):
    upgrade(old)
    with old.write() as connection:
        assert contexts_of(connection, "north", "hub", "rx") == {"one": "thread 1", "two": "thread 1"}
        assert contexts_of(connection, "north", "hub", "ry") == {"far": "thread 2"}
        assert contexts_of(connection, "north", "emr", "rx") == {WHOLE: "order 7"}
        assert contexts_of(connection, "north", "gone", "rx") == {WHOLE: "nobody's"}
        assert contexts_of(connection, "north", "kitchen", "rx") == {}
        put_context(connection, "north", "hub", "rx", "thread 9", referral="two")
        assert contexts_of(connection, "north", "hub", "rx") == {"one": "thread 1", "two": "thread 9"}


def test_the_end_of_a_consent_is_planned_where_something_rests_on_it(old: Database):
    upgrade(old)
    with old.read() as connection:
        rows = connection.execute(text("SELECT tenant, kind, subject, due FROM job ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [("north", "end-of-consent", "rx", "2026-04-01T05:00:00.000000Z")]
        queue = JobQueue(connection)
        assert queue.is_planned(tenant="north", kind="end-of-consent", subject="rx")
