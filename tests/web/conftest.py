"""An app with two tenants, tokens and partners; its client holds every answer against docs/openapi.yaml."""

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from support.contract import Contract
from werkzeug.exceptions import HTTPException

from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.store.partners import Partner, add_partner
from footbridge.store.routes import set_route
from footbridge.store.tenants import add_tenant, make_token
from footbridge.validation import Validator
from footbridge.web.app import create_app
from footbridge.web.front_doors import door_of


@pytest.fixture(scope="session")
def contract():
    """docs/openapi.yaml."""
    return Contract()


@dataclass
class Office:
    """An app with the tenants north and south; ``client`` checks what it gets against the contract."""

    app: object
    client: FlaskClient
    database: object
    clock: object
    contract: Contract
    tokens: dict
    woken: list

    def as_(self, who, **headers):
        """The headers of a user's request."""
        return {"Authorization": f"Bearer {self.tokens[who]}", **headers}

    def prescription(self, example="02-bereavement-network", number=None, **changes):
        """An example, under an identifier of its own where a number is given."""
        document = json.loads(folder("examples").joinpath(f"{example}.json").read_bytes())
        if number is not None:
            document["identifier"]["value"] += f"-{number}"
        return document | changes

    def submit(self, document=None, who="emr", **headers):
        """Hand a prescription in."""
        document = self.prescription() if document is None else document
        body = document if isinstance(document, bytes) else json.dumps(document)
        return self.client.post(
            "/api/v1/prescriptions", data=body, content_type="application/json", headers=self.as_(who, **headers)
        )

    def taken_in(self, *args, **changes):
        """The address of a prescription that was just handed in."""
        answer = self.submit(self.prescription(*args, **changes))
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def get(self, path, who="emr", **query):
        return self.client.get(path, query_string=query, headers=self.as_(who))

    def say(self, path, event, who="emr", **members):
        """Send an event."""
        return self.client.post(f"{path}/events", json={"event": event, **members}, headers=self.as_(who))

    def add_requester(self, name):
        """One more medical record, whose token speaks for it."""
        now = self.clock.now()
        with self.database.write() as connection:
            add_partner(connection, "north", Partner(name, "fhir", "requester", name, f"https://{name}.test/fhir"), now)
            known = Principal("requester", name, name=f"user {name}", tenant="north")
            self.tokens[name] = make_token(connection, known, now)

    def over(self, database=None, **options):
        """The same office with another app, as ``create_app`` makes it with these options, on another database."""
        return open_app(database or self.database, self.clock, self.contract, self.tokens, **options)

    def later(self, **step):
        self.clock.advance(timedelta(**step))


PARTNERS = ("lakeside-services", "north-end-hub")
USERS = {
    "emr": ("north", "requester", None),
    "navigator": ("north", "navigator", None),
    "admin": ("north", "admin", None),
    "lakeside": ("north", "recipient", "lakeside-services"),
    "hub": ("north", "recipient", "north-end-hub"),
    "southerner": ("south", "requester", None),
}


def check_fhir(response):
    """Whatever FHIR answers is a resource that conforms, or nothing."""
    if not response.data:
        return
    assert response.mimetype in {"application/fhir+json", "application/fhir+xml"}
    assert Validator().check_text(response.data).valid, response.text


def open_office(database, clock, contract):
    now, tokens = clock.now(), {}
    with database.write() as connection:
        for name in ("north", "south"):
            add_tenant(connection, name, "ca", now)
        for name in PARTNERS:
            title = name.replace("-", " ").title()
            partner = Partner(name, "fhir", "recipient", title, f"https://{name}.test/fhir")
            add_partner(connection, "north", partner, now)
        set_route(connection, "north", "*", ["lakeside-services", "north-end-hub"])
        for who, (tenant, role, partner) in USERS.items():
            tokens[who] = make_token(connection, Principal(role, partner, name=f"user {who}", tenant=tenant), now)
    return open_app(database, clock, contract, tokens)


def open_app(database, clock, contract, tokens, **options):
    woken = []
    app = create_app(database, clock, wake=lambda: woken.append(clock.now()), **options)

    class CheckedClient(FlaskClient):
        def open(self, *args, **kwargs):
            response = super().open(*args, **kwargs)
            try:
                address = app.url_map.bind("localhost")
                rule, _ = address.match(response.request.path, response.request.method, return_rule=True)
            except HTTPException:
                if door_of(response.request.path).name == "fhir":
                    check_fhir(response)
                elif door_of(response.request.path).name != "portal":
                    contract.check_problem(response)
            else:
                if door_of(rule.rule).name == "fhir":
                    check_fhir(response)
                contract.check(rule.rule, response.request.method, response)
            return response

    app.test_client_class = CheckedClient
    return Office(app, app.test_client(), database, clock, contract, tokens, woken)


@pytest.fixture
def office(sqlite_database, clock, contract):
    """On SQLite."""
    return open_office(sqlite_database, clock, contract)


@pytest.fixture
def both(database, clock, contract):
    """Once on SQLite, once on PostgreSQL."""
    return open_office(database, clock, contract)


@pytest.fixture
def postgresql_office(postgresql_database, clock, contract):
    """On PostgreSQL."""
    return open_office(postgresql_database, clock, contract)
