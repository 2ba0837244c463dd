"""A tenant to owe for, and short ways to owe and to claim."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from support.databases import START
from support.spine import World

from footbridge.jobs.job import Job
from footbridge.jobs.queue import JobQueue
from footbridge.jobs.retry import Backoff, Policy
from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.tables import tenant

LEASE = timedelta(seconds=60)


@pytest.fixture
def store(database: Database, clock: ManualClock) -> Database:
    """The database, with the tenants ``north`` and ``south``."""
    with database.write() as connection:
        rows = [{"name": name, "jurisdiction": "ca", "created": clock.now()} for name in ("north", "south")]
        connection.execute(insert(tenant), rows)
    return database


@pytest.fixture
def owe(store: Database, clock: ManualClock) -> Callable[..., bool]:
    """Owe a message in a transaction of its own; what a test does not name has a default."""
    numbers = iter(range(1_000_000))

    def owe(key: str = "referral-1", **named: Any) -> bool:
        values = {
            "tenant": "north",
            "partner": "foodbank",
            "kind": "deliver",
            "payload": {},
            "dedupe": f"message-{next(numbers)}",
            "due": clock.now(),
            **named,
        }
        with store.write() as connection:
            return JobQueue(connection).enqueue(key=key, **values)

    return owe


@pytest.fixture
def claim(store: Database, clock: ManualClock) -> Callable[..., list[Job]]:
    """Claim messages in a transaction of its own."""

    def claim(owner: str = "worker", limit: int = 10, kinds: tuple[str, ...] = ("deliver", "update")) -> list[Job]:
        with store.write() as connection:
            return JobQueue(connection).claim(owner=owner, kinds=kinds, now=clock.now(), lease=LEASE, limit=limit)

    return claim


class EachAlone:
    """A queue whose every call is a transaction of its own."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            with self._store.write() as connection:
                return getattr(JobQueue(connection), name)(*arguments, **named)

        return call


@pytest.fixture
def queue(store: Database) -> EachAlone:
    """The queue, one transaction a call."""
    return EachAlone(store)


@pytest.fixture
def plan(queue: EachAlone, clock: ManualClock) -> Callable[..., None]:
    """Plan a poll of ``foodbank`` for now; what a test names has another value."""

    def plan(subject: str = "foodbank", **named: Any) -> None:
        queue.plan(**{"tenant": "north", "kind": "poll", "subject": subject, "due": clock.now(), **named})

    return plan


@pytest.fixture
def policy() -> Policy:
    """Three tries, and a circuit that opens after four failures."""
    return Policy(
        lease=LEASE,
        attempts=3,
        retry=Backoff(timedelta(seconds=2), timedelta(minutes=1)),
        trip_after=4,
        circuit=Backoff(timedelta(minutes=5), timedelta(hours=1)),
    )


@pytest.fixture
def chance() -> random.Random:
    """The same waits in every run."""
    return random.Random(20260302)


@pytest.fixture
def world(database: Database, clock: ManualClock) -> Iterator[World]:
    """A clinic with its record ``emr`` and a recipient ``hub``, both on loopback."""
    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.partner("hub")
        yield world


@pytest.fixture
def new_world(
    new_database: Callable[[], AbstractContextManager[Database]],
) -> Callable[[], AbstractContextManager[World]]:
    """Gives such a clinic, on a database and at a clock of its own, for each block that it opens."""

    @contextmanager
    def opened() -> Iterator[World]:
        with new_database() as database, World(database, ManualClock(START)) as world:
            world.partner("emr", "requester")
            world.partner("hub")
            yield world

    return opened
