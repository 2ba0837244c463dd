"""What an operator sees and does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from footbridge.errors import ConflictError, NotFoundError
from footbridge.jobs import queue as module
from footbridge.jobs.job import Failure
from footbridge.store.tables import job

FAILURE = Failure(422, "The partner refused the Task.")


@pytest.fixture
def failed(owe, claim, queue, clock):
    owe("r1")
    (message,) = claim()
    queue.fail(message, now=clock.now(), failure=FAILURE)
    return message


def test_entries_are_filtered_and_newest_first(failed, owe, queue):
    owe("r2", partner="shelter")
    owe("r3", tenant="south")
    assert [entry.key for entry in queue.list()] == ["r3", "r2", "r1"]
    assert [entry.key for entry in queue.list(limit=1)] == ["r3"]
    assert [entry.key for entry in queue.list(partner="shelter")] == ["r2"]
    assert [entry.key for entry in queue.list(tenant="south")] == ["r3"]
    (entry,) = queue.list(state="failed")
    assert (entry.id, entry.last_status, entry.last_error, entry.attempts) == (failed.id, 422, FAILURE.text, 1)


def test_counts_name_every_state(failed, owe, queue):
    owe("r2", tenant="south")
    assert queue.counts() == {"ready": 1, "done": 0, "abandoned": 0, "failed": 1}
    assert queue.counts(tenant="south") == {"ready": 1, "done": 0, "abandoned": 0, "failed": 0}


def test_a_long_backlog_is_counted_no_further_than_need_be(failed, owe, queue, monkeypatch):
    assert queue.backlog() == {"ready": 0, "failed": 1}
    for _ in range(3):
        owe("r2", tenant="south")
    assert queue.backlog() == {"ready": 3, "failed": 1}
    monkeypatch.setattr(module, "MAX_COUNTED", 2)
    assert queue.backlog() == {"ready": 2, "failed": 1}


def test_retry_gives_a_failed_message_all_its_tries_back_and_its_key_goes_on(failed, owe, queue, claim, clock):
    owe("r1")
    assert claim() == []
    clock.advance(timedelta(hours=1))
    queue.retry_again(failed.id, now=clock.now())
    (again,) = claim()
    assert (again.id, again.attempt) == (failed.id, 1)
    queue.finish(again, now=clock.now())
    assert len(claim()) == 1


def test_drop_says_who_and_when_and_its_key_goes_on(failed, owe, queue, claim, clock):
    owe("r1")
    queue.abandon(failed.id, by="ops@north", now=clock.now())
    (entry,) = queue.list(state="abandoned")
    assert (entry.last_error, entry.finished) == ("Dropped by ops@north.", clock.now())
    assert len(claim()) == 1


def test_a_worker_that_sends_a_dropped_message_finds_its_claim_gone(owe, claim, queue, clock):
    owe("r1")
    (message,) = claim()
    queue.abandon(message.id, by="ops", now=clock.now())
    assert not queue.finish(message, now=clock.now())
    assert queue.counts()["abandoned"] == 1


def test_a_message_in_the_wrong_state_or_of_another_tenant_is_left_alone(failed, owe, queue, clock):
    owe("r2")
    with pytest.raises(ConflictError, match="is ready"):
        queue.retry_again(failed.id + 1, now=clock.now())
    with pytest.raises(NotFoundError):
        queue.retry_again(4711, now=clock.now())
    with pytest.raises(NotFoundError):
        queue.abandon(failed.id, by="ops", now=clock.now(), tenant="south")
    queue.abandon(failed.id, by="ops", now=clock.now(), tenant="north")
    with pytest.raises(ConflictError, match="is abandoned"):
        queue.abandon(failed.id, by="ops", now=clock.now())


def test_all_that_failed_is_sent_again_or_given_up_and_the_rest_stays(failed, owe, queue, clock, plan):
    plan()
    owe("r2")
    assert queue.retry_again(now=clock.now(), tenant="south") == []
    assert [one.id for one in queue.retry_again(now=clock.now(), partner="foodbank", tenant="north")] == [failed.id]
    assert queue.abandon(by="ops", now=clock.now()) == []
    assert queue.counts() == {"ready": 2, "done": 0, "abandoned": 0, "failed": 0}


def test_due_work_is_no_message(plan, queue, store, clock):
    plan()
    assert queue.list() == []
    assert queue.backlog() == {"ready": 0, "failed": 0}
    assert set(queue.counts().values()) == {0}
    with store.read() as connection:
        number = connection.scalar(select(job.c.id))
    with pytest.raises(NotFoundError):
        queue.abandon(number, by="ops", now=clock.now())


def test_open_circuits_are_listed(queue, clock, policy):
    for _ in range(4):
        queue.record_no_answer("north", "foodbank", now=clock.now(), policy=policy)
    assert queue.open_circuits(clock.now()) == [("north", "foodbank")]
    assert queue.open_circuits(clock.now() + timedelta(minutes=5)) == []
