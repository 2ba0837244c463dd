"""What events said before they had a detail is carried over to it."""

import json

import pytest
from sqlalchemy import Connection, select, text
from support.old_databases import bring_to

from footbridge.model.events import check
from footbridge.store.engine import Database, open_database
from footbridge.store.events import detail_of
from footbridge.store.migrate import upgrade
from footbridge.store.tables import event

AT = "2026-03-02T12:00:00.000000Z"
BEFORE = "0008"
OLD = [
    ("submitted", None, "submitted", None, {}),
    ("reject", "Full", "reject", "Full", {}),
    ("delivered", "Hub", "delivered", None, {"partner": "hub", "partnerTitle": "Hub"}),
    ("delivered", "Twice", "delivered", None, {"partnerTitle": "Twice"}),
    ("delivered", "Gone", "delivered", None, {"partnerTitle": "Gone"}),
    ("another-try", "Twice", "another-try", None, {"partner": "twin", "partnerTitle": "Twice"}),
    ("overdue", "Twice", "overdue", None, {"partner": "twin", "partnerTitle": "Twice"}),
    ("overdue", None, "overdue", None, {}),
    ("output", "Procedure", "output", None, {"type": "Procedure"}),
    ("output-not-taken-over", "Binary: no identifier", "output-not-taken-over", None,
     {"type": "Binary", "why": "no-identifier"}),
    ("output-not-taken-over", "Procedure: a.one, b.two", "output-not-taken-over", None,
     {"type": "Procedure", "why": "invalid", "rules": ["a.one", "b.two"]}),
    ("refused", "A Task has no such status.", "refused", None, {"message": "A Task has no such status."}),
    ("part", "Repas chauds à midi", "part", None, {"description": "Repas chauds à midi"}),
    ("goal-changed", "in-progress", "goal-changed", None, {"achievement": "in-progress"}),
    ("goal-changed", "completed", "goal-changed", None, {"lifecycle": "completed"}),
    ("needs-person", "no-other-partner", "needs-person", None, {"why": "no-other-partner"}),
    ("business-status", "On Monday", "business-status", None, {"text": "On Monday"}),
    ("answered", "Only a word", "answered", "Only a word", {}),
    ("answered-yes", None, "answered", None, {"happened": "yes"}),
    ("answered-partly", "Small box", "answered", "Small box", {"happened": "partly"}),
]  # fmt: skip


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, BEFORE)
            _fill(connection)
        yield database
    finally:
        database.dispose()


def _fill(connection: Connection) -> None:
    for tenant in ("north", "south"):
        _add(connection, "tenant", name=tenant, jurisdiction="us", created=AT)
    for name, title in (("hub", "Hub"), ("twin", "Twice"), ("other", "Twice")):
        _add(connection, "partner", tenant="north", name=name, network="fhir", role="recipient", title=title,
             base_url="https://hub.test", delivery="resources", guide="sdohcc", custodian=False, poll_seconds=60,
             namespace="", created=AT)  # fmt: skip
    for identity, partner in (("r1", "twin"), ("r2", "hub")):
        _add(connection, "referral", tenant="north", id=identity, prescription="p", machine="referral", attempt=1,
             state="{}", status="requested", task=identity, updated=AT, partner=partner)  # fmt: skip
    for number, (name, reason, *_) in enumerate(OLD, start=1):
        _event(connection, "north", number, name, reason)
    _event(connection, "south", 1, "part", "Ours")


def _event(connection: Connection, tenant: str, number: int, name: str, reason: str | None) -> None:
    _add(connection, "event", tenant=tenant, number=number, prescription="p", referral="r1", name=name, reason=reason,
         inferred=False, actor="a", role="system", source="timer", at=AT, recorded=AT)  # fmt: skip


def _add(connection: Connection, table: str, **row: object) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def _timeline(connection: Connection, tenant: str):
    return connection.execute(select(event).where(event.c.tenant == tenant).order_by(event.c.number)).all()


def test_what_is_no_reason_becomes_a_detail(old: Database):
    upgrade(old)
    with old.read() as connection:
        found = [(row.name, row.reason, detail_of(row)) for row in _timeline(connection, "north")]
        assert found == [tuple(row[2:]) for row in OLD]
        assert [detail_of(row) for row in _timeline(connection, "south")] == [{"description": "Ours"}]
        bare = connection.scalars(text("SELECT detail FROM event WHERE name = 'reject'")).all()
    assert bare == [None]
    for name, _, detail in found:
        check(name, detail)


def test_what_was_marked_overdue_stays_so(old: Database):
    upgrade(old)
    with old.read() as connection:
        marked = dict(connection.execute(text("SELECT id, overdue FROM referral")).all())
    assert marked == {"r1": AT, "r2": None}


def test_more_events_than_are_changed_at_once(old: Database):
    with old.write() as connection:
        for number in range(100, 2350):
            _event(connection, "north", number, "part", f"Part {number}")
    upgrade(old)
    with old.read() as connection:
        said = connection.execute(text("SELECT number, detail FROM event WHERE tenant = 'north' AND number >= 100"))
        assert all(json.loads(detail) == {"description": f"Part {number}"} for number, detail in said)
        left = connection.scalar(text("SELECT count(*) FROM event WHERE name = 'part' AND detail IS NULL"))
    assert left == 0
