"""A clinic with its record and its recipients, as real servers on loopback, and a clock that is moved by hand.

``World`` puts together what a test of the whole way needs: a database, Intake, a worker, simulated partners.
"""

import copy
import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Self

import orjson
from support.hosted import Stranger

from footbridge.jobs.job import MessageSummary
from footbridge.jobs.queue import JobQueue
from footbridge.model.clock import ManualClock
from footbridge.model.principals import Principal
from footbridge.partners.fhir.simulator import FhirSimulator, ScriptedRecipient
from footbridge.partners.fhir.simulator.actions import Plan
from footbridge.partners.fhir.simulator.scripts import SILENT, Script, always
from footbridge.referrals.build import build_worker
from footbridge.referrals.command import Command, NewPart
from footbridge.referrals.commands import carry_out
from footbridge.referrals.intake import Intake, Receipt
from footbridge.referrals.onboarding import register_partner
from footbridge.security.lists import happenings
from footbridge.store import prescriptions, resource_rows
from footbridge.store.engine import Database
from footbridge.store.events import Event, detail_of
from footbridge.store.partners import Partner
from footbridge.store.referrals import ReferralRecord, referrals_of
from footbridge.store.resource_rows import Scope
from footbridge.store.routes import set_route
from footbridge.store.tenants import add_tenant

Json = dict[str, Any]

TENANT = "clinic"
DOCTOR = Principal("requester", name="dr-tremblay", tenant=TENANT)
LINK_WORKER = Principal("navigator", name="kit", tenant=TENANT)
HCN = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn"

WARM: Json = {
    "identifier": {"system": "urn:footbridge:test:order", "value": "RX-1"},
    "kind": "warm-connection",
    "authored": "2026-03-02T06:00:00-05:00",
    "language": "en",
    "jurisdiction": "ca",
    "journey": {"system": "urn:footbridge:test:journey", "value": "journey-secret"},
    "client": {
        "identifiers": [{"system": HCN, "value": "9876543217"}],
        "name": {"family": "Okafor", "given": ["Grace"]},
        "birthDate": "1951-04-12",
        "gender": "female",
        "contacts": [{"system": "phone", "use": "mobile", "value": "+1 416 555 0142", "preferred": True}],
        "address": {"line": ["12 Sample Street"], "city": "Toronto", "state": "ON", "country": "CA"},
        "contactNote": "After four; leave no voicemail.",
    },
    "requester": {
        "role": "clinician",
        "name": {"family": "Tremblay", "given": ["Louis"]},
        "organization": {"name": "Riverside", "identifiers": [{"system": "urn:footbridge:test:org", "value": "rfht"}]},
    },
    "needs": [
        {"category": "food-insecurity", "statement": "Skips meals at the end of the month."},
        {"category": "social-connection", "statement": "Sees nobody on weekdays."},
    ],
    "goals": [
        {"need": 0, "description": "Eats three meals a day."},
        {"need": 1, "description": "Has company twice a week."},
    ],
    "inTheirWords": [{"text": "I want to sing again."}],
    "strengths": [{"text": "Led the church choir."}],
    "interests": [{"text": "Quilting on Sundays."}],
    "barriers": [{"kind": "economic", "text": "No bus fare."}],
    "supports": [{"kind": "transport", "text": "Two bus tickets.", "barrier": 0}],
    "service": {"partner": "hub", "description": "Good Food Box"},
    "consent": {
        "status": "given",
        "basis": "express",
        "how": "verbal",
        "given": "2026-03-02",
        "scope": ["contact", "needs", "goals"],
    },
    "followUp": {"due": "2026-03-30", "method": "phone", "by": "requester", "questions": ["did-it-happen"]},
    "notes": [{"text": "Walks with a stick."}],
}


def prescribed(number: int = 1, **changes: Any) -> Json:
    """A warm connection with an identifier of its own; a change of None takes a member out."""
    found = copy.deepcopy(WARM) | changes
    if "identifier" not in changes:
        found["identifier"]["value"] = f"RX-{number}"
    return {name: value for name, value in found.items() if value is not None}


class World:
    """One tenant, its partners' servers, its worker. Use it in a ``with``."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.servers: dict[str, FhirSimulator] = {}
        self.recipients: dict[str, ScriptedRecipient] = {}
        self._scripts: dict[str, Script] = {}
        self.intake = Intake(database, clock)
        self.worker = build_worker(database, clock)
        self._stack = ExitStack()
        with database.write() as connection:
            add_tenant(connection, TENANT, "ca", clock.now())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def partner(
        self, name: str, role: str = "recipient", *, script: Script | None = None, clock: Any = None, **more: Any
    ) -> FhirSimulator:
        """Start a partner's server and take the partner on; a script makes its recipient act."""
        server = self._stack.enter_context(FhirSimulator(clock=clock or self.clock, name=name))
        self.take_on(name, role, **{"network": "fhir", "base_url": server.base_url, **more})
        self.servers[name] = server
        self.script(name, script or always(SILENT))

        def chosen(task: Json, order: Json | None) -> Plan:
            return self._scripts[name](task, order)

        self.recipients[name] = ScriptedRecipient(server, chosen, clock or self.clock)
        return server

    def script(self, name: str, script: Script) -> None:
        """Let a partner's recipient act by a script on every Task that it has not seen yet."""
        self._scripts[name] = script

    def take_on(self, name: str, role: str, **entry: Any) -> Partner:
        """Take a partner on, of any network, whose server or folder is there."""
        entry = {"title": name.title(), "poll_seconds": 600, **entry}
        with self.database.write() as connection:
            return register_partner(connection, TENANT, Partner(name=name, role=role, **entry), self.clock.now())

    def hosted(self, name: str, **more: Any) -> Stranger:
        """Take on a partner that works on our server; what comes back is the one who works there."""
        partner = self.take_on(name, "recipient", **{"network": "hosted", "base_url": "", **more})
        return Stranger(self.database, TENANT, partner, self.clock)

    def route(self, category: str, *names: str) -> None:
        with self.database.write() as connection:
            set_route(connection, TENANT, category, list(names))

    def submit(self, document: Json, principal: Principal = DOCTOR, **more: Any) -> Receipt:
        return self.intake.submit(orjson.dumps(document), principal, **more)

    def command(self, prescription: str, event: str, principal: Principal = DOCTOR, **more: Any) -> str:
        command = Command(event, **more)
        return carry_out(self.database, self.clock, principal, prescription, command, intake=self.intake)

    def split(self, prescription: str, parts: Sequence[Json], principal: Principal = LINK_WORKER) -> str:
        """Split the newest try of the whole."""
        return self.command(prescription, "split", principal, parts=[NewPart(**part) for part in parts])

    def pass_time(self, days: int = 0, *, step: dt.timedelta = dt.timedelta(days=1)) -> None:
        """Let everybody work now, and again after each step of so many days."""
        end = self.clock.now() + dt.timedelta(days=days)
        self.work()
        while self.clock.now() < end:
            self.clock.advance(min(step, end - self.clock.now()))
            self.work()

    def work(self) -> None:
        """Everybody does what is due at this moment."""
        for recipient in self.recipients.values():
            recipient.step()
        self.worker.step()

    def calm(self, hours: int = 12) -> None:
        """No more faults; everybody works until what was put off is done."""
        for server in self.servers.values():
            server.faults.clear()
        for _ in range(hours):
            self.clock.advance(dt.timedelta(hours=1))
            self.work()

    def recover(self) -> None:
        """Another worker takes over from one that ended, when its leases are over, and everybody works."""
        self.worker = build_worker(self.database, self.clock, name="successor")
        self.clock.advance(dt.timedelta(minutes=2))
        self.calm(2)

    def act(self, name: str, **members: Any) -> Json:
        """A partner's staff write members of its one Task that asks for a referral (None takes one out)."""
        return self.rewrite(name, self.task(name), **members)

    def rewrite(self, name: str, resource: Json, **members: Any) -> Json:
        current = self.servers[name].get(resource["resourceType"], resource["id"])
        changed = {key: value for key, value in {**(current or resource), **members}.items() if value is not None}
        return self.servers[name].put(changed)

    def tasks(self, name: str) -> list[Json]:
        """A partner's referral Tasks, in the order in which they were asked for."""
        found = [task for task in self.servers[name].all("Task") if _asks(task)]
        return sorted(found, key=lambda task: (task["authoredOn"], task["identifier"][0]["value"]))

    def task(self, name: str) -> Json:
        (task,) = self.tasks(name)
        return task

    def task_of(self, name: str, prescription: str) -> Json:
        """A partner's copy of the newest Task that it knows of a prescription's whole."""
        for row in reversed([row for row in self.referrals(prescription) if row.parent is None]):
            for task in self.tasks(name):
                if any(identifier["value"] == row.task for identifier in task["identifier"]):
                    return task
        raise LookupError(name)

    def order(self, name: str) -> Json:
        """What a partner's one referral Task is about."""
        order = self.servers[name].get(*self.task(name)["focus"]["reference"].split("/"))
        assert order is not None
        return order

    def follow_up(self, name: str = "emr") -> Json:
        (task,) = (task for task in self.servers[name].all("Task") if task["intent"] == "plan")
        return task

    def timeline(self, prescription: str) -> list[Event]:
        """Every event of a prescription, as our own users see it, oldest first."""
        of_event = Event.__dataclass_fields__
        with self.database.read() as connection:
            rows = happenings(connection, LINK_WORKER, now=self.clock.now(), of=prescription)
            return [
                Event(**{name: getattr(row, name) for name in of_event if name != "detail"}, detail=detail_of(row))
                for row in rows
            ]

    def names(self, prescription: str) -> list[str]:
        return [event.name for event in self.timeline(prescription)]

    def referrals(self, prescription: str) -> list[ReferralRecord]:
        with self.database.read() as connection:
            return referrals_of(connection, TENANT, prescription)

    def status(self, prescription: str) -> str:
        with self.database.read() as connection:
            return prescriptions.get_prescription(connection, TENANT, prescription).status

    def ours(self, type_: str, identity: str) -> Json:
        """A resource in our store."""
        with self.database.read() as connection:
            found = resource_rows.current(Scope(connection, TENANT, self.clock.now()), type_, identity)
        assert found is not None
        return found.resource

    def our_task(self, prescription: str) -> Json:
        """The newest try of the whole."""
        row = [row for row in self.referrals(prescription) if row.parent is None][-1]
        return self.ours("Task", row.task)

    def entries(self, **filters: Any) -> Sequence[MessageSummary]:
        with self.database.read() as connection:
            return JobQueue(connection).list(limit=10_000, **filters)

    def counts(self) -> dict[str, int]:
        with self.database.read() as connection:
            return JobQueue(connection).counts()


def _asks(task: Json) -> bool:
    return any(coding.get("code") == "fulfill" for coding in task.get("code", {}).get("coding", []))


def everything(server: FhirSimulator) -> Iterator[Json]:
    """Every current resource that a partner holds."""
    types = (
        "Patient Practitioner PractitionerRole RelatedPerson Organization HealthcareService Condition Observation Goal"
    )
    for type_ in [
        *types.split(),
        "Consent",
        "ServiceRequest",
        "Task",
        "Procedure",
        "QuestionnaireResponse",
        "DocumentReference",
    ]:
        yield from server.all(type_)
