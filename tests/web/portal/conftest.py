"""Each test of the portal has a house of its own, and its own folder of mail."""

import threading
from pathlib import Path

import pytest
from support.browser import CHROMIUM
from support.portal import PANTRY, House
from werkzeug.serving import make_server

from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.lookup import find_service
from footbridge.directory.partners import link
from footbridge.directory.records import Record
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


@pytest.fixture
def listed(house):
    """Put the kitchen into the directory; ``linked``: a partner receives its referrals."""

    def listed(*, linked=None, **more):
        service = {
            "organization_id": "7",
            "name": PANTRY,
            "status": "active",
            "phones": [{"number": "705-555-0142", "type": "voice"}],
            "assured_date": house.clock.now().date().isoformat(),
            "schedules": [
                {"freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR", "opens_at": "09:00", "closes_at": "16:30"},
            ],
            **more,
        }
        place = {"addresses": [{"address_1": "1 Elm Street", "city": "Loon Bay", "address_type": "physical"}]}
        records = [
            Record("organization", "7", {"name": "Elm Kitchen Society"}, "f"),
            Record("location", "9", {"location_type": "physical", "name": "Hall", **place}, "f"),
            Record("service", "42", service, "f"),
            Record("service_at_location", "1", {"service_id": "42", "location_id": "9"}, "f"),
        ]
        plan = Plan("north", "two11", Terms("t", "f", "CA", "UTC"), processes=0)
        run_import(house.database, house.clock, plan, records)
        if linked is not None:
            with house.database.write() as connection:
                link(connection, "north", linked, "two11:7")
        with house.database.read() as connection:
            return find_service(connection, "north", "two11:42")["id"]

    return listed
