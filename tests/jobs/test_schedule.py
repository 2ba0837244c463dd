"""Work that falls due by the clock: claimed once, moved on, put off, withdrawn."""

from datetime import timedelta

import pytest

from footbridge.jobs import schedule

LEASE = timedelta(seconds=60)


@pytest.fixture
def call(store):
    def call(function, *arguments, **named):
        with store.write() as connection:
            return function(connection, *arguments, **named)

    return call


@pytest.fixture
def plan(call, clock):
    def plan(subject="foodbank", **named):
        call(schedule.plan, **{"tenant": "north", "kind": "poll", "subject": subject, "due": clock.now(), **named})

    return plan


@pytest.fixture
def claim(call, clock):
    def claim(*kinds, limit=10):
        return call(schedule.claim, kinds=kinds or ("poll",), now=clock.now(), lease=LEASE, limit=limit)

    return claim


def test_what_is_due_is_claimed_once_the_longest_due_first(plan, claim, clock):
    plan("b", due=clock.now() - timedelta(minutes=1), cursor="c1")
    plan("a", due=clock.now() - timedelta(minutes=2))
    plan("later", due=clock.now() + timedelta(seconds=1))
    plan("f1", kind="follow-up")
    assert [(one.subject, one.cursor, one.failures) for one in claim()] == [("a", None, 0), ("b", "c1", 0)]
    assert claim() == []
    assert [one.subject for one in claim("follow-up")] == ["f1"]


def test_the_next_run_starts_where_this_one_left_off(plan, claim, call, clock):
    plan()
    (one,) = claim()
    assert call(schedule.reschedule, one, due=clock.now() + timedelta(minutes=15), cursor="2026-03-02T12:00:00Z")
    assert claim() == []
    clock.advance(timedelta(minutes=15))
    (two,) = claim()
    assert two.cursor == "2026-03-02T12:00:00Z"


def test_a_failed_run_keeps_its_place_and_counts_until_one_goes_well(plan, claim, call, clock):
    plan(cursor="c1")
    for failures in range(3):
        (one,) = claim()
        assert (one.failures, one.cursor) == (failures, "c1")
        assert call(schedule.postpone, one, due=clock.now())
    (one,) = claim()
    call(schedule.reschedule, one, due=clock.now(), cursor="c2")
    (one,) = claim()
    assert (one.failures, one.cursor) == (0, "c2")


def test_a_worker_that_slept_through_its_lease_changes_nothing(plan, claim, call, clock):
    plan()
    (old,) = claim()
    clock.advance(LEASE)
    (new,) = claim()
    later = clock.now() + timedelta(hours=1)
    assert not call(schedule.reschedule, old, due=later, cursor="old")
    assert not call(schedule.postpone, old, due=later)
    assert not call(schedule.finish, old)
    assert not call(schedule.renew, old, until=later)
    assert call(schedule.renew, new, until=later)
    assert call(schedule.finish, new)
    assert not call(schedule.finish, new)


def test_planning_anew_withdraws_a_run_under_way_and_keeps_the_cursor(plan, claim, call, clock):
    plan(cursor="c1")
    (old,) = claim()
    plan(due=clock.now())
    assert not call(schedule.reschedule, old, due=clock.now() + timedelta(hours=1), cursor="c2")
    (new,) = claim()
    assert new.cursor == "c1"


def test_planning_without_move_leaves_what_is_planned(plan, claim, clock):
    plan(due=clock.now() + timedelta(hours=1))
    plan(move=False)
    assert claim() == []


def test_a_run_of_a_cancelled_row_does_not_touch_its_successor(plan, claim, call, clock):
    plan()
    (old,) = claim()
    assert call(schedule.cancel, tenant="north", kind="poll", subject="foodbank")
    assert not call(schedule.cancel, tenant="north", kind="poll", subject="foodbank")
    plan()
    (new,) = claim()
    assert not call(schedule.finish, old)
    assert call(schedule.finish, new)
