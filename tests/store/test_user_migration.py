"""A user whose service was removed before the upgrade has no part in another one that gets its name."""

import pytest
from sqlalchemy import text
from support.old_databases import bring_to

from footbridge.security.people import may_sign_in
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.users import list_users

AT = "2026-03-02T12:00:00.000000Z"
USERS = [("ana", "service-worker", "gone"), ("bo", "service-worker", "hub"), ("kit", "navigator", None)]


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before, with one partner."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, "0028")
            connection.execute(text(f"INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{AT}')"))
            connection.execute(
                text(
                    "INSERT INTO partner (tenant, name, network, role, namespace, title, base_url, delivery, guide,"
                    " custodian, poll_seconds, created) VALUES ('north', 'hub', 'hosted', 'recipient', 'north', 'Hub',"
                    f" '', 'resources', '3.0.0', false, 60, '{AT}')"
                )
            )
            for name, role, partner in USERS:
                connection.execute(
                    text(
                        "INSERT INTO user_account (tenant, id, email, name, role, partner, created) VALUES"
                        f" ('north', :name, :name, :name, :role, :partner, '{AT}')"
                    ),
                    {"name": name, "role": role, "partner": partner},
                )
        yield database
    finally:
        database.dispose()


def test_users_of_a_service_that_is_gone_work_for_nobody(old: Database):
    upgrade(old)
    with old.read() as connection:
        users = list_users(connection, "north")
    assert [(one.email, one.partner, may_sign_in(one)) for one in users] == [
        ("ana", None, False), ("bo", "hub", True), ("kit", None, True)
    ]  # fmt: skip
