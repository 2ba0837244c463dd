"""The network ``hosted``: a partner that works on our server, in its compartment; it needs no server of its own.

What is disclosed to it is delivered into the compartment by the same exchange that serves a partner's own server, over
the transaction that settles the job. The compartment holds what the partner was given and what it wrote, under ids that
are its own. What it may no longer know is erased there, older versions included, in the transaction of the event.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as Transaction

from footbridge.errors import PartnerRefused
from footbridge.i18n import _
from footbridge.mapping.references import local, references
from footbridge.model.clock import Clock, FixedClock
from footbridge.model.lifecycle.tables import machine
from footbridge.partners.fhir.bundle import Held, Key, pack, read_held
from footbridge.partners.fhir.document_reference import TYPE as DOCUMENT
from footbridge.partners.fhir.exchange import CARRIES, FhirExchange, Place
from footbridge.partners.fhir.members import content_members, our_members
from footbridge.partners.fhir.remotes import of_resource
from footbridge.partners.fhir.searching import parse_condition
from footbridge.partners.fhir.server import Change, PolledReports, Remote, Resource, TaskReport
from footbridge.partners.fhir.transaction import read_transaction
from footbridge.partners.fhir.translate import task_report
from footbridge.partners.ports import (
    Connection,
    Inbound,
    Network,
    Outcome,
    Outgoing,
    OutgoingMessage,
    Poll,
    Sent,
)
from footbridge.store import resource_rows
from footbridge.store.client_messages import TYPE as MESSAGE
from footbridge.store.client_messages import messages_about
from footbridge.store.erasure import erase, replace_erasing
from footbridge.store.interaction_errors import Gone, NotFound
from footbridge.store.ocean_documents import of_prescription
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link, delete_links, links_at
from footbridge.store.resource_rows import Scope
from footbridge.store.resources import ResourceStore
from footbridge.validation import Validator

NO_CLIENT_DATA = frozenset(
    {"Organization", "HealthcareService", "Location", "Practitioner", "PractitionerRole", "Task"}
)
"""Types that stay after the end of a referral; a Task without its client."""

TASK_STAYS = (
    "resourceType", "id", "identifier", "status", "statusReason", "businessStatus", "intent", "priority", "code",
    "authoredOn", "lastModified", "requester", "owner", "executionPeriod", "note", "output",
)  # fmt: skip
"""Members of a Task that say what was asked, and what its recipient wrote of it; of ours nothing of the client."""


@dataclass(frozen=True, slots=True)
class Compartment:
    """A ``FhirServer`` over a partner's compartment, at work in one transaction."""

    scope: Scope

    @property
    def store(self) -> ResourceStore:
        """The resources, in the scope's transaction."""
        where = self.scope
        return ResourceStore(where.connection, where.tenant, FixedClock(where.now), compartment=where.compartment)

    def deliver(self, bundle: Resource) -> Mapping[str, Remote]:
        """As ``FhirServer.deliver``: one transaction of the store."""
        answered = read_transaction(bundle, self.store.transaction(bundle))
        pairs = zip(bundle["entry"], answered, strict=True)
        return {entry["fullUrl"]: remote for entry, remote in pairs if remote is not None}

    def find(self, bundle: Resource) -> Mapping[str, Remote]:
        """As ``FhirServer.find``."""
        found = {}
        for entry in bundle["entry"]:
            query = parse_condition(entry["request"]["ifNoneExist"])
            page = self.store.search(entry["resource"]["resourceType"], query)
            if page.matches:
                found[entry["fullUrl"]] = of_resource(page.matches[0].resource)
        return found

    def match_patient(self, identifiers: Sequence[tuple[str, str]]) -> Remote | None:
        """As ``FhirServer.match_patient``."""
        found = {}
        for system, value in identifiers:
            for one in self.store.search("Patient", [("identifier", f"{system}|{value}")]).matches:
                found[one.id] = of_resource(one.resource)
        if len(found) > 1:
            raise PartnerRefused(_("Several Patients of the partner have the client's identifiers: merge them there."))
        return next(iter(found.values()), None)

    def push(self, type_: str, remote_id: str, change: Change) -> Remote | None:
        """As ``FhirServer.push``; what follows the prescription leaves no older version behind."""
        current = self._read(type_, remote_id)
        if current is None:
            return None  # erased: the partner may no longer know it
        wanted = change(current)
        if wanted is None or wanted == current:
            return None
        if any(wanted.get(name) != current.get(name) for name in content_members("recipient", type_)):
            stored = replace_erasing(self.scope, {**wanted, "id": remote_id})
        else:
            written = self.store.update(type_, remote_id, {**wanted, "id": remote_id}).stored
            stored = written or resource_rows.current(self.scope, type_, remote_id)  # type: ignore[assignment]
        return Remote(type_, remote_id, str(stored.version))

    def withdraw(self, type_: str, remote_id: str, change: Change) -> bool:  # noqa: ARG002 - of the protocol
        """As ``FhirServer.withdraw``: nothing of it stays."""
        erase(self.scope, [(type_, remote_id)])
        return True

    def poll(self, cursor: datetime | None) -> PolledReports:
        """Nothing: what the partner writes comes in as it is written."""
        return PolledReports((), cursor)

    def reports(self, remote_ids: Sequence[str]) -> tuple[TaskReport, ...]:
        """As ``FhirServer.reports``."""
        tasks = (self._read("Task", one) for one in remote_ids)
        return tuple(task_report(task) for task in tasks if task is not None)

    def referenced(self, report: TaskReport) -> tuple[Resource, ...]:
        """As ``FhirServer.referenced``."""
        references = [output.get("valueReference", {}).get("reference", "") for output in report.outputs]
        keys = [key for one in references if isinstance(one, str) and (key := local(one)) is not None]
        found = (self._read(*key) for key in dict.fromkeys(keys))
        return tuple(one for one in found if one is not None)

    def test(self) -> Connection:
        """The compartment is part of our database."""
        return Connection(reachable=True, version="4.0.1", software="Footbridge", supports={})

    def _read(self, type_: str, id_: str) -> Resource | None:
        try:
            return self.store.read(type_, id_).resource
        except (NotFound, Gone):
            return None


class HostedNetwork:
    """A ``ports.Network`` and a ``ports.LocalNetwork``; safe to share between threads."""

    carries = CARRIES
    polls = False

    def __init__(self, tenant: str, partner: Partner, clock: Clock, validator: Validator) -> None:
        self._tenant = tenant
        self._partner = partner
        self._clock = clock
        self._validator = validator

    def within(self, transaction: Transaction) -> Network:
        """As ``LocalNetwork.within``."""
        compartment = Compartment(self._scope(transaction, self._partner.name))
        place = Place(self._tenant, self._partner, lambda: nullcontext(transaction), self._clock, self._validator)
        return FhirExchange(place, compartment)

    def forget(self, transaction: Transaction, outgoing: Outgoing, known: Collection[str]) -> None:
        """As ``LocalNetwork.forget``."""
        ours = self._scope(transaction, "")
        held = read_held(ours, outgoing)
        held = held.linked([*self._documents(transaction, outgoing), *self._messages(ours, outgoing)])
        there = self._scope(transaction, self._partner.name)
        gone = {
            key: (link.type, link.remote_id)
            for key, link in held.links.items()
            if key[0] not in NO_CLIENT_DATA and "/".join(key) not in known and key not in self._written(held)
        }
        erase(there, gone.values())
        delete_links(transaction, self._tenant, self._partner.name, gone)
        task = held.links.get(("Task", outgoing.referral.key))
        if task is not None:
            self._strip(there, task.remote_id)

    def replace_client(self, transaction: Transaction, outgoing: Outgoing) -> None:
        """Replace the copy of the client by what the partner may know now, older versions included."""
        held = read_held(self._scope(transaction, ""), outgoing)
        there = Compartment(self._scope(transaction, self._partner.name))
        for key, resource in pack(outgoing, held).content.items():
            if key[0] == "Patient" and key in held.links:
                members = {name: resource.get(name) for name in content_members("recipient", "Patient")}
                there.push("Patient", held.links[key].remote_id, our_members("Patient", None, members))

    def deliver(self, outgoing: Outgoing) -> Sent:  # noqa: ARG002 - of the protocol
        """Only ``within`` a transaction."""
        raise RuntimeError("a hosted partner is delivered to within a transaction")

    update = deliver

    def send(self, message: OutgoingMessage) -> Sent:
        """As ``deliver``."""
        return self.deliver(message.about)

    def poll(self, cursor: str | None) -> Poll:
        """Nothing: what the partner writes comes in as it is written."""
        return Poll(cursor=cursor)

    def read_again(self, inbound: Inbound) -> Sequence[Inbound]:  # noqa: ARG002 - of the protocol
        """Nothing: it was read in the transaction that judges it."""
        return ()

    def acknowledge(self, inbound: Inbound, outcome: Outcome) -> None:
        """The answer to the write says what became of it."""

    def test(self) -> Connection:
        """The compartment is part of our database."""
        return Connection(reachable=True, version="4.0.1", software="Footbridge", supports={})

    def _scope(self, transaction: Transaction, compartment: str) -> Scope:
        return Scope(transaction, self._tenant, self._clock.now(), compartment=compartment)

    def _documents(self, transaction: Transaction, outgoing: Outgoing) -> Sequence[Link]:
        """The copies of documents of the prescription; none while another referral of it is at work there."""
        if any(
            one.id != outgoing.referral.id and one.status not in machine(one.machine).terminal
            for one in outgoing.referrals
        ):
            return ()
        rows = of_prescription(transaction, self._tenant, outgoing.prescription)
        return links_at(transaction, self._tenant, self._partner.name, [(DOCUMENT, row.id) for row in rows])

    def _messages(self, ours: Scope, outgoing: Outgoing) -> Sequence[Link]:
        """The copies of messages about the client; whatever it may still know of them is among what is known."""
        keys = [(MESSAGE, one.id) for one in messages_about(ours, outgoing.records["patient"])]
        return links_at(ours.connection, self._tenant, self._partner.name, keys)

    @staticmethod
    def _written(held: Held) -> set[Key]:
        """Our keys of what the partner wrote itself: outcomes, which its Task's outputs refer to."""
        outputs = [output for task in held.tasks.values() for output in task.get("output", [])]
        return {key for one in references(outputs) if (key := local(one)) is not None}

    @staticmethod
    def _strip(there: Scope, task: str) -> None:
        """Leave of a Task what says nothing of the client, and no older version."""
        current = resource_rows.current(there, "Task", task)
        if current is None or current.deleted:
            return
        body = current.resource
        stripped = {name: body[name] for name in TASK_STAYS if name in body}
        if {name for name in body if name != "meta"} != stripped.keys():
            replace_erasing(there, stripped)
