"""An EMR and a service that both work on our ``/fhir``: what one writes there reaches the other."""

from collections.abc import Iterator

import pytest
from flask import Flask
from support.fhir_http import System, system_of
from support.spine import World

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.web.app import create_app


@pytest.fixture
def conforms() -> bool:
    """Whether everything that comes back must conform; not where clients write what does not."""
    return True


@pytest.fixture
def hub_title() -> str:
    """What the service is called."""
    return "Hub"


@pytest.fixture
def town(sqlite_database: Database, clock: ManualClock, hub_title: str) -> Iterator[World]:
    """An EMR and a service, to which everything goes."""
    with World(sqlite_database, clock) as world:
        world.take_on("annex", "requester", network="hosted", base_url="")
        world.take_on("hub", "recipient", network="hosted", base_url="", title=hub_title)
        world.route("*", "hub")
        yield world


@pytest.fixture
def app(town: World) -> Flask:
    return create_app(town.database, town.clock)


@pytest.fixture
def annex(town: World, app: Flask, conforms: bool) -> System:
    """The EMR."""
    return system_of(town, app, "annex", conforms=conforms)


@pytest.fixture
def hub(town: World, app: Flask, conforms: bool) -> System:
    """The service."""
    return system_of(town, app, "hub", conforms=conforms)
