"""The client as the newest prescription tells of them, whichever prescription a service was asked by.

A prescription stands as it was written. But a number that has changed, or that must not be called any more, is the
client's and not the prescription's: what services are told of the client follows the prescription that was written
last (``authored``). Services that are at work on an older one are told; those that are done are not.
"""

from collections.abc import Iterator

from footbridge.mapping.references import Resource
from footbridge.model.issues import Issue
from footbridge.model.lifecycle.tables import machine
from footbridge.model.prescription import Client, Prescription
from footbridge.referrals.rows import PrescriptionRow, ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, read_unit
from footbridge.store.prescriptions import newest_of_person, open_of_person

ABOUT_THE_PERSON = (
    "name", "birth_date", "gender", "contacts", "address", "contact_note", "safe_to_contact",
)  # fmt: skip
"""Members of ``client`` that hold for the person; the others (languages, identifiers) stay the prescription's own."""

Told = dict[str, object]


def with_newest_client(unit: PrescriptionUnit) -> Prescription:
    """The prescription with its client as known now."""
    document = unit.prescription.document
    newest = newest_of_person(unit.scope.connection, unit.scope.tenant, unit.prescription.person)
    if newest is None or newest.id == unit.prescription.id:
        return document
    client = document.client.model_copy(update=_about(PrescriptionRow.of(newest).document.client))
    return document.model_copy(update={"client": client})


def earlier_client(unit: PrescriptionUnit) -> Client | None:
    """The client as known before this prescription; None for a new one, and where this one is older than that."""
    newest = newest_of_person(
        unit.scope.connection, unit.scope.tenant, unit.prescription.person, without=unit.prescription.id
    )
    if newest is None or newest.authored > unit.prescription.document.authored:
        return None
    return PrescriptionRow.of(newest).document.client


def safe_again(client: Client, earlier: Client | None) -> Iterator[Issue]:
    """A warning when contact was forbidden before and is not any more: it may have been forgotten."""
    if earlier is not None and client.safe_to_contact and not earlier.safe_to_contact:
        yield Issue(
            rule="client.safe-again",
            severity="warning",
            code="business-rule",
            message="An earlier prescription of this client forbids contact and this one allows it: make sure that "
            "the client is safe.",
            pointer="/client/safeToContact",
        )


def propagate_client(unit: PrescriptionUnit, patient: Resource, earlier: Client | None) -> None:
    """Bring our Patient up to a new prescription's client, and tell the services that are at work for the client.

    Args:
        unit: of the new prescription.
        patient: as it is mapped from that.
        earlier: ``earlier_client``.
    """
    if earlier is None or _about(earlier) == _about(unit.prescription.document.client):
        return
    unit.edit(("Patient", patient["id"]), lambda old: patient | {"meta": old["meta"] | patient.get("meta", {})})
    scope, person = unit.scope, unit.prescription.person
    for identity in open_of_person(scope.connection, scope.tenant, person):
        if identity != unit.prescription.id:
            other = read_unit(scope, identity)
            for row in other.rows:
                if row.partner is not None and at_work(row):
                    other.tell(row.partner)
            other.close()


def at_work(row: ReferralRow) -> bool:
    """Whether somebody may still be doing it."""
    return row.state.task.status not in machine(row.state.task.machine).terminal


def _about(client: Client) -> Told:
    return {name: getattr(client, name) for name in ABOUT_THE_PERSON}
