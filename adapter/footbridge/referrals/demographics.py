"""The client as known now, whichever prescription a service was asked by.

A prescription stands as it was written. But a number that has changed, or that must not be called any more, is the
client's and not the prescription's: what services are sent of the client follows the newest prescription (``authored``)
of the same requester, so that what one medical record knows never reaches a service that another one asked. Whether
contact is safe holds for the person, whoever said that it is not (``store.clients``). Services that are at work on an
older prescription get an update; those that are done do not.
"""

from collections.abc import Iterator

from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import Client, Prescription
from footbridge.model.prescription.said import allows_contact
from footbridge.referrals.rows import PrescriptionRow, ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.clients import ByRequester, KnownClient, is_contact_prohibited, prohibited_since, stays_prohibited
from footbridge.store.prescriptions import newest_of_person

OF_THE_PERSON = ("name", "birth_date", "gender", "contacts", "address", "contact_note")
"""Members of ``client`` that hold for the person; the others (languages, identifiers) stay the prescription's own."""


def with_newest_client(unit: PrescriptionUnit) -> Prescription:
    """The prescription with its client as known now."""
    document = unit.prescription.document
    newest = _newest(unit)
    changes = {} if newest is None else of_the_person(newest)
    scope = unit.scope
    safe = not is_contact_prohibited(scope.connection, scope.tenant, unit.prescription.person)
    client = document.client.model_copy(update={**changes, "safe_to_contact": safe})
    return document.model_copy(update={"client": client})


def contact_warnings(row: PrescriptionRow, said: KnownClient, known: ByRequester) -> Iterator[Issue]:
    """What a prescriber should look at: contact that is allowed again, or that stays prohibited.

    Args:
        row: of a new prescription, not stored yet.
        said: what it says of contact.
        known: what was known of the person before.
    """
    since = prohibited_since(known)
    if said.contact == "prohibited" or since is None or row.document.authored < since:
        return
    if stays_prohibited(known, row.requester, said):
        rule = "client.still-prohibited"
        message = _(
            "Contact with this client was prohibited earlier, and this prescription does not change "
            "that: services get no phone number and no address. Whoever prohibited it can allow it "
            "again with safeToContact true."
        )
    else:
        rule = "client.safe-again"
        message = _(
            "An earlier prescription of this client prohibits contact and this one allows it: make "
            "sure that the client is safe."
        )
    yield Issue(rule, "warning", "business-rule", message, pointer="/client/safeToContact")


def at_work(row: ReferralRow) -> bool:
    """Whether somebody may still be doing it."""
    return not row.is_ended


def said_of(prescription: Prescription, patient: str) -> KnownClient:
    """What a prescription says of its client. Contact is allowed by an explicit ``true``, never by silence."""
    if not prescription.client.safe_to_contact:
        return KnownClient(patient, "prohibited", prescription.authored)
    return KnownClient(patient, "allowed" if allows_contact(prescription) else None, prescription.authored)


def _newest(unit: PrescriptionUnit) -> Client | None:
    """The client as the same requester wrote in its newest prescription, where that is another one."""
    row, scope = unit.prescription, unit.scope
    newest = newest_of_person(scope.connection, scope.tenant, row.person, row.requester)
    return None if newest is None or newest.id == row.id else PrescriptionRow.of(newest).document.client


def of_the_person(client: Client) -> dict[str, object]:
    """What a prescription says of the person: members by name."""
    return {name: getattr(client, name) for name in OF_THE_PERSON}
