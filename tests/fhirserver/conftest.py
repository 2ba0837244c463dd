"""A FHIR server over a store of its own."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert
from support.fhir_client import BASE, TYPES, Client

from footbridge.fhirserver import FhirServer, Offer
from footbridge.fhirserver.offer import everything
from footbridge.fhirserver.validate import validate_operation
from footbridge.fhirserver.write_policy import WritePolicy
from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import tenant


@pytest.fixture
def store(database: Database, clock: ManualClock) -> ResourceStore:
    with database.write() as connection:
        connection.execute(insert(tenant).values(name="north", jurisdiction="us", created=clock.now()))
    return ResourceStore(database, "north", clock, BASE)


@pytest.fixture
def full() -> Offer:
    """Everything for a few types, with ``$validate``."""
    offer = everything(TYPES)
    return Offer(offer.types, offer.system, (validate_operation(),))


@pytest.fixture
def make(store: ResourceStore, full: Offer) -> Callable[..., Client]:
    """Makes a server with this offer and policy."""

    def client(offer: Offer = full, policy: WritePolicy | None = None) -> Client:
        return Client(FhirServer(offer, BASE, store, policy))

    return client


@pytest.fixture
def ask(make: Callable[..., Client]) -> Client:
    """A server that offers everything for a few types."""
    return make()
