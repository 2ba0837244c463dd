"""An app with one site of Ocean; no Ocean: what the site posts is posted by the test."""

from dataclasses import dataclass

import pytest

from footbridge.referrals.onboarding import register_partner
from footbridge.store import ocean_messages
from footbridge.store.ocean_sites import set_site
from footbridge.store.partners import Partner
from footbridge.store.tenants import add_tenant
from footbridge.web.app import create_app

TENANT, CLINIC, SITE = "clinic", "clinic-ocean", "1234"
FHIR = "application/fhir+json"


@dataclass
class Front:
    """The site's way in."""

    app: object
    client: object
    database: object
    clock: object
    credentials: object

    def ask(self, site=SITE, **form):
        members = {"grant_type": "client_credentials", "client_id": self.credentials.client_id}
        members |= {"client_secret": self.credentials.secret, **form}
        return self.client.post(f"/ocean/{site}/token", data={k: v for k, v in members.items() if v is not None})

    def token(self):
        answer = self.ask()
        assert answer.status_code == 200, answer.text
        return answer.json["access_token"]

    def post(self, body, token=None, site=SITE, content_type=FHIR, **headers):
        token = token or self.token()
        return self.client.post(
            f"/ocean/{site}/$process-message",
            data=body,
            content_type=content_type,
            headers={"Authorization": f"Bearer {token}", **headers},
        )

    def stored(self):
        with self.database.read() as connection:
            rows = reversed(ocean_messages.listed(connection, TENANT))
            return [ocean_messages.get_message(connection, TENANT, row.number) for row in rows]


def open_front(database, clock):
    with database.write() as connection:
        add_tenant(connection, TENANT, "ca", clock.now())
        partner = Partner(CLINIC, "ocean", "requester", "Clinic", "https://ocean.test/svc/fhir/v1", poll_seconds=10)
        register_partner(connection, TENANT, partner, clock.now())
        credentials = set_site(connection, TENANT, CLINIC, SITE, clock.now())
    app = create_app(database, clock)
    return Front(app, app.test_client(), database, clock, credentials)


@pytest.fixture
def front(database, clock):
    """Once on SQLite, once on PostgreSQL."""
    return open_front(database, clock)


@pytest.fixture
def quick(sqlite_database, clock):
    """On SQLite."""
    return open_front(sqlite_database, clock)
