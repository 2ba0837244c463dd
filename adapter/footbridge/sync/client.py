"""The client as the newest prescription tells of them, whichever prescription a service was asked by.

A prescription stands as it was written. But a number that has changed, or that must not be called any more, is the
client's and not the prescription's: what services are told of the client follows the prescription that was written
last (``authored``). Services that are at work on an older one are told; those that are done are not.
"""

from collections.abc import Iterator

from footbridge.model.issues import Issue
from footbridge.model.lifecycle.tables import machine
from footbridge.model.prescription import Client, Prescription
from footbridge.store.prescriptions import newest_of_person, open_of_person
from footbridge.sync.case import Case, read_case
from footbridge.sync.entries import Order, Referral
from footbridge.sync.references import Resource

ABOUT_THE_PERSON = (
    "name", "birth_date", "gender", "contacts", "address", "contact_note", "safe_to_contact",
)  # fmt: skip
"""Members of ``client`` that hold for the person; the others (languages, identifiers) stay the prescription's own."""

Told = dict[str, object]


def as_of_now(case: Case) -> Prescription:
    """The prescription with its client as known now."""
    document = case.prescription.document
    newest = newest_of_person(case.scope.connection, case.scope.tenant, case.prescription.person)
    if newest is None or newest.id == case.prescription.id:
        return document
    client = document.client.model_copy(update=_about(Order.of(newest).document.client))
    return document.model_copy(update={"client": client})


def earlier_client(case: Case) -> Client | None:
    """The client as known before this prescription; None for a new one, and where this one is older than that."""
    newest = newest_of_person(
        case.scope.connection, case.scope.tenant, case.prescription.person, without=case.prescription.id
    )
    if newest is None or newest.authored > case.prescription.document.authored:
        return None
    return Order.of(newest).document.client


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


def spread(case: Case, patient: Resource, earlier: Client | None) -> None:
    """Bring our Patient up to a new prescription's client, and tell the services that are at work for the client.

    Args:
        case: of the new prescription.
        patient: as it is mapped from that.
        earlier: ``earlier_client``.
    """
    if earlier is None or _about(earlier) == _about(case.prescription.document.client):
        return
    case.edit(("Patient", patient["id"]), lambda old: patient | {"meta": old["meta"] | patient.get("meta", {})})
    scope, person = case.scope, case.prescription.person
    for identity in open_of_person(scope.connection, scope.tenant, person):
        if identity != case.prescription.id:
            other = read_case(scope, identity)
            for row in other.rows:
                if row.partner is not None and at_work(row):
                    other.tell(row.partner)
            other.close()


def at_work(row: Referral) -> bool:
    """Whether somebody may still be doing it."""
    return row.state.task.status not in machine(row.state.task.machine).terminal


def _about(client: Client) -> Told:
    return {name: getattr(client, name) for name in ABOUT_THE_PERSON}
