"""A clinic whose services work on our ``/fhir``, over HTTP."""

from collections.abc import Iterator

import pytest
from flask import Flask
from support.fhir_http import System, system_of
from support.spine import World

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.web.app import create_app


@pytest.fixture
def clinic(sqlite_database: Database, clock: ManualClock) -> Iterator[World]:
    with World(sqlite_database, clock) as world:
        world.partner("emr", "requester")
        yield world


@pytest.fixture
def app(clinic: World) -> Flask:
    return create_app(clinic.database, clinic.clock)


@pytest.fixture
def hub(clinic: World, app: Flask) -> System:
    """A service without a server."""
    clinic.take_on("hub", "recipient", network="hosted", base_url="")
    return system_of(clinic, app, "hub")
