"""A message is with one worker at a time; a worker that lost it changes nothing."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from footbridge.jobs.job import Failure
from footbridge.store.tables import job as table

FAILURE = Failure(503, "The partner is down.")


def keys(messages):
    return [message.key for message in messages]


def test_what_falls_due_first_is_claimed_first(owe, claim, clock):
    owe("late", due=clock.now() - timedelta(minutes=1))
    owe("later")
    owe("first", due=clock.now() - timedelta(minutes=5))
    owe("not yet", due=clock.now() + timedelta(seconds=1))
    assert keys(claim(limit=2)) == ["first", "late"]
    assert keys(claim()) == ["later"]


def test_only_kinds_that_the_worker_knows_are_claimed(owe, claim):
    owe("r1", kind="new-in-the-next-version")
    assert claim() == []
    assert keys(claim(kinds=("new-in-the-next-version",))) == ["r1"]


def test_a_key_gives_out_one_message_at_a_time_in_order(owe, claim, queue, clock):
    owe("r1", payload={"n": 1})
    owe("r1", payload={"n": 2}, due=clock.now() - timedelta(hours=1))
    (first,) = claim()
    assert first.payload == {"n": 1}
    assert claim() == []
    assert queue.finish(first, now=clock.now())
    (second,) = claim()
    assert second.payload == {"n": 2}


def test_a_message_that_waits_or_failed_holds_up_its_key_and_no_other(owe, claim, queue, clock):
    owe("r1")
    owe("r1")
    owe("r2")
    waiting, _ = claim()
    queue.retry(waiting, due=clock.now() + timedelta(seconds=30), failure=FAILURE)
    assert claim() == []
    clock.advance(timedelta(seconds=30))
    (again,) = claim()
    assert again.id == waiting.id
    queue.fail(again, now=clock.now(), failure=FAILURE)
    clock.advance(timedelta(days=1))
    assert keys(claim()) == ["r2"]


def test_a_lease_that_ended_lets_another_worker_in_and_keeps_the_first_out(owe, claim, queue, clock, store):
    owe("r1")
    (old,) = claim("slow")
    clock.advance(timedelta(seconds=59))
    assert claim("eager") == []
    clock.advance(timedelta(seconds=1))
    (new,) = claim("eager")
    assert (new.id, new.lease_token) == (old.id, old.lease_token + 1)
    assert not queue.finish(old, now=clock.now())
    assert not queue.fail(old, now=clock.now(), failure=FAILURE)
    assert not queue.retry(old, due=clock.now(), failure=FAILURE)
    assert not queue.reschedule(old, due=clock.now(), cursor="c")
    assert not queue.release(old)
    assert queue.renew([old, new], until=clock.now() + timedelta(minutes=5)) == [new]
    with store.read() as connection:
        row = connection.execute(select(table)).one()
    assert (row.state, row.lease_owner, row.attempts) == ("ready", "eager", 0)
    assert queue.finish(new, now=clock.now())


def test_a_lease_that_ended_still_counts_while_nobody_took_the_message(owe, claim, queue, clock):
    owe("r1")
    (message,) = claim()
    clock.advance(timedelta(hours=1))
    assert queue.finish(message, now=clock.now())


@pytest.mark.parametrize("first", ["finish", "retry", "release"])
def test_a_claim_settles_once(owe, claim, queue, clock, store, first):
    owe("r1")
    (message,) = claim()
    named = {"finish": {"now": clock.now()}, "retry": {"due": clock.now(), "failure": FAILURE}, "release": {}}
    assert getattr(queue, first)(message, **named[first])
    assert not queue.finish(message, now=clock.now())
    assert queue.renew([message], until=clock.now() + timedelta(days=1)) == []


def test_a_message_that_was_never_claimed_before_says_so(owe, claim, queue):
    owe("r1")
    (message,) = claim()
    assert message.is_first_claim
    queue.release(message)
    (again,) = claim()
    assert not again.is_first_claim


def test_messages_and_due_work_are_claimed_together_by_when_they_fell_due(owe, plan, claim, clock):
    plan(due=clock.now() - timedelta(minutes=2))
    owe("r1", due=clock.now() - timedelta(minutes=3))
    owe("r2", due=clock.now() - timedelta(minutes=1))
    found = claim(kinds=("deliver", "poll"))
    assert [(job.is_message, job.key, job.subject) for job in found] == [
        (True, "r1", None),
        (False, None, "foodbank"),
        (True, "r2", None),
    ]


def test_a_released_message_has_lost_no_try(owe, claim, queue):
    owe("r1")
    (message,) = claim()
    assert queue.release(message)
    (again,) = claim()
    assert again.attempt == 1


def test_what_went_wrong_is_kept_and_forgotten_when_it_went_well(owe, claim, queue, clock, store):
    owe("r1")
    (message,) = claim()
    queue.retry(message, due=clock.now(), failure=FAILURE)
    with store.read() as connection:
        row = connection.execute(select(table)).one()
    assert (row.last_status, row.last_error, row.attempts) == (503, "The partner is down.", 1)
    (message,) = claim()
    queue.finish(message, now=clock.now())
    with store.read() as connection:
        row = connection.execute(select(table)).one()
    assert (row.state, row.last_status, row.last_error, row.attempts) == ("done", None, None, 2)
    assert row.finished == clock.now()


def test_workers_that_claim_at_once_share_without_overlap_or_gap(owe, claim):
    for number in range(60):
        owe(f"r{number}")
    start = threading.Barrier(4)
    claimed = []

    def work():
        start.wait()
        while messages := claim(limit=4):
            claimed.extend(keys(messages))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(f"r{number}" for number in range(60))


def test_has_due_says_whether_a_look_is_worth_a_transaction(owe, claim, queue, clock):
    assert not queue.has_due({"deliver"}, clock.now())
    owe("r1")
    assert queue.has_due({"deliver"}, clock.now())
    assert not queue.has_due({"update"}, clock.now())
    assert not queue.has_due(set(), clock.now())
    claim()
    assert not queue.has_due({"deliver"}, clock.now())


def test_a_claim_looks_each_row_up_in_an_index(owe, claim, store):
    """PostgreSQL would join the table with itself, which takes a second at 3,000 rows; SQLite would read all history."""
    for number in range(50):
        owe(f"r{number}")
    plans = []

    def explain(_connection, cursor, statement, parameters, _context, _many):
        if "candidate" in statement:
            cursor.execute(("EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN ") + statement, parameters)
            plans.append(" ".join(str(row[-1]) for row in cursor.fetchall()))

    event.listen(store.engine, "before_cursor_execute", explain)
    claim()
    (plan,) = plans
    assert "ix_job_open" in plan
    assert "ix_job_due" in plan
    assert "Anti Join" not in plan
