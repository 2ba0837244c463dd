"""Each test of the portal has a house of its own, and its own folder of mail."""

import pytest
from support.portal import House

from footbridge.settings import settings


@pytest.fixture(autouse=True)
def mail(tmp_path, monkeypatch):
    """Each test has its own folder of mail."""
    monkeypatch.setenv("FOOTBRIDGE_MAIL_FOLDER", str(tmp_path / "mail"))
    monkeypatch.setenv("FOOTBRIDGE_PUBLIC_URL", "https://care.example")
    settings.cache_clear()
    yield tmp_path / "mail"
    settings.cache_clear()


@pytest.fixture
def house(sqlite_database, clock):
    return House(sqlite_database, clock)


@pytest.fixture
def both(database, clock):
    """Once on SQLite, once on PostgreSQL."""
    return House(database, clock)
