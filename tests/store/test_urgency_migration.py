"""Referrals that are here before the upgrade are in order of urgency after it."""

import pytest
from sqlalchemy import text
from support.old_databases import bring_to

from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade

AT = "2026-03-02T12:00:00.000000Z"
PRIORITIES = ("routine", "urgent", "asap", "stat")


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before, with a referral of each priority."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, "0032")
            connection.execute(text(f"INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{AT}')"))
            for priority in PRIORITIES:
                connection.execute(
                    text(
                        "INSERT INTO prescription (tenant, id, requester, identifier_system, identifier_value, kind,"
                        " categories, priority, person, status, authored, created, updated, document, fingerprint,"
                        " resources) VALUES ('north', :it, '', 'urn:x', :it, 'navigator', '|stress|', :it, 'p',"
                        f" 'active', '{AT}', '{AT}', '{AT}', '{{}}', '', '{{}}')"
                    ),
                    {"it": priority},
                )
                connection.execute(
                    text(
                        "INSERT INTO referral (tenant, id, prescription, machine, attempt, state, status, task, updated)"
                        f" VALUES ('north', :it, :it, 'referral', 1, '{{}}', 'requested', :it, '{AT}')"
                    ),
                    {"it": priority},
                )
        yield database
    finally:
        database.dispose()


def test_they_are_in_order(old: Database):
    upgrade(old)
    with old.read() as connection:
        found = connection.scalars(text("SELECT id FROM referral ORDER BY urgency")).all()
    assert found == ["stat", "asap", "urgent", "routine"]
