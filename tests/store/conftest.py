"""A store with one tenant in it."""

from datetime import datetime

import pytest
from sqlalchemy import insert

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import tenant

BASE = "https://fhir.north.test/r4"


def make_tenant(database: Database, name: str, created: datetime) -> None:
    with database.write() as connection:
        connection.execute(insert(tenant).values(name=name, jurisdiction="us", created=created))


@pytest.fixture
def north(database: Database, clock: ManualClock) -> str:
    """A tenant."""
    make_tenant(database, "north", clock.now())
    return "north"


@pytest.fixture
def south(database: Database, clock: ManualClock) -> str:
    """Another tenant."""
    make_tenant(database, "south", clock.now())
    return "south"


@pytest.fixture
def store(database: Database, north: str, clock: ManualClock) -> ResourceStore:
    """The resources of the tenant north."""
    return ResourceStore(database, north, clock, BASE)
