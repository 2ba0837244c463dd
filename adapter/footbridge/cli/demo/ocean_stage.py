"""Sets the stage for ``footbridge demo --network ocean``: a simulated Ocean, our site with its listing, a service.

All of it lives in this process, on loopback, and ends with the ``with`` block. Ocean posts to the adapter's web server
with a token of the adapter's own endpoint; the adapter answers with a token of Ocean's.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from footbridge.cli.demo.api import Api
from footbridge.cli.demo.moving_clock import MovingClock
from footbridge.cli.demo.serving import serving
from footbridge.jobs.worker import Worker
from footbridge.model.principals import Principal
from footbridge.partners.fhir.simulator import FhirSimulator
from footbridge.partners.ocean.listing import Listing
from footbridge.referrals.build import build_worker
from footbridge.referrals.onboarding import register_partner
from footbridge.simulators.ocean import HttpReceiver, OceanSimulator
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import require_current
from footbridge.store.ocean_sites import Credentials, put_listing, set_site
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import find_prescription
from footbridge.store.referrals import referrals_of
from footbridge.store.tenants import add_tenant, make_token

TENANT: Final = "riverside"
SITE, OTHER_SITE = "1234", "5678"
CLINIC, HUB = "clinic-ocean", "north-end-hub"
EXTERNAL: Final = "food-program"
_SECRET: Final = "demo-secret"  # noqa: S105 - of a simulator on loopback
_STEP: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OceanStage:
    """Everything that runs."""

    clock: MovingClock
    database: Database
    worker: Worker
    ocean: OceanSimulator
    hub: FhirSimulator
    navigator: Api
    other_listing: str

    def pass_time(self, hours: int) -> None:
        """Let time pass, and everybody work."""
        end = self.clock.now() + timedelta(hours=hours)
        while self.clock.now() < end:
            self.ocean.advance(_STEP, between=self.worker.step)
        self.worker.step()

    def prescription(self, ref: str) -> str:
        """The id of our prescription of a referral."""
        system = f"{self.ocean.base_url}/svc/fhir/v1/NamingSystem/id-ereferral-reference"
        with self.database.read() as connection:
            found = find_prescription(connection, TENANT, CLINIC, (system, ref))
        if found is None:
            raise LookupError("a referral of the demo did not arrive")
        return found.id

    def say(self, ref: str, event: str, **members: Any) -> None:  # noqa: ANN401 - members of the event
        """Our link worker sends an event."""
        self.navigator.send(self.prescription(ref), {"event": event, **members})

    def service_says(self, ref: str, status: str, reason: str | None = None) -> None:
        """The service writes the status of its newest Task of a referral."""
        with self.database.read() as connection:
            rows = referrals_of(connection, TENANT, self.prescription(ref))
        newest = [row.task for row in rows if row.parent is None][-1]
        tasks = [one for one in self.hub.all("Task") if newest in {row["value"] for row in one["identifier"]}]
        more = {} if reason is None else {"statusReason": {"text": reason}}
        self.hub.put({**tasks[-1], "status": status, **more})


@contextmanager
def ocean_stage(start: datetime) -> Iterator[OceanStage]:
    """Start everything, and end it after the block."""
    clock = MovingClock(start)
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-demo-", ignore_cleanup_errors=True))
        )
        database = open_database(f"sqlite:///{folder / 'footbridge.sqlite3'}")
        stack.callback(database.dispose)
        require_current(database, create=True)
        ocean = stack.enter_context(OceanSimulator(clock=clock, seed=7))
        hub = stack.enter_context(FhirSimulator(clock=clock, name="North End Hub"))
        made, token = _furnish(database, ocean, hub, folder, start)
        worker = build_worker(database, clock)
        base = stack.enter_context(serving(database, clock, worker))
        receiver = HttpReceiver(
            f"{base}/ocean/{SITE}/$process-message",
            token_url=f"{base}/ocean/{SITE}/token",
            client_id=made.client_id,
            client_secret=made.secret,
            clock=clock,
        )
        ocean.add_site(SITE, name="Riverside", receiver=receiver, client_secret=_SECRET)
        ocean.add_listing(SITE, title="Food Program", external_service=EXTERNAL)
        ocean.add_site(OTHER_SITE, name="Lakeside")
        other = ocean.add_listing(OTHER_SITE, title="Lakeside Kitchen").reference
        navigator = stack.enter_context(Api(base, token))
        yield OceanStage(clock, database, worker, ocean, hub, navigator, other)


def _furnish(
    database: Database, ocean: OceanSimulator, hub: FhirSimulator, folder: Path, now: datetime
) -> tuple[Credentials, str]:
    """The tenant, its partners, the listing; returns the site's credentials and a link worker's token."""
    secret, credential = folder / "secret", folder / "ocean-oauth.json"
    secret.write_text(_SECRET, encoding="utf-8")
    credential.write_text(json.dumps({"clientId": f"site-{SITE}", "secret": f"file:{secret}"}), encoding="utf-8")
    os.chmod(secret, 0o600)  # noqa: PTH101 - as an operator does
    site = Partner(
        CLINIC, "ocean", "requester", "Riverside Clinic", f"{ocean.base_url}/svc/fhir/v1",
        credential=f"oauth:{credential}", poll_seconds=10,
    )  # fmt: skip
    with database.write() as connection:
        add_tenant(connection, TENANT, "ca", now)
        register_partner(
            connection, TENANT, Partner(HUB, "fhir", "recipient", "North End Hub", hub.base_url, poll_seconds=5), now
        )
        register_partner(connection, TENANT, site, now)
        made = set_site(connection, TENANT, CLINIC, SITE, now)
        entry = {
            "external": EXTERNAL,
            "consent": "express-in-form",
            "categories": ["food-insecurity"],
            "partner": HUB,
        }
        put_listing(connection, TENANT, CLINIC, EXTERNAL, Listing.decode(entry).encode())
        token = make_token(connection, Principal("navigator", None, name="Link worker", tenant=TENANT), now)
    if made is None:
        raise LookupError("the site of the demo was there before")
    return made, token
