"""A referral that waited until somebody confirmed its service is on hold for that after the upgrade."""

import pytest
from sqlalchemy import text
from support.old_databases import bring_to

from footbridge.store.engine import Database, open_database
from footbridge.store.holds import holds_of
from footbridge.store.migrate import upgrade

AT = "2026-03-02T12:00:00.000000Z"
REFERRALS = [("one", "rx", None, "not-verified"), ("two", "ry", None, None), ("three", "rz", "hub", "not-verified")]


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, "0018")
            connection.execute(text(f"INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{AT}')"))
            for referral, prescription, partner, needs in REFERRALS:
                connection.execute(
                    text(
                        "INSERT INTO referral (tenant, id, prescription, partner, attempt, machine, status, state, task,"
                        " place, needs, needs_since, updated) VALUES ('north', :id, :about, :at, 1, 'referral', 'draft',"
                        f" '{{}}', :id, 1, :needs, '{AT}', '{AT}')"
                    ),
                    {"id": referral, "about": prescription, "at": partner, "needs": needs},
                )
        yield database
    finally:
        database.dispose()


def test_what_waits_for_its_service_is_on_hold(old: Database):
    upgrade(old)
    with old.read() as connection:
        (row,) = holds_of(connection, "north", "rx")
        assert (row.reason, row.since.isoformat(), row.ended) == ("service", "2026-03-02T12:00:00+00:00", None)
        assert [holds_of(connection, "north", one) for one in ("ry", "rz")] == [[], []]
