"""The numbers of events."""

from dataclasses import asdict, replace

import pytest
from sqlalchemy import select

from footbridge.errors import NotFoundError
from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.events import NewEvent, append, detail_of, newest
from footbridge.store.tables import event


def test_events_are_numbered_by_tenant(database: Database, north: str, south: str, clock: ManualClock):
    accept = NewEvent(
        prescription="p",
        referral="r",
        name="accept",
        before="requested",
        after="accepted",
        inferred=True,
        actor="someone",
        role="recipient",
        source="food-bank",
        at=clock.now(),
        reason="because",
    )
    part = replace(accept, name="part", detail={"description": "Repas à midi"})
    with database.write() as connection:
        added = append(connection, north, [accept, replace(accept, prescription="q", name="start")], clock.now())
        theirs = append(connection, south, [accept], clock.now())
        added += append(connection, north, [part], clock.now())
        assert append(connection, north, [], clock.now()) == []
        with pytest.raises(NotFoundError):
            append(connection, "nobody", [accept], clock.now())
    assert [event.number for event in added] == [1, 2, 3]
    assert [event.number for event in theirs] == [1]
    with database.read() as connection:
        rows = connection.execute(select(event).order_by(event.c.tenant, event.c.number)).all()
    assert [{**row._mapping, "detail": detail_of(row)} for row in rows] == [
        {"tenant": tenant, **asdict(one)} for tenant, several in ((north, added), (south, theirs)) for one in several
    ]


def test_the_newest_is_the_tenants_own(database: Database, north: str, south: str, clock: ManualClock):
    happened = NewEvent(
        "p", None, "submitted", None, None, inferred=False, actor="a", role="admin", source="api", at=clock.now()
    )
    with database.write() as connection:
        assert newest(connection, north) == 0
        append(connection, north, [happened, happened], clock.now())
        assert (newest(connection, north), newest(connection, south)) == (2, 0)


@pytest.mark.parametrize(
    ("name", "detail"), [("answered-yes", {}), ("accept", {"partner": "hub"}), ("part", {"description": 1})]
)
def test_what_the_table_of_events_does_not_have_is_not_written(
    database: Database, north: str, clock: ManualClock, name: str, detail: dict
):
    wrong = NewEvent(
        "p",
        None,
        name,
        None,
        None,
        inferred=False,
        actor="a",
        role="admin",
        source="api",
        at=clock.now(),
        detail=detail,
    )
    with database.write() as connection:
        with pytest.raises(ValueError, match=name):
            append(connection, north, [replace(wrong, name="submitted", detail={}), wrong], clock.now())
        assert newest(connection, north) == 0
