"""What is owed is owed once, in order, and only if the transaction that says so commits."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from footbridge.jobs.job import Failure
from footbridge.jobs.queue import SUPERSEDED, JobQueue
from footbridge.store.tables import job as table

FAILURE = Failure(503, "The partner is down.")


def rows(store):
    with store.read() as connection:
        return connection.execute(select(table).order_by(table.c.id)).all()


def test_a_message_keeps_what_it_was_owed_with(owe, claim, clock):
    assert owe("r1", tenant="south", partner="shelter", kind="update", payload={"task": "t1", "n": [1]})
    (message,) = claim()
    assert (message.tenant, message.partner, message.key, message.kind) == ("south", "shelter", "r1", "update")
    assert message.payload == {"task": "t1", "n": [1]}
    assert (message.attempt, message.created, message.probe) == (1, clock.now(), False)


def test_a_dedupe_key_is_owed_once_even_after_it_was_sent(owe, claim, queue, clock, store):
    assert owe(dedupe="d1")
    assert not owe(dedupe="d1")
    (message,) = claim()
    assert queue.finish(message, now=clock.now())
    assert not owe(dedupe="d1", payload={"other": 1})
    assert len(rows(store)) == 1


def test_tenants_do_not_share_dedupe_keys_or_order(owe, claim):
    assert owe("r1", dedupe="d1", tenant="north")
    assert owe("r1", dedupe="d1", tenant="south")
    assert {message.tenant for message in claim()} == {"north", "south"}


def test_a_roll_back_leaves_nothing_owed(store, clock, owe):
    def fail_after_owing():
        with store.write() as connection:
            JobQueue(connection).enqueue(
                tenant="north",
                partner="p",
                key="k",
                kind="deliver",
                payload={},
                dedupe="d1",
                due=clock.now(),
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_owing()
    assert rows(store) == []
    assert owe(dedupe="d1")


def test_many_who_owe_the_same_at_once_owe_it_once(owe, store):
    start = threading.Barrier(8)
    results = []

    def race():
        start.wait()
        results.append(owe(dedupe="d1"))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 7 + [True]
    assert len(rows(store)) == 1


def test_a_second_transaction_of_one_key_waits_for_the_first(store, clock, owe):
    """Else a later message could be claimed while an earlier one is not committed yet."""
    first_owes, first_may_commit, second_owed = (threading.Event() for _ in range(3))

    def first():
        with store.write() as connection:
            JobQueue(connection).enqueue(
                tenant="north",
                partner="foodbank",
                key="r1",
                kind="deliver",
                payload={},
                dedupe="first",
                due=clock.now(),
            )
            first_owes.set()
            first_may_commit.wait(30)

    def second():
        first_owes.wait(30)
        owe("r1", dedupe="second")
        second_owed.set()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    assert first_owes.wait(30)
    assert not second_owed.wait(0.3)
    first_may_commit.set()
    for thread in threads:
        thread.join()
    assert [row.dedupe for row in rows(store)] == ["first", "second"]


def test_news_replaces_unsent_older_news_of_the_same_kind_and_key(owe, claim, store):
    owe("r1", kind="deliver", dedupe="create")
    for number in range(3):
        assert owe("r1", kind="update", dedupe=f"news-{number}", coalesce=True)
    owe("r2", kind="update", dedupe="other")
    owe("r1", kind="update", tenant="south", dedupe="elsewhere")
    open_rows = [row.dedupe for row in rows(store) if row.state == "ready"]
    assert open_rows == ["create", "news-2", "other", "elsewhere"]
    assert {(row.why, row.last_error) for row in rows(store) if row.state == "done"} == {(SUPERSEDED, None)}


def test_news_that_is_on_its_way_is_not_replaced(owe, claim, store):
    owe("r1", kind="update", dedupe="under way")
    claim()
    owe("r1", kind="update", dedupe="newer", coalesce=True)
    assert [row.state for row in rows(store)] == ["ready", "ready"]


def test_a_repeat_of_known_news_replaces_nothing(owe, store):
    owe("r1", kind="update", dedupe="a", coalesce=True)
    owe("r1", kind="update", dedupe="b")
    assert not owe("r1", kind="update", dedupe="a", coalesce=True)
    assert [row.state for row in rows(store)] == ["ready", "ready"]


def test_newer_news_keeps_the_wait_that_the_partner_asked_for(owe, claim, queue, clock, store):
    owe("r1", kind="update")
    (message,) = claim()
    later = clock.now() + timedelta(minutes=10)
    assert queue.retry(message, due=later, failure=FAILURE)
    for number in range(3):  # the wait passes on from one to the next
        owe("r1", kind="update", dedupe=f"newer-{number}", coalesce=True)
        assert claim() == []
    clock.advance(timedelta(minutes=10))
    (message,) = claim()
    assert message.attempt == 1


def test_newer_news_replaces_what_failed_and_so_opens_its_key(owe, claim, queue, clock):
    owe("r1", kind="update")
    (message,) = claim()
    assert queue.fail(message, now=clock.now(), failure=FAILURE)
    owe("r1", kind="update", payload={"n": 2}, coalesce=True)
    (message,) = claim()
    assert message.payload == {"n": 2}
    assert queue.counts() == {"ready": 1, "done": 1, "failed": 0, "abandoned": 0}
