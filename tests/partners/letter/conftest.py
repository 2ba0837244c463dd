"""A town of its own for each test, with its folder of mail and the folder of a fax gateway."""

import pytest
from support.letters import Town

from footbridge.settings import settings


@pytest.fixture(autouse=True)
def mail(tmp_path, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_MAIL_FOLDER", str(tmp_path / "mail"))
    monkeypatch.setenv("FOOTBRIDGE_PUBLIC_URL", "https://care.example")
    settings.cache_clear()
    yield tmp_path / "mail"
    settings.cache_clear()


@pytest.fixture
def fax(tmp_path):
    (tmp_path / "fax").mkdir()
    return tmp_path / "fax"


@pytest.fixture
def town(sqlite_database, clock):
    return Town(sqlite_database, clock)


@pytest.fixture
def both(database, clock):
    """Once on SQLite, once on PostgreSQL."""
    return Town(database, clock)
