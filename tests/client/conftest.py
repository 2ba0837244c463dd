"""A served API with two medical records, and the client of each."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from support.serving import Served, serving

from footbridge.client import FootbridgeClient
from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.store.engine import open_database
from footbridge.store.migrate import upgrade
from footbridge.store.partners import Partner, add_partner
from footbridge.store.routes import set_route
from footbridge.store.tenants import add_tenant, make_token


@dataclass(frozen=True)
class Api:
    """A running server and the tokens of its users."""

    served: Served
    tokens: dict[str, str]

    def client(self, who="emr", **options):
        return FootbridgeClient(self.served.base, self.tokens[who], **options)


@pytest.fixture
def document():
    """An example."""
    return json.loads(folder("examples").joinpath("02-bereavement-network.json").read_bytes())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for the tests of a file, and its database."""
    place = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{place}/footbridge.sqlite3"
    database = open_database(url)
    upgrade(database)
    with serving(url, place / "log") as served:
        yield served, database
    database.dispose()


@pytest.fixture
def api(server):
    """A tenant of its own."""
    served, database = server
    now, tokens, tenant = datetime.now(UTC), {}, f"t-{uuid.uuid4().hex[:12]}"
    with database.write() as connection:
        add_tenant(connection, tenant, "ca", now)
        for name, role in (("lakeside-services", "recipient"), ("emr", "requester"), ("other", "requester")):
            add_partner(connection, tenant, Partner(name, "fhir", role, name, f"https://{name}.test/fhir"), now)
        set_route(connection, tenant, "*", ["lakeside-services"])
        for who, role, partner in (
            ("emr", "requester", "emr"),
            ("other", "requester", "other"),
            ("navigator", "navigator", None),
            ("lakeside", "recipient", "lakeside-services"),
        ):
            known = Principal(role, partner, name=f"user {who}", tenant=tenant)
            tokens[who] = make_token(connection, known, now)
    return Api(served, tokens)
