"""Writers of one SQLite file take turns."""

import subprocess
import sys
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from footbridge.store.engine import open_database

WRITES = 40
PROGRAM = """
import sys
from sqlalchemy import text
from footbridge.store.engine import open_database

database = open_database(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with database.write() as connection:
        value = connection.execute(text("select value from counter")).scalar_one()
        connection.execute(text("update counter set value = :value"), {"value": value + 1})
"""


def in_a_process(url):
    subprocess.run([sys.executable, "-c", PROGRAM, url, str(WRITES)], check=True)


def in_a_thread(url):
    database = open_database(url)
    for _ in range(WRITES):
        with database.write() as connection:
            value = connection.execute(text("select value from counter")).scalar_one()
            connection.execute(text("update counter set value = :value"), {"value": value + 1})
    database.dispose()


def test_writers_of_several_processes_and_threads_lose_nothing(tmp_path):
    url = f"sqlite:///{tmp_path}/turns.sqlite3"
    database = open_database(url)
    with database.write() as connection:
        connection.execute(text("create table counter (value integer)"))
        connection.execute(text("insert into counter values (0)"))
    writers = [threading.Thread(target=how, args=(url,)) for how in (in_a_process, in_a_thread) * 2]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.read() as connection:
        assert connection.execute(text("select value from counter")).scalar_one() == 4 * WRITES
    database.dispose()


def test_a_writer_that_fails_gives_its_turn_back(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/turns.sqlite3")
    for _ in range(2):
        with pytest.raises(DatabaseError), database.write() as connection:
            connection.execute(text("not sql"))
    with database.write() as connection:
        assert connection.execute(text("select 1")).scalar_one() == 1
    database.dispose()
