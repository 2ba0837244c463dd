"""A request is worked on by one at a time, whichever process or thread; what dies lets go."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from footbridge.store.engine import Database, open_database

HOLD = """
import sys
from footbridge.store.engine import open_database
with open_database(sys.argv[1]).request_locks.hold("north", "k") as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def holds(database: Database, tenant: str = "north", key: str = "k") -> bool:
    with database.request_locks.hold(tenant, key) as ours:
        return ours


def test_a_key_is_held_for_the_block(database: Database):
    with database.request_locks.hold("north", "k") as ours:
        assert ours
        assert not holds(database)
        assert holds(database, key="another")
        assert holds(database, tenant="south")
    assert holds(database)


def test_an_error_lets_go(database: Database):
    with pytest.raises(ZeroDivisionError), database.request_locks.hold("north", "k"):
        raise ZeroDivisionError
    assert holds(database)


def test_two_doors_to_one_database_are_one(database: Database, url: str):
    other = open_database(url)
    with database.request_locks.hold("north", "k"):
        assert not holds(other)
    assert holds(other)
    other.dispose()


def test_one_of_many_threads_holds_it(database: Database):
    def work(_: int) -> bool:
        with database.request_locks.hold("north", "k") as ours:
            if ours:
                assert not holds(database)
            return ours

    with ThreadPoolExecutor(8) as pool:
        assert any(pool.map(work, range(200)))
    assert holds(database)


def test_another_process_holds_it_until_it_dies(database: Database, url: str):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert not holds(database)
        assert holds(database, key="another")
        process.kill()
        process.wait()
        assert any(holds(database) for _ in range(1000))
