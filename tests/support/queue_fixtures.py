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

from footbridge.jobs import claims, outbox
from footbridge.jobs.backoff import Backoff
from footbridge.jobs.outbox import Message
from footbridge.jobs.policy import Policy
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
            return outbox.enqueue(connection, key=key, **values)

    return owe


@pytest.fixture
def claim(store: Database, clock: ManualClock) -> Callable[..., list[Message]]:
    """Claim messages in a transaction of its own."""

    def claim(owner: str = "worker", limit: int = 10, kinds: tuple[str, ...] = ("deliver", "update")) -> list[Message]:
        with store.write() as connection:
            return claims.claim(connection, owner=owner, kinds=kinds, now=clock.now(), lease=LEASE, limit=limit)

    return claim


@pytest.fixture
def settle(store: Database, clock: ManualClock) -> Callable[..., bool]:
    """Call a function of ``claims`` in a transaction of its own."""

    def settle(function: Callable[..., bool], message: Message, **named: Any) -> bool:
        with store.write() as connection:
            return function(connection, message, **named)

    return settle


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
        world.partner("emr", "record")
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
            world.partner("emr", "record")
            world.partner("hub")
            yield world

    return opened
