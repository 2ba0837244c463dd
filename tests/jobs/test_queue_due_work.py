"""Work that falls due by the clock: claimed once, moved on, put off, withdrawn."""

from datetime import timedelta

import pytest

from footbridge.jobs.job import Failure

LEASE = timedelta(seconds=60)
FAILURE = Failure(503, "The partner is down.")


@pytest.fixture
def claim(queue, clock):
    def claim(*kinds, limit=10):
        return queue.claim(owner="worker", kinds=kinds or ("poll",), now=clock.now(), lease=LEASE, limit=limit)

    return claim


def test_what_is_due_is_claimed_once_the_longest_due_first(plan, claim, clock):
    plan("b", due=clock.now() - timedelta(minutes=1), cursor="c1")
    plan("a", due=clock.now() - timedelta(minutes=2))
    plan("later", due=clock.now() + timedelta(seconds=1))
    plan("f1", kind="follow-up")
    assert [(one.subject, one.cursor, one.attempt) for one in claim()] == [("a", None, 1), ("b", "c1", 1)]
    assert claim() == []
    assert [one.subject for one in claim("follow-up")] == ["f1"]


def test_the_next_run_starts_where_this_one_left_off(plan, claim, queue, clock):
    plan()
    (one,) = claim()
    assert queue.reschedule(one, due=clock.now() + timedelta(minutes=15), cursor="2026-03-02T12:00:00Z")
    assert claim() == []
    clock.advance(timedelta(minutes=15))
    (two,) = claim()
    assert two.cursor == "2026-03-02T12:00:00Z"


def test_a_failed_run_keeps_its_place_and_counts_until_one_goes_well(plan, claim, queue, clock):
    plan(cursor="c1")
    for failures in range(3):
        (one,) = claim()
        assert (one.attempt, one.cursor) == (failures + 1, "c1")
        assert queue.retry(one, due=clock.now(), failure=FAILURE)
    (one,) = claim()
    queue.reschedule(one, due=clock.now(), cursor="c2")
    (one,) = claim()
    assert (one.attempt, one.cursor) == (1, "c2")


def test_a_worker_that_slept_through_its_lease_changes_nothing(plan, claim, queue, clock):
    plan()
    (old,) = claim()
    clock.advance(LEASE)
    (new,) = claim()
    later = clock.now() + timedelta(hours=1)
    assert not queue.reschedule(old, due=later, cursor="old")
    assert not queue.retry(old, due=later, failure=FAILURE)
    assert not queue.finish(old, now=clock.now())
    assert not queue.renew([old], until=later)
    assert queue.renew([new], until=later)
    assert queue.finish(new, now=clock.now())
    assert not queue.finish(new, now=clock.now())


def test_planning_anew_withdraws_a_run_under_way_and_keeps_the_cursor(plan, claim, queue, clock):
    plan(cursor="c1")
    (old,) = claim()
    plan(due=clock.now())
    assert not queue.reschedule(old, due=clock.now() + timedelta(hours=1), cursor="c2")
    (new,) = claim()
    assert new.cursor == "c1"


def test_planning_without_move_leaves_what_is_planned(plan, claim, clock):
    plan(due=clock.now() + timedelta(hours=1))
    plan(move=False)
    assert claim() == []


def test_a_run_of_a_cancelled_row_does_not_touch_its_successor(plan, claim, queue, clock):
    plan()
    (old,) = claim()
    assert queue.cancel(tenant="north", kind="poll", subject="foodbank")
    assert not queue.cancel(tenant="north", kind="poll", subject="foodbank")
    plan()
    (new,) = claim()
    assert not queue.finish(old, now=clock.now())
    assert queue.finish(new, now=clock.now())
