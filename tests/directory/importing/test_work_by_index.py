"""What is done for some services takes the same work in a large directory as in a small one .

On SQLite without statistics; on PostgreSQL with those that an import leaves, as nobody else may have made any.
"""

import pytest
from sqlalchemy import select, text

from footbridge.directory.importing import rows
from footbridge.directory.importing.assembly import documents
from footbridge.directory.importing.generation import Generation, Terms
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


_READ = text(
    "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
    " WHERE relname = 'directory_record'"
)


def _read(database, ask):
    """How many rows of the records a question reads; what is pending of earlier ones is counted with it."""
    with database.write() as connection:
        before = connection.scalar(_READ)
        ask(connection)
        return connection.scalar(_READ) - before


@pytest.fixture
def on_postgresql(postgresql_database, clock):
    """A directory on PostgreSQL, and some of its services."""
    with postgresql_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    run_import(postgresql_database, clock, Plan("north", "feed", TERMS, processes=0), _records(MANY))
    with postgresql_database.read() as connection:
        yield postgresql_database, sorted(connection.scalars(select(directory_entry.c.service)))[:SOME]


def test_on_postgresql_the_records_that_are_asked_for_are_read_and_no_others(on_postgresql):
    database, services = on_postgresql
    generation = Generation("north", "feed", 2, 1)
    of_kind = [("service", one) for one in services]
    for ask in (
        lambda connection: rows.known(connection, generation, of_kind),
        lambda connection: documents(connection, "north", "feed", 1, services),
        lambda connection: rows.end(connection, generation, of_kind),
    ):
        assert 0 < _read(database, ask) <= 5 * SOME  # each has a place, a link, and shares an organization


def test_a_restored_directory_is_looked_at_before_it_is_imported_again(on_postgresql, clock):
    database, services = on_postgresql
    with database.write() as connection:  # as a backup leaves it
        connection.exec_driver_sql("DELETE FROM pg_statistic WHERE starelid = 'directory_record'::regclass")
    run_import(database, clock, Plan("north", "feed", TERMS, processes=0), _records(MANY))
    of_kind = [("service", one) for one in services]
    assert (
        _read(database, lambda connection: rows.known(connection, Generation("north", "feed", 3, 2), of_kind)) <= SOME
    )
