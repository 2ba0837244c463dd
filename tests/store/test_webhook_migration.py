"""A database with requesters and events gets webhooks: none is set, and one that is set starts from the present."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from support.old_databases import bring_to

from footbridge.errors import ConfigurationError, NotFoundError
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.partners import get_partner, remove_partner
from footbridge.store.webhooks import Webhook, get_webhook, has_webhook, record_sent, remove_webhook, set_webhook

AT = "2026-03-02T12:00:00.000000Z"
NOW = datetime(2026, 3, 3, tzinfo=UTC)
BEFORE = "0010"
PARTNER = (
    "INSERT INTO partner (tenant, name, network, role, namespace, title, base_url, delivery, guide, custodian,"
    f" poll_seconds, created) VALUES ('north', 'emr', 'fhir', 'requester', 'north/emr', 'EMR', 'https://emr.test',"
    f" 'transaction', '3.0.0', false, 900, '{AT}')"
)
HOOK = Webhook("emr", "https://emr.test/hook", "env:HOOK")


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before, with a requester and 41 events."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, BEFORE)
            tenant = "INSERT INTO tenant (name, jurisdiction, last_event, created) VALUES ('north', 'us', 41, '{}')"
            connection.execute(text(tenant.format(AT)))
            connection.execute(text(PARTNER))
        yield database
    finally:
        database.dispose()


def test_a_requester_has_no_webhook_until_one_is_set(old: Database):
    upgrade(old)
    with old.write() as connection:
        assert get_partner(connection, "north", "emr").title == "EMR"
        assert not has_webhook(connection, "north", "emr")
        with pytest.raises(NotFoundError):
            get_webhook(connection, "north", "emr")
        assert set_webhook(connection, "north", HOOK, NOW).last_sent == 41


def test_a_changed_webhook_goes_on_from_where_it_was(old: Database):
    upgrade(old)
    changed = Webhook("emr", "https://emr.test/other", "file:/new", "env:HOOK")
    with old.write() as connection:
        set_webhook(connection, "north", HOOK, NOW)
        record_sent(connection, "north", "emr", 50)
        record_sent(connection, "north", "emr", 45)  # of an older message
        kept = set_webhook(connection, "north", changed, NOW)
    assert kept == Webhook("emr", "https://emr.test/other", "file:/new", "env:HOOK", 50)


def test_it_goes_with_its_partner(old: Database):
    upgrade(old)
    with old.write() as connection:
        set_webhook(connection, "north", HOOK, NOW)
        remove_partner(connection, "north", "emr", NOW)
        assert not has_webhook(connection, "north", "emr")
        assert not remove_webhook(connection, "north", "emr")


@pytest.mark.parametrize("secret", ["the-secret-itself", "env:", "oauth:/file"])
def test_a_secret_is_a_reference(old: Database, secret):
    upgrade(old)
    for hook in (Webhook("emr", HOOK.url, secret), Webhook("emr", HOOK.url, "env:HOOK", secret)):
        with pytest.raises(ConfigurationError), old.write() as connection:
            set_webhook(connection, "north", hook, NOW)
