"""The same journey in two worlds: in one the service works on our server, in the other on a FHIR server of its own."""

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select
from support.alike import is_ours, key_of
from support.hosted import TYPES, Stranger
from support.spine import DOCTOR, TENANT, World

from footbridge.errors import ConflictError, LifecycleError
from footbridge.model.principals import Principal
from footbridge.partners.fhir.simulator import FhirSimulator
from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.store.clients import is_contact_prohibited
from footbridge.store.exact_json import dumps
from footbridge.store.prescriptions import get_prescription
from footbridge.store.referrals import ReferralRecord
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import resource, search_index

Json = dict[str, Any]
ENDED = frozenset({"completed", "rejected", "failed", "cancelled", "entered-in-error"})


class Desk(Protocol):
    """Where the staff of a service work."""

    def all(self, type_: str) -> list[Json]:
        """Its current resources of a type."""

    def change(self, resource: Json) -> bool:
        """Write the next version of a resource that was read; whether it was taken."""

    def create(self, resource: Json) -> Json:
        """Write a new resource."""


@dataclass(frozen=True, slots=True)
class HostedDesk:
    """Works on our server, in its compartment."""

    stranger: Stranger

    def all(self, type_: str) -> list[Json]:
        return self.stranger.all(type_)

    def change(self, resource: Json) -> bool:
        status, outcome = self.stranger.put(resource)
        assert status in {200, 422}, outcome
        return status == 200

    def create(self, resource: Json) -> Json:
        return self.stranger.create(resource)


@dataclass(frozen=True, slots=True)
class OwnDesk:
    """Works on the service's own server, which takes whatever its staff write."""

    server: FhirSimulator

    def all(self, type_: str) -> list[Json]:
        return self.server.all(type_)

    def change(self, resource: Json) -> bool:
        self.server.put(resource)
        return True

    def create(self, resource: Json) -> Json:
        return self.server.put(resource)


class Stay:
    """One world with its one service ``hub``, and the prescriptions of the journey, all for the same client."""

    def __init__(self, world: World, desk: Desk) -> None:
        self.world = world
        self.desk = desk
        self.prescriptions: list[str] = []
        self._first: Json = {}

    def prescribe(self, document: Json) -> str:
        """Take a prescription; what became of it."""
        self._first = self._first or document
        receipt = self.world.submit(document)
        self.prescriptions.append(receipt.id)
        return self.world.status(receipt.id)

    def command(self, which: int, event: str, principal: Principal = DOCTOR, **more: Any) -> str:
        """The new status of the prescription, or the lifecycle's reason why not."""
        try:
            return self.world.command(self.prescriptions[which], event, principal, **more)
        except LifecycleError as refused:
            return f"refused: {refused.reason}"

    def rows(self) -> list[ReferralRecord]:
        """Every referral, in the same order in every world."""
        found = []
        for prescription in self.prescriptions:
            found += sorted(self.world.referrals(prescription), key=lambda row: (row.category or "", row.attempt))
        return found

    def amend(self, **changes: Any) -> str:
        """Put a newer document in the place of the first prescription's; what became of it."""
        said = Amendment(message_id="1", document=dumps(self._first | changes).encode())
        world = self.world
        try:
            with world.database.write() as connection:
                return amend(Scope(connection, TENANT, world.clock.now()), world.intake, DOCTOR, said)
        except ConflictError:
            return "refused: it has ended"

    def is_contact_prohibited(self) -> bool:
        """Whether the client must not be contacted."""
        with self.world.database.read() as connection:
            person = get_prescription(connection, TENANT, self.prescriptions[0]).person
            return is_contact_prohibited(connection, TENANT, person)

    def stored(self, compartment: str) -> str:
        """All that the database holds of a compartment: every version, and what is searched by."""
        found = []
        with self.world.database.read() as connection:
            for table in (resource, search_index):
                here = (table.c.tenant == TENANT, table.c.compartment == compartment)
                found += [str(tuple(row)) for row in connection.execute(select(table).where(*here))]
        return "\n".join(found)

    def ids(self, compartment: str) -> set[str]:
        """The ids of all that is stored in a compartment."""
        with self.world.database.read() as connection:
            here = (resource.c.tenant == TENANT, resource.c.compartment == compartment)
            return set(connection.execute(select(resource.c.id).where(*here)).scalars())

    @staticmethod
    def ours(task: Json) -> str:
        """Our id of a service's copy of a Task."""
        (value,) = (one["value"] for one in task["identifier"] if is_ours(one))
        return str(value)

    def states(self) -> list[tuple[str | None, int, str]]:
        """What we hold of every referral."""
        return [(row.category, row.attempt, row.status) for row in self.rows()]

    def tasks(self) -> list[Json]:
        """The service's copies of the referrals, in the order of ``rows``."""
        copies = {self.ours(task): task for task in self.desk.all("Task")}
        return [copies[row.task] for row in self.rows() if row.task in copies]

    def open_tasks(self) -> list[Json]:
        """Those that are open at the service."""
        return [task for task in self.tasks() if task["status"] not in ENDED]

    def held(self) -> list[Json]:
        """Every current resource that the service has."""
        return [one for type_ in TYPES for one in self.desk.all(type_)]

    def at_home(self) -> list[Json]:
        """Every current resource at the requester."""
        return [one for type_ in TYPES for one in self.world.servers["emr"].all(type_)]


def written(stay: Stay, task: Json, name: str) -> Json:
    """The members of a Task that the staff write."""
    if name == "note":
        return {"note": [*task.get("note", []), {"text": "Left a message."}]}
    if name == "business":
        return {"businessStatus": {"text": "Waiting list, place 3"}}
    if name in {"rejected", "failed", "cancelled"}:
        return {"status": name, "statusReason": {"text": "No places."}}
    if name != "completed":
        return {"status": name}
    done = stay.desk.create(
        {
            "resourceType": "Procedure",
            "status": "completed",
            "code": {"text": "Good Food Box"},
            "subject": task["for"],
            "basedOn": [task["focus"]],
        }
    )
    output = {"type": {"text": "done"}, "valueReference": {"reference": key_of(done)}}
    return {"status": name, "output": [*task.get("output", []), output]}
