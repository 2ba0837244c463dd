"""What is old and done with is forgotten; what still means something stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from support.spine import LINK_WORKER, TENANT, prescribed

from footbridge.jobs import retention
from footbridge.jobs.job import Failure
from footbridge.jobs.queue import JobQueue
from footbridge.jobs.retention import INTERVAL, Retention
from footbridge.partners.fhir.simulator.scripts import USUAL, always
from footbridge.referrals.unit import open_unit
from footbridge.settings import settings
from footbridge.store import idempotency, inbox
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import idempotency as answers
from footbridge.store.tables import inbox as received
from footbridge.store.tables import job

KEPT = timedelta(days=90)


@pytest.fixture
def purge(store, clock):
    return Retention(store, clock, KEPT)


@pytest.fixture
def keys(store):
    def keys():
        with store.read() as connection:
            return set(connection.scalars(select(job.c.key)))

    return keys


def test_only_what_was_sent_long_ago_is_forgotten(purge, store, owe, claim, queue, clock, keys):
    for key in ("sent", "failed", "abandoned"):
        owe(key)
    for message in claim():
        if message.key == "failed":
            queue.fail(message, now=clock.now(), failure=Failure(422, "Refused."))
        else:
            queue.finish(message, now=clock.now())
    owe("abandoned-too")
    with store.write() as connection:
        connection.execute(update(job).where(job.c.key == "abandoned").values(state="abandoned"))
    owe("ready")
    clock.advance(KEPT - timedelta(seconds=1))
    owe("young")
    (*_, young) = claim()
    assert young.key == "young"
    queue.finish(young, now=clock.now())
    purge.purge_if_due()
    assert "sent" in keys()
    clock.advance(INTERVAL)
    purge.purge_if_due()
    assert keys() == {"failed", "abandoned", "abandoned-too", "ready", "young"}


def test_received_messages_and_answers_go_too(purge, store, clock):
    with store.write() as connection:
        inbox.receive(connection, "north", "hub", "old", clock.now())
        key = idempotency.Key("north", "", "key")
        idempotency.put(connection, key, "f" * 64, idempotency.Replay(201, None, "{}"), clock.now())
    clock.advance(KEPT)
    with store.write() as connection:
        inbox.receive(connection, "north", "hub", "new", clock.now())
    purge.purge_if_due()
    with store.write() as connection:
        assert list(connection.scalars(select(received.c.message))) == ["new"]
        assert connection.scalar(select(func.count()).select_from(answers)) == 0


def test_a_heap_is_forgotten_batch_by_batch(purge, store, owe, claim, queue, clock, monkeypatch, keys):
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        owe(f"r{number}")
    for message in claim():
        queue.finish(message, now=clock.now())
    clock.advance(KEPT)
    left = []
    for _ in range(4):
        purge.purge_if_due()
        left.append(len(keys()))
    assert left == [3, 1, 0, 0]


def test_the_whole_way_stands_without_what_was_forgotten(world):
    """What was owed once is owed again, and what was heard once is shown again: nothing doubles, nothing moves."""
    world.script("hub", always(USUAL))
    receipt = world.submit(prescribed())
    world.pass_time(40)
    told, there = world.timeline(receipt.id), {name: held(server) for name, server in world.servers.items()}
    assert world.counts()["done"] > 0
    world.pass_time(settings().retention_days + 1, step=timedelta(days=10))
    assert world.counts() == {"ready": 0, "done": 0, "abandoned": 0, "failed": 0}
    with world.database.write() as connection:
        assert connection.execute(select(func.count()).select_from(received)).scalar_one() == 0
        with open_unit(Scope(connection, TENANT, world.clock.now()), receipt.id) as unit:
            for partner in ("emr", "hub"):
                unit.enqueue_delivery(partner, unit.rows[0])
        connection.execute(update(job).where(job.c.kind == "poll").values(cursor=None, due=world.clock.now()))
    world.pass_time(1)
    assert {name: held(server) for name, server in world.servers.items()} == there
    assert [event for event in world.timeline(receipt.id) if event.name != "delivered"] == [
        event for event in told if event.name != "delivered"
    ]
    assert world.status(receipt.id) == "completed"
    assert admin_refuses(world, receipt)


def held(server):
    """Every version of everything that matters there."""
    return {
        (type_, one["id"], one["meta"]["versionId"])
        for type_ in ("Task", "ServiceRequest", "Patient", "Procedure", "Goal")
        for one in server.all(type_)
    }


def admin_refuses(world, receipt):
    world.command(receipt.id, "answer", LINK_WORKER, happened="yes")  # the referral is as alive as ever
    world.pass_time(1)
    with world.database.read() as connection:
        return JobQueue(connection).counts()["done"] > 0
