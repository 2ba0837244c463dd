"""A partner's copy gets two fingerprints in place of one."""

import pytest
from sqlalchemy import text
from support.old_databases import bring_to

from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.remote_ids import Link, get_link

AT = "2026-03-02T12:00:00.000000Z"
BEFORE = "0009"
OLD = {"Task": "aa", "ServiceRequest": "bb", "Goal": "cc", "Consent": None, "Patient": "dd", "Condition": "ee"}
NEW = {
    "Task": ("aa", None),
    "ServiceRequest": ("bb", None),
    "Goal": ("cc", None),
    "Consent": (None, None),
    "Patient": (None, "dd"),  # what a service was last sent of the client is still known
    "Condition": (None, None),
}


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, BEFORE)
            connection.execute(text(f"INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{AT}')"))
            for kind, sent in OLD.items():
                connection.execute(
                    text(
                        "INSERT INTO link (tenant, partner, type, id, remote_id, remote_version, sent)"
                        " VALUES ('north', 'hub', :kind, 'ours', 'theirs', '3', :sent)"
                    ),
                    {"kind": kind, "sent": sent},
                )
        yield database
    finally:
        database.dispose()


def test_links_keep_what_is_known_of_state_and_of_content(old: Database):
    upgrade(old)
    with old.read() as connection:
        found = {kind: get_link(connection, "north", "hub", kind, "ours") for kind in OLD}
    assert found == {
        kind: Link("hub", kind, "ours", "theirs", "3", state, content) for kind, (state, content) in NEW.items()
    }
