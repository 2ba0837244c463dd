"""Proves the loop: reads the outcome back from the EMR over HTTP, and holds it against the adapter and the services.

Each Task, ServiceRequest, Goal and Procedure of the adapter's Bundle must be at the EMR once, under our identifier,
and say the same. Each Task and each support at a service must have the adapter's status; each Procedure must be the
service's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from footbridge.cli.demo.reading import Reading, Resource
from footbridge.mapping.draft import own_identifier_system

TYPES = ("ServiceRequest", "Task", "Procedure", "Goal")
SUBJECT = {"Task": "for"}
"""Where a type names the client, when not in ``subject``."""


@dataclass(slots=True)
class Found:
    """What was read of one prescription from the EMR, and how it compares.

    Attributes:
        name: of the prescription.
        resources: as the EMR has them, by type.
        compared: how many comparisons were made.
        differences: each in a sentence without personal data.
        owners: names of the organisations that own its Tasks, by the Task's id at the EMR.
        clients: the EMR's Patients that it is about; one, where nobody is doubled.
    """

    name: str
    resources: dict[str, list[Resource]] = field(default_factory=lambda: {name: [] for name in TYPES})
    compared: int = 0
    differences: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    clients: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Proof:
    """Reads the EMR and the services."""

    emr: Reading
    services: Sequence[Reading]

    def of(self, name: str, bundle: Mapping[str, Any]) -> Found:
        """Read one prescription back.

        Args:
            name: of the prescription.
            bundle: its resources as the adapter has them.
        """
        found = Found(name)
        asked = {entry["resource"].get("focus", {}).get("reference") for entry in bundle["entry"]}
        for entry in bundle["entry"]:
            ours = entry["resource"]
            if ours["resourceType"] in TYPES and (identifier := _identifier(ours)) is not None:
                self._at_emr(found, ours, identifier)
                support = ours["resourceType"] == "ServiceRequest" and entry["fullUrl"] not in asked
                if support or ours["resourceType"] == "Task":
                    self._at_services(found, ours, identifier)
        return found

    def _at_emr(self, found: Found, ours: Resource, identifier: Resource) -> None:
        type_ = ours["resourceType"]
        theirs = self.emr.identified(type_, identifier)
        found.resources[type_] += theirs
        found.clients |= {one.get(SUBJECT.get(type_, "subject"), {}).get("reference", "") for one in theirs}
        found.owners |= {task["id"]: name for task in theirs if (name := self._owner(task)) is not None}
        self._compare(found, f"{type_} at {self.emr.title}", ours, theirs)
        if type_ == "Procedure":
            foreign = [one for one in ours["identifier"] if one != identifier]
            done = [one for service in self.services for name in foreign for one in service.having(type_, name)]
            self._compare(found, "Procedure at the service", ours, done)

    def _owner(self, resource: Resource) -> str | None:
        """The name of the organisation that owns a Task."""
        reference = resource.get("owner", {}).get("reference", "")
        return self.emr.read(reference).get("name") if reference.startswith("Organization/") else None

    def _at_services(self, found: Found, ours: Resource, identifier: Resource) -> None:
        for service in self.services:
            theirs = service.having(ours["resourceType"], identifier)
            if theirs:
                self._compare(found, f"{ours['resourceType']} at {service.title}", ours, theirs, only=("status",))

    @staticmethod
    def _compare(
        found: Found, where: str, ours: Resource, theirs: Sequence[Resource], only: Sequence[str] | None = None
    ) -> None:
        found.compared += 1
        if len(theirs) != 1:
            found.differences.append(f"{where}: there {len(theirs)} times")
            return
        said, held = essence(theirs[0]), essence(ours)
        for member in only or held:
            if said[member] != held[member]:
                found.differences.append(f"{where}: {member} is another")


def essence(resource: Resource) -> dict[str, Any]:
    """What a resource says of the outcome, free of ids and references."""
    coded = resource.get("achievementStatus", {}).get("coding", [{}])[0]
    return {
        "status": resource.get("status") or resource.get("lifecycleStatus"),
        "statusReason": resource.get("statusReason", {}).get("text"),
        "businessStatus": resource.get("businessStatus", {}).get("text"),
        "achievementStatus": coded.get("code"),
        "code": [(one.get("system"), one.get("code")) for one in resource.get("code", {}).get("coding", ())],
        "outputs": len(resource.get("output", ())),
        "note": [note.get("text") for note in resource.get("note", ())],
        "performed": resource.get("performedDateTime"),
    }


def _identifier(resource: Resource) -> Resource | None:
    """The identifier that we gave a resource."""
    own = (one for one in resource.get("identifier", ()) if one.get("system") == own_identifier_system())
    return next(own, None)
