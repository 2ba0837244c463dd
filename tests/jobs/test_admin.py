"""What an operator sees and does."""

from datetime import timedelta

import pytest

from footbridge.errors import ConflictError, NotFoundError
from footbridge.jobs import admin, breaker, claims
from footbridge.jobs.failure import Fault

FAULT = Fault(422, "The partner refused the Task.")


@pytest.fixture
def parked(owe, claim, settle, clock):
    owe("r1")
    (message,) = claim()
    settle(claims.park, message, now=clock.now(), fault=FAULT)
    return message


@pytest.fixture
def call(store):
    def call(function, *arguments, **named):
        with store.write() as connection:
            return function(connection, *arguments, **named)

    return call


def test_entries_are_filtered_and_newest_first(parked, owe, call):
    owe("r2", partner="shelter")
    owe("r3", tenant="south")
    assert [entry.key for entry in call(admin.entries)] == ["r3", "r2", "r1"]
    assert [entry.key for entry in call(admin.entries, limit=1)] == ["r3"]
    assert [entry.key for entry in call(admin.entries, partner="shelter")] == ["r2"]
    assert [entry.key for entry in call(admin.entries, tenant="south")] == ["r3"]
    (entry,) = call(admin.entries, state="parked")
    assert (entry.id, entry.last_status, entry.last_error, entry.attempts) == (parked.id, 422, FAULT.text, 1)


def test_counts_name_every_state(parked, owe, call):
    owe("r2", tenant="south")
    assert call(admin.counts) == {"ready": 1, "done": 0, "dead": 0, "parked": 1}
    assert call(admin.counts, tenant="south") == {"ready": 1, "done": 0, "dead": 0, "parked": 0}


def test_a_long_backlog_is_counted_no_further_than_need_be(parked, owe, call, monkeypatch):
    assert call(admin.backlog) == {"ready": 0, "parked": 1}
    for _ in range(3):
        owe("r2", tenant="south")
    assert call(admin.backlog) == {"ready": 3, "parked": 1}
    monkeypatch.setattr(admin, "MOST_COUNTED", 2)
    assert call(admin.backlog) == {"ready": 2, "parked": 1}


def test_retry_gives_a_parked_message_all_its_tries_back_and_its_key_goes_on(parked, owe, call, claim, clock, settle):
    owe("r1")
    assert claim() == []
    clock.advance(timedelta(hours=1))
    call(admin.retry, parked.id, now=clock.now())
    (again,) = claim()
    assert (again.id, again.attempt) == (parked.id, 1)
    settle(claims.finish, again, now=clock.now())
    assert len(claim()) == 1


def test_drop_says_who_and_when_and_its_key_goes_on(parked, owe, call, claim, clock):
    owe("r1")
    call(admin.drop, parked.id, by="ops@north", now=clock.now())
    (entry,) = call(admin.entries, state="dead")
    assert (entry.last_error, entry.finished) == ("Dropped by ops@north.", clock.now())
    assert len(claim()) == 1


def test_a_worker_that_sends_a_dropped_message_finds_its_claim_gone(owe, claim, call, clock, settle):
    owe("r1")
    (message,) = claim()
    call(admin.drop, message.id, by="ops", now=clock.now())
    assert not settle(claims.finish, message, now=clock.now())
    assert call(admin.counts)["dead"] == 1


def test_a_message_in_the_wrong_state_or_of_another_tenant_is_left_alone(parked, owe, call, clock):
    owe("r2")
    with pytest.raises(ConflictError, match="is ready"):
        call(admin.retry, parked.id + 1, now=clock.now())
    with pytest.raises(NotFoundError):
        call(admin.retry, 4711, now=clock.now())
    with pytest.raises(NotFoundError):
        call(admin.drop, parked.id, by="ops", now=clock.now(), tenant="south")
    call(admin.drop, parked.id, by="ops", now=clock.now(), tenant="north")
    with pytest.raises(ConflictError, match="is dead"):
        call(admin.drop, parked.id, by="ops", now=clock.now())


def test_open_circuits_are_listed(call, clock, policy):
    for _ in range(4):
        call(breaker.failed, "north", "foodbank", now=clock.now(), policy=policy)
    assert call(admin.open_circuits, clock.now()) == [("north", "foodbank")]
    assert call(admin.open_circuits, clock.now() + timedelta(minutes=5)) == []
