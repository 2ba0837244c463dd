"""Writers of one SQLite file take turns: who came first writes first, and a turn is handed on at once."""

import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from footbridge.store.engine import open_database

WAITING = 6


def test_who_came_first_writes_first_and_nobody_waits_long(tmp_path):
    """Without turns SQLite's waiters sleep and try again: who came last sleeps shortest, and the first is passed."""
    url = f"sqlite:///{tmp_path}/turns.sqlite3"
    databases = [open_database(url) for _ in range(WAITING + 1)]  # each with a lock of its own, as processes have
    entered = []

    def write(number):
        with databases[number].write():
            entered.append((number, time.monotonic()))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WAITING)]
    with databases[WAITING].write():
        for writer in writers:
            writer.start()
            time.sleep(0.15)  # it is waiting now, and comes before the next
    freed = time.monotonic()
    for writer in writers:
        writer.join()
    for database in databases:
        database.dispose()
    assert [number for number, _ in entered] == list(range(WAITING))
    assert entered[0][1] - freed < 0.09  # less than the 100 ms that SQLite's waiters sleep


def test_a_writer_that_fails_gives_its_turn_back(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/turns.sqlite3")
    for _ in range(2):
        with pytest.raises(DatabaseError), database.write() as connection:
            connection.execute(text("not sql"))
    with database.write() as connection:
        assert connection.execute(text("select 1")).scalar_one() == 1
    database.dispose()
