"""A clinic that refers in a simulated Ocean, our site, and a service on loopback."""

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any, Self

from support.spine import LINK_WORKER, TENANT, World

from footbridge.partners.ocean.listing import Listing
from footbridge.simulators.ocean import OceanSimulator, WsgiReceiver
from footbridge.store import ocean_messages
from footbridge.store.ocean_sites import put_listing, set_site
from footbridge.store.prescriptions import find_prescription
from footbridge.web.app import create_app

SITE, CLINIC, SECRET = "1234", "clinic-ocean", "site-secret"
EXTERNAL = "link-worker"
LISTING = {
    "external": EXTERNAL,
    "kind": "warm-connection",
    "consent": {"basis": "express-in-form"},
    "categories": ["food-insecurity"],
    "partner": "hub",
}
CONSENTING = {"form": "example_social_prescription", "need": "food", "language": "en"}


class OceanWorld(World):
    """A ``World`` with an Ocean in it; the clock is everybody's."""

    def __init__(
        self, database: Any, clock: Any, folder: Path, *, seed: int = 1, version: str = "0.11", **listing: Any
    ) -> None:
        super().__init__(database, clock)
        self._version = version
        self.ocean = OceanSimulator(clock=clock, seed=seed)
        self._folder = folder
        self._entry = LISTING | listing
        self.app = create_app(database, clock)
        self.refs: list[str] = []

    def __enter__(self) -> Self:
        super().__enter__()
        self._stack.enter_context(self.ocean)
        credential = self._folder / "ocean-oauth.json"
        secret = self._folder / "ocean-secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        credential.write_text(json.dumps({"clientId": f"site-{SITE}", "secret": f"file:{secret}"}))
        base = f"{self.ocean.base_url}/svc/fhir/v1"
        self.take_on(
            CLINIC, "requester", network="ocean", base_url=base, credential=f"oauth:{credential}", poll_seconds=10
        )
        with self.database.write() as connection:
            made = set_site(connection, TENANT, CLINIC, SITE, self.clock.now())
            put_listing(connection, TENANT, CLINIC, EXTERNAL, Listing.decode(self._entry).encode())
        assert made is not None
        self.credentials = made
        path = f"/ocean/{SITE}"
        receiver = WsgiReceiver(
            self.app, f"{path}/$process-message", token_path=f"{path}/token",
            client_id=made.client_id, client_secret=made.secret, clock=self.clock,
        )  # fmt: skip
        self.ocean.add_site(SITE, receiver=receiver, client_secret=SECRET, version=self._version)
        self.target = self.ocean.add_listing(SITE, external_service=EXTERNAL).reference
        return self

    def refer(self, **wanted: Any) -> str:
        """A clinic refers somebody who consents, as far as nothing else is wanted."""
        draft = self.ocean.generator.draft(**(CONSENTING | wanted))
        if draft.answers.get("consent"):
            draft = self.with_answers(draft, consent="Yes")
        ref = self.ocean.refer(draft)
        self.refs.append(ref)
        return ref

    @staticmethod
    def with_answers(draft: Any, **answers: str) -> Any:
        from dataclasses import replace

        return replace(draft, answers={**draft.answers, **answers})

    def later(self, ref: str, event: str, change: Any = lambda text: text, **moved: Any) -> bytes:
        """The first message of a referral as a later one of another event, changed as a text."""
        body = json.loads(self.ocean.messages(ref)[0].body)
        at = (self.clock.now() + dt.timedelta(**moved)).isoformat()
        body |= {"id": str(uuid.uuid4()), "timestamp": at, "meta": {**body.get("meta", {}), "lastUpdated": at}}
        for entry in body["entry"]:
            if entry["resource"]["resourceType"] == "MessageHeader":
                entry["resource"]["eventCoding"] |= {"code": event, "display": event}
        return change(json.dumps(body, separators=(",", ":"))).encode()

    def post(self, body: bytes) -> None:
        """Post a message as Ocean does."""
        assert self.ocean.ledger.sites[SITE].post(body) == 200

    def work(self) -> None:
        """Ocean delivers, everybody does what is due, until nothing more happens at this moment."""
        for _ in range(20):
            tried = self.ocean.run_due()
            done = self.worker.step()
            for recipient in self.recipients.values():
                recipient.step()
            if not tried and not done:
                return

    def settle(self, hours: int = 1) -> None:
        """Let time pass, so that all that was put off is done."""
        self.pass_time_in(dt.timedelta(hours=hours), dt.timedelta(minutes=20))

    def pass_time_in(self, whole: dt.timedelta, step: dt.timedelta) -> None:
        end = self.clock.now() + whole
        self.work()
        while self.clock.now() < end:
            self.clock.advance(min(step, end - self.clock.now()))
            self.work()

    def prescription_of(self, ref: str) -> str:
        """The id of a referral's prescription."""
        system = f"{self.ocean.base_url}/svc/fhir/v1/NamingSystem/id-ereferral-reference"
        with self.database.read() as connection:
            found = find_prescription(connection, TENANT, CLINIC, (system, ref))
        assert found is not None
        return found.id

    def document_of(self, ref: str) -> dict[str, Any]:
        system = f"{self.ocean.base_url}/svc/fhir/v1/NamingSystem/id-ereferral-reference"
        with self.database.read() as connection:
            found = find_prescription(connection, TENANT, CLINIC, (system, ref))
        assert found is not None
        return json.loads(found.document)

    def stored(self, **filters: Any) -> list[Any]:
        """The stored messages, the oldest first."""
        with self.database.read() as connection:
            return list(reversed(ocean_messages.listed(connection, TENANT, limit=100_000, **filters)))

    def say(self, ref: str, event: str, principal: Any = LINK_WORKER, **more: Any) -> str:
        return self.command(self.prescription_of(ref), event, principal, **more)
