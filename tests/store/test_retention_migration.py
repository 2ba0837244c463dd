"""A database of the release before gets what an erasure needs, and keeps its rows."""

import pytest
from sqlalchemy import select, text
from support.old_databases import bring_to

from footbridge.store import inbox
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tables import erased_prescription
from footbridge.store.tables import inbox as received
from footbridge.store.tenants import get_tenant, set_retention

AT = "2026-03-02T12:00:00.000000Z"
BEFORE = "0010"


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before, with a tenant and a message."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, BEFORE)
            connection.execute(text(f"INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{AT}')"))
            connection.execute(
                text(
                    "INSERT INTO inbox (tenant, partner, message, outcome, received)"
                    f" VALUES ('north', 'hub', 'Task/1/_history/2', 'applied', '{AT}')"
                )
            )
        yield database
    finally:
        database.dispose()


def test_nothing_is_erased_until_a_tenant_says_so(old: Database):
    upgrade(old)
    with old.write() as connection:
        assert get_tenant(connection, "north").retention_days is None
        set_retention(connection, "north", 30)
        assert get_tenant(connection, "north").retention_days == 30
        assert connection.execute(select(erased_prescription)).all() == []


def test_a_message_of_before_is_still_known(old: Database):
    upgrade(old)
    with old.write() as connection:
        assert inbox.outcome_of(connection, "north", "hub", "Task/1/_history/2") == "applied"
        (row,) = connection.execute(select(received)).all()
        assert row.prescription is None
        assert inbox.forget(connection, "north", ["x"]) == 0
