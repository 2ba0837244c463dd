"""What is done for some services takes the same work in a large directory as in a small one (SQLite, no statistics)."""

import pytest
from sqlalchemy import select

from footbridge.directory.importing.assembly import documents
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.lookup import find_organization, find_service
from footbridge.directory.records import Record
from footbridge.directory.search.index import end
from footbridge.store.tables.directory_search import directory_entry
from footbridge.store.tenants import add_tenant

TERMS = Terms("test", "feed.json", "CA", "America/Toronto")
SOME, MANY = 20, 400


def _records(count):
    for n in range(count):
        owner, address = str(n // 4), {"address_1": f"{n} Elm Street", "city": "Sudbury", "postal_code": "P3E 5J1"}
        if n % 4 == 0:
            yield Record("organization", owner, {"name": f"Hub {owner}"}, "feed.json")
        yield Record("location", str(n), {"organization_id": owner, "addresses": [address]}, "feed.json")
        yield Record("service", str(n), {"organization_id": owner, "name": f"Food bank {n}"}, "feed.json")
        yield Record("service_at_location", str(n), {"service_id": str(n), "location_id": str(n)}, "feed.json")


@pytest.fixture
def directories(new_sqlite, clock):
    """A small directory and a large one, and the services that both have."""
    with new_sqlite() as small, new_sqlite() as large:
        for database, count in ((small, SOME), (large, MANY)):
            with database.write() as connection:
                add_tenant(connection, "north", "ca", clock.now())
            run_import(database, clock, Plan("north", "feed", TERMS, processes=0), _records(count))
        with small.read() as connection:
            services = sorted(connection.scalars(select(directory_entry.c.service)))
        assert len(services) == SOME
        yield small, large, services


def _work(database, ask):
    """Tens of instructions of SQLite's machine that a question takes, and its answer."""
    ticks = []
    with database.write() as connection:
        driver = connection.connection.driver_connection
        driver.set_progress_handler(lambda: ticks.append(1), 10)
        try:
            answer = ask(connection)
        finally:
            driver.set_progress_handler(None, 0)
    return len(ticks), answer


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda connection, ids: documents(connection, "north", "feed", 1, ids), id="some are joined"),
        pytest.param(lambda connection, ids: find_service(connection, "north", ids[0]), id="one is looked up"),
        pytest.param(lambda connection, _: find_organization(connection, "north", "feed:1"), id="an organization"),
        pytest.param(lambda connection, ids: end(connection, "north", "feed", 2, ids), id="some end"),
    ],
)
def test_the_work_does_not_grow_with_the_directory(directories, ask):
    small, large, services = directories
    of_small, one = _work(small, lambda connection: ask(connection, services))
    of_large, other = _work(large, lambda connection: ask(connection, services))
    assert one == other
    assert of_large < 1.5 * of_small + 20
