"""Sets the stage: a database, an EMR and two services on loopback, the adapter with its API and its worker.

All of it lives in this process and ends with the ``with`` block: ports, threads, the temporary folder.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from footbridge.cli.demo.api import Api
from footbridge.cli.demo.moving_clock import MovingClock
from footbridge.cli.demo.ports import FREE, Ports
from footbridge.cli.demo.recipients import Recipients
from footbridge.cli.demo.register import register
from footbridge.cli.demo.scenes import Programme
from footbridge.cli.demo.serving import serving
from footbridge.errors import ConfigurationError
from footbridge.jobs.worker import Worker
from footbridge.model.principals import Principal
from footbridge.partners.fhir.simulator import FhirSimulator
from footbridge.referrals.build import build_worker
from footbridge.referrals.onboarding import register_partner
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import require_current
from footbridge.store.partners import Partner
from footbridge.store.routes import set_route
from footbridge.store.tenants import add_tenant, list_tenants, make_token

TENANT: Final = "riverside"
EMR: Final = "riverside-emr"
POLL_SECONDS: Final = 5  # the clock moves by hours, so every move is followed by a poll
PARTNERS: Final = (
    Partner(EMR, "fhir", "requester", "Riverside EMR", "", custodian=True),
    Partner("north-end-hub", "fhir", "recipient", "North End Hub", "", delivery="transaction"),
    Partner("lakeside-services", "fhir", "recipient", "Lakeside Services", "", delivery="resources", guide="2.3.0"),
)
"""The medical record, and two services that differ in how they are delivered to and in the guide's version."""

PRESCRIBER: Final = "Prescriber"
NAVIGATOR: Final = "Link worker"


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs.

    Attributes:
        clock: that all of it goes by.
        database: the adapter's; ``place`` says where it is, without a password.
        worker: the adapter's, to be stepped.
        servers: the simulated partners, by their names.
        recipients: who works at the two services.
        prescriber, navigator: the API, as each of them may use it.
        tokens: bearer token of each user, by name.
        titles: names of the partners as people say them.
    """

    clock: MovingClock
    database: Database
    place: str
    worker: Worker
    servers: Mapping[str, FhirSimulator]
    recipients: Recipients
    prescriber: Api
    navigator: Api
    tokens: Mapping[str, str]
    titles: Mapping[str, str]


@contextmanager
def stage(programme: Programme, start: datetime, database_url: str | None, ports: Ports = FREE) -> Iterator[Stage]:
    """Start everything, and end it after the block.

    Args:
        programme: which routes to set, and what the services will do.
        start: where the clock stands at first.
        database_url: an empty database; a temporary one when None.
        ports: of the API, then of each of ``PARTNERS``.

    Raises:
        ConfigurationError: the database has tenants already, or a port is taken.
    """
    clock = MovingClock(start)
    with ExitStack() as stack:
        database, place = _database(stack, database_url)
        servers = {
            partner.name: stack.enter_context(FhirSimulator(clock=clock, name=partner.title, port=port))
            for partner, port in zip(PARTNERS, ports[1:], strict=True)
        }
        register(servers[EMR], programme)
        tokens = _furnish(database, programme, servers, start)
        worker = build_worker(database, clock)
        base_url = stack.enter_context(serving(database, clock, worker, ports[0]))
        yield Stage(
            clock=clock,
            database=database,
            place=place,
            worker=worker,
            servers=servers,
            recipients=Recipients(programme, servers, clock),
            prescriber=stack.enter_context(Api(base_url, tokens[PRESCRIBER])),
            navigator=stack.enter_context(Api(base_url, tokens[NAVIGATOR])),
            tokens=tokens,
            titles={partner.name: partner.title for partner in PARTNERS},
        )


def _database(stack: ExitStack, url: str | None) -> tuple[Database, str]:
    """The adapter's database, empty and migrated, and where it is."""
    if url is None:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-demo-", ignore_cleanup_errors=True))
        url = f"sqlite:///{Path(folder) / 'footbridge.sqlite3'}"
    database = open_database(url)
    stack.callback(database.dispose)
    require_current(database, create=True)
    with database.read() as connection:
        if list_tenants(connection):
            raise ConfigurationError("The demo needs a database of its own: this one has tenants already.")
    return database, database.engine.url.render_as_string(hide_password=True)


def _furnish(
    database: Database, programme: Programme, servers: Mapping[str, FhirSimulator], now: datetime
) -> dict[str, str]:
    """The tenant with its partners, routes and users; returns a token for each user."""
    with database.write() as connection:
        add_tenant(connection, TENANT, "ca", now)
        for partner in PARTNERS:
            there = replace(partner, base_url=servers[partner.name].base_url, poll_seconds=POLL_SECONDS)
            register_partner(connection, TENANT, there, now)
        for category, names in programme.routes.items():
            set_route(connection, TENANT, category, names)
        users: list[tuple[str, str, str | None]]
        users = [(PRESCRIBER, "requester", None), (NAVIGATOR, "navigator", None)]
        users += [(partner.title, "recipient", partner.name) for partner in PARTNERS if partner.role == "recipient"]
        return {
            name: make_token(connection, Principal(role, of, name=name, tenant=TENANT), now) for name, role, of in users
        }
