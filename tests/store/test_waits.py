"""No wait for the database lasts longer than it may, whatever it is that does not come."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from support.faults import Faults

from footbridge.store import patience
from footbridge.store.engine import open_database
from footbridge.store.error_codes import code_of
from footbridge.store.migrate import upgrade
from footbridge.store.patience import Busy, limit_waits, without_limit

BUDGET = 0.6  # seconds
SLACK = 1.5  # seconds more, on a loaded machine
HOLD = """
import sys, time
from footbridge.store.engine import open_database
with open_database(sys.argv[1]).write():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def _no_budget_left_behind():
    yield
    limit_waits(None)


def wait_in(database, budget=BUDGET, times=1):
    """Write with a budget; how long it took and with what errors it ended."""
    limit_waits(budget)
    began, errors = time.monotonic(), []
    for _ in range(times):
        try:
            with database.write() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            errors.append(error)
    return time.monotonic() - began, errors


def test_a_frozen_database_is_waited_for_once_a_budget(database):
    with database.read() as connection:
        connection.execute(text("SELECT 1"))
    with Faults(database).frozen():
        took, errors = wait_in(database, times=3)
        assert [type(error) for error in errors] == [OperationalError] * 3
        assert took < BUDGET + SLACK
    limit_waits(None)
    with database.write() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_reading_a_frozen_postgresql_ends(postgresql_database):
    with postgresql_database.read() as connection:
        connection.execute(text("SELECT 1"))
    limit_waits(BUDGET)
    began = time.monotonic()
    with (
        Faults(postgresql_database).frozen(),
        pytest.raises(OperationalError),
        postgresql_database.read() as connection,
    ):
        connection.execute(text("SELECT 1"))
    assert time.monotonic() - began < BUDGET + SLACK


def test_a_postgresql_that_takes_connections_and_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = open_database(f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x")
        began = time.monotonic()
        with pytest.raises(OperationalError), database.read() as connection:
            connection.execute(text("SELECT 1"))
        assert time.monotonic() - began < 8
        took, errors = wait_in(database, times=3)
        assert len(errors) == 3
        assert took < 5 + SLACK  # one try to connect, then the budget is used up


def test_a_stopped_process_that_holds_the_turn(sqlite_database):
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        os.kill(holder.pid, signal.SIGSTOP)
        found = []
        waiters = [threading.Thread(target=lambda: found.append(wait_in(sqlite_database))) for _ in range(6)]
        began = time.monotonic()
        for waiter in waiters:
            waiter.start()
        for waiter in waiters:
            waiter.join()
        assert time.monotonic() - began < BUDGET + SLACK  # not six times as long
        assert all(isinstance(error, Busy) for _, (error,) in found)
        assert code_of(found[0][1][0]) == "BUSY"
        with sqlite_database.read() as connection:  # who reads does not wait
            connection.execute(text("SELECT 1"))
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    took, errors = wait_in(sqlite_database, 5)
    assert (errors, took < SLACK) == ([], True)


def test_a_turn_that_came_too_late_is_given_back(tmp_path):
    url = f"sqlite:///{tmp_path}/turns.sqlite3"
    ours, other = open_database(url), open_database(url)
    with other.write():
        assert [type(error) for error in wait_in(ours, 0.2)[1]] == [Busy]
    time.sleep(0.3)  # now it has come, and nobody waits for it
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with suppress(Busy):
            limit_waits(0.2)
            with other.write():
                break
    assert time.monotonic() < deadline
    assert wait_in(ours, 5)[1] == []
    ours.dispose()
    other.dispose()


def test_a_statement_and_a_lock_end_on_the_server_too(postgresql_database):
    with postgresql_database.read() as connection:
        for name, most in (("statement_timeout", 60), ("lock_timeout", 8), ("idle_in_transaction_session_timeout", 60)):
            said = connection.execute(text(f"SHOW {name}")).scalar()
            assert said in {f"{most}s", f"{most // 60}min"}
        parameters = connection.connection.driver_connection.info.get_parameters()
    assert (parameters["connect_timeout"], parameters["keepalives"]) == ("5", "1")
    assert parameters["tcp_user_timeout"] == "15000"


def test_what_the_url_says_itself_is_left(postgresql_database):
    url = postgresql_database.engine.url.update_query_dict(
        {"options": "-c statement_timeout=1234", "connect_timeout": "3"}
    )
    database = open_database(url.render_as_string(hide_password=False))
    with database.read() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar() == "1234ms"
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "8s"
        assert connection.connection.driver_connection.info.get_parameters()["connect_timeout"] == "3"
    database.dispose()


def test_long_work_is_not_cut(database, monkeypatch):
    monkeypatch.setattr(patience, "USUAL", 0.2)
    wait = "SELECT pg_sleep(0.6)"
    if not database.is_sqlite:
        with pytest.raises(OperationalError), database.write() as connection:
            connection.execute(text(wait))
    with without_limit(), database.write() as connection:
        if not database.is_sqlite:
            assert connection.execute(text("SHOW statement_timeout")).scalar() == "0"
            connection.execute(text(wait))
        connection.execute(text("SELECT 1"))


def test_a_migration_waits_for_another_one(empty_database_url, monkeypatch):
    monkeypatch.setattr(patience, "USUAL", 0.2)
    first, second = open_database(empty_database_url), open_database(empty_database_url)
    with without_limit(), first.write() as connection:
        if not first.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(1181708148)"))
        thread = threading.Thread(target=upgrade, args=(second,))
        thread.start()
        time.sleep(1)
        assert thread.is_alive()
    thread.join(60)
    assert not thread.is_alive()
    upgrade(first)
    first.dispose()
    second.dispose()


def test_a_full_database_says_so(database):
    grow = "CREATE TABLE grown AS SELECT zeroblob(1000000) AS x"
    if not database.is_sqlite:
        columns = "tenant, requester, key, fingerprint, created, expires"
        grow = f"INSERT INTO idempotency ({columns}) VALUES ('n', '', 'k', 'f', '1', '2')"
    with Faults(database).full_disk(), pytest.raises(OperationalError) as raised, database.write() as connection:
        connection.exec_driver_sql(grow)
    assert code_of(raised.value) == ("SQLITE_FULL" if database.is_sqlite else "53100")
    assert database.lacked_space(30)
    assert not database.lacked_space(0)
