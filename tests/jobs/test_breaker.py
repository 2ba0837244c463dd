"""A partner that is down is left alone by all workers, then tried with one message."""

from datetime import timedelta

import pytest


@pytest.fixture
def fail(queue, clock, policy):
    def fail(partner="foodbank", times=1, **named):
        until = None
        for _ in range(times):
            until = queue.record_no_answer("north", partner, now=clock.now(), policy=policy, **named)
        return until

    return fail


@pytest.fixture
def answer(queue):
    def answer(partner="foodbank"):
        queue.record_answer("north", partner)

    return answer


def test_some_failures_in_a_row_open_it_and_an_answer_in_between_starts_anew(fail, answer, owe, claim, clock):
    owe("r1")
    assert fail(times=3) is None
    answer()
    assert fail(times=3) is None
    assert fail() == clock.now() + timedelta(minutes=5)
    assert claim() == []


def test_other_partners_and_tenants_are_not_concerned(fail, owe, claim):
    fail(times=4)
    owe("r1", partner="foodbank")
    owe("r2", partner="shelter")
    owe("r3", partner="foodbank", tenant="south")
    assert [message.key for message in claim()] == ["r2", "r3"]


def test_stragglers_do_not_keep_it_open_longer(fail, clock):
    until = fail(times=4)
    clock.advance(timedelta(minutes=1))
    assert fail(times=10) == until


def test_one_probe_goes_through_when_its_time_is_over(fail, owe, claim, clock, queue, answer):
    for number in range(3):
        owe(f"r{number}")
    fail(times=4)
    clock.advance(timedelta(minutes=5))
    (probe,) = claim()
    assert probe.probe
    assert claim("another worker") == []
    queue.finish(probe, now=clock.now())
    answer()
    assert [message.probe for message in claim()] == [False, False]


def test_a_probe_that_fails_opens_it_for_twice_as_long_up_to_the_cap(fail, clock, owe, claim):
    owe("r1")
    until = fail(times=4)
    waits = []
    for _ in range(6):
        clock.advance(until - clock.now())
        until = fail(probe=True)
        waits.append((until - clock.now()) / timedelta(minutes=1))
    assert waits == [10, 20, 40, 60, 60, 60]


def test_a_probe_whose_worker_died_is_followed_by_another(fail, owe, claim, clock):
    owe("r1")
    fail(times=4)
    clock.advance(timedelta(minutes=5))
    assert len(claim()) == 1
    clock.advance(timedelta(seconds=59))
    assert claim() == []
    clock.advance(timedelta(seconds=1))
    (probe,) = claim()
    assert probe.probe


def test_what_is_owed_after_the_time_is_over_is_probed_at_once(fail, owe, claim, clock):
    fail(times=4)
    clock.advance(timedelta(hours=1))
    assert claim() == []
    owe("r1")
    (probe,) = claim()
    assert probe.probe


def test_it_stays_open_as_long_as_the_partner_asks(fail, clock):
    fail(times=3)
    assert fail(retry_after=3600.0) == clock.now() + timedelta(hours=1)


def test_due_work_goes_on_while_a_circuit_is_open(fail, plan, claim):
    fail(times=4)
    plan("foodbank")
    (poll,) = claim(kinds=("poll",))
    assert (poll.partner, poll.probe) == (None, False)
