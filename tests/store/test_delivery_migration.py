"""What was not delivered, and what waited for a person, before both stood in columns."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from support.old_databases import bring_to

from footbridge.model.reasons import reason_text
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tables import job, prescription, referral
from footbridge.store.worklist import waiting_referrals

BEFORE = "0010"
AT = "2026-03-02T12:00:0{}.000000Z"
SUPERSEDED = "Superseded by a later message."

JOBS = {  # number: kind, partner, prescription, state, last_status, last_error
    1: ("deliver", "hub", "p1", "done", None, None),
    2: ("update", "hub", "p1", "done", 503, SUPERSEDED),
    3: ("update", "hub", "p1", "abandoned", 403, "Dropped by ops."),
    4: ("update", "hub", "p1", "ready", None, None),
    5: ("deliver", "hub", "p2", "failed", 404, "Refused with 404."),
    6: ("deliver", "emr", "p2", "failed", None, "The credential env:EMR_TOKEN is not set."),
    7: ("message", "hub", "p3", "abandoned", 422, "Refused with 422."),
    8: ("deliver", "hub", "p4", "failed", 503, "Down."),
}
REFERRALS = {
    "r1": ("p1", "accepted"),
    "r2": ("p2", "requested"),
    "r3": ("p3", "in-progress"),
    "r4": ("p4", "cancelled"),
}
EVENTS = [  # number, prescription, referral, name, role, detail
    (1, "p1", "r1", "delivered", "system", '{"partner":"emr","partnerTitle":"EMR"}'),
    (2, "p1", "r1", "delivered", "system", '{"partner":"hub","partnerTitle":"Hub"}'),
    (3, "p3", "r3", "needs-person", "system", '{"why":"not-processed"}'),
    (4, "p1", "r1", "needs-person", "system", '{"why":"ended-otherwise"}'),
    (5, "p1", "r1", "accept", "recipient", None),
]


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before, with rows."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, BEFORE)
            connection.execute(
                text(f"INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{AT.format(0)}')")
            )
            for number in range(1, 5):
                connection.execute(
                    text(
                        "INSERT INTO prescription (tenant, id, requester, identifier_system, identifier_value, kind,"
                        " categories, person, status, authored, created, updated, document, fingerprint, resources)"
                        " VALUES ('north', :id, 'emr', 's', :id, 'warm-connection', '|a|', 'x', 'active',"
                        " :at, :at, :at, '', '', '')"
                    ),
                    {"id": f"p{number}", "at": AT.format(0)},
                )
            for name, (of, status) in REFERRALS.items():
                connection.execute(
                    text(
                        "INSERT INTO referral (tenant, id, prescription, machine, partner, attempt, state, status, task,"
                        " updated) VALUES ('north', :id, :of, 'referral', 'hub', 1, '{}', :status, :id, :at)"
                    ),
                    {"id": name, "of": of, "status": status, "at": AT.format(0)},
                )
            for number, (kind, partner, of, state, status, error) in JOBS.items():
                about = "" if kind == "update" else f',"referral":"r{of[1]}"'
                connection.execute(
                    text(
                        "INSERT INTO job (id, tenant, kind, partner, key, dedupe, payload, state, attempts, due,"
                        " lease_token, last_status, last_error, created, finished) VALUES (:id, 'north', :kind,"
                        " :partner, :key, :dedupe, :payload, :state, 1, :at, 1, :status, :error, :at, :at)"
                    ),
                    {"id": number, "kind": kind, "partner": partner, "key": f"{partner}/{of}", "dedupe": f"d{number}"}
                    | {"payload": f'{{"prescription":"{of}"{about}}}', "state": state, "at": AT.format(number)}
                    | {"status": status, "error": error},
                )
            connection.execute(
                text(
                    "INSERT INTO job (id, tenant, kind, subject, payload, state, attempts, due, lease_token)"
                    f" VALUES (90, 'north', 'poll', 'hub', '{{}}', 'ready', 0, '{AT.format(0)}', 1)".replace(":", r"\:")
                )
            )
            for number, of, about, name, role, detail in EVENTS:
                connection.execute(
                    text(
                        "INSERT INTO event (tenant, number, prescription, referral, name, inferred, actor, role, source,"
                        " at, recorded, detail) VALUES ('north', :number, :of, :about, :name, false, 'x', :role, 'x',"
                        " :at, :at, :detail)"
                    ),
                    {"number": number, "of": of, "about": about, "name": name, "role": role, "detail": detail}
                    | {"at": AT.format(number)},
                )
        yield database
    finally:
        database.dispose()


def test_messages_know_what_they_are_about_and_why(old: Database):
    upgrade(old)
    with old.read() as connection:
        rows = connection.execute(select(job).order_by(job.c.id)).all()
    about = {row.id: (row.prescription, row.referral) for row in rows}
    assert about == {
        **{number: (of, None if kind == "update" else f"r{of[1]}") for number, (kind, _, of, *_) in JOBS.items()},
        90: (None, None),
    }
    assert {row.id: row.why for row in rows if row.why is not None} == {
        2: "superseded",
        3: "superseded",  # a later update brings the same
        5: "not-found",
        6: "unknown",
        7: "refused",
        8: "no-answer",
    }
    assert all(reason_text(row.why) for row in rows if row.why is not None)
    errors = {row.id: (row.last_status, row.last_error) for row in rows}
    assert (errors[2], errors[3], errors[5]) == ((None, None), (403, "Dropped by ops."), (404, "Refused with 404."))


def test_referrals_know_since_when_their_service_has_them_and_what_they_need(old: Database):
    upgrade(old)
    with old.read() as connection:
        rows = {row.id: row for row in connection.execute(select(referral))}
    assert {name: row.delivered for name, row in rows.items()} == {
        "r1": datetime(2026, 3, 2, 12, 0, 2, tzinfo=UTC),
        **dict.fromkeys(("r2", "r3", "r4")),
    }
    assert {name: row.needs for name, row in rows.items() if row.needs is not None} == {"r3": "not-processed"}
    assert rows["r3"].needs_since == datetime(2026, 3, 2, 12, 0, 3, tzinfo=UTC)


def test_what_was_not_delivered_before_waits_for_a_person(old: Database):
    upgrade(old)
    with old.read() as connection:
        found = waiting_referrals(connection, prescription.c.tenant == "north")
    assert [(row.message, row.prescription, row.id, row.partner, row.why) for row in found] == [
        (None, "p3", "r3", "hub", "not-processed"),
        (5, "p2", "r2", "hub", "not-delivered"),
        (6, "p2", "r2", "emr", "not-delivered"),
        (7, "p3", "r3", "hub", "given-up"),
    ]
