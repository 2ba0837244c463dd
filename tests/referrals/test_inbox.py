"""A received message is taken once."""

import threading

import pytest
from sqlalchemy import select

from footbridge.store import inbox
from footbridge.store.tables import inbox as table


def test_a_repeat_is_recognised_by_tenant_partner_and_id(store, clock):
    with store.write() as connection:
        assert inbox.receive(connection, "north", "foodbank", "m1", clock.now())
        assert not inbox.receive(connection, "north", "foodbank", "m1", clock.now())
        assert inbox.receive(connection, "north", "shelter", "m1", clock.now())
        assert inbox.receive(connection, "south", "foodbank", "m1", clock.now())


def test_a_message_whose_handling_failed_is_taken_again(store, clock):
    def fail_after_receiving():
        with store.write() as connection:
            inbox.receive(connection, "north", "foodbank", "m1", clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_receiving()
    with store.write() as connection:
        assert inbox.receive(connection, "north", "foodbank", "m1", clock.now())


def test_the_outcome_is_kept(store, clock):
    with store.write() as connection:
        inbox.receive(connection, "north", "foodbank", "m1", clock.now())
        inbox.record(connection, "north", "foodbank", "m1", "ignored")
    with store.read() as connection:
        assert connection.execute(select(table.c.outcome)).scalars().all() == ["ignored"]


def test_of_many_at_once_one_takes_it(store, clock):
    start = threading.Barrier(6)
    taken = []

    def race():
        start.wait()
        with store.write() as connection:
            taken.append(inbox.receive(connection, "north", "foodbank", "m1", clock.now()))

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 5 + [True]
