"""Each test of the portal has a house of its own, and its own folder of mail."""

import threading
from pathlib import Path

import pytest
from support.browser import CHROMIUM
from support.portal import House
from werkzeug.serving import make_server

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


@pytest.fixture
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def axe():
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def base(house, monkeypatch):
    """Where the house is served."""
    monkeypatch.delenv("FOOTBRIDGE_PUBLIC_URL")
    settings.cache_clear()
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
