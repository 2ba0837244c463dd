"""Passes on what a requester's system attached to a referral: its letter and attachments, to whom that is allowed.

A network of requesters fetches and stores them (``store.ocean_documents``), then plans a job of the kind ``KIND`` about
the prescription. Each document goes to each service at work that may have it (``security.disclosure``) by the outbox,
as a message of its own, in FHIR as a DocumentReference (https://hl7.org/fhir/R4/documentreference.html). Who may have
it is asked again at the moment of sending. To everybody else nothing goes, not even that there is a document.
"""

import functools
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from footbridge.jobs.job import Job, Result
from footbridge.model.clock import Clock
from footbridge.model.principals import Principal
from footbridge.partners.ports import ActingPerson, Document, Outgoing, OutgoingMessage
from footbridge.referrals.demographics import at_work, with_newest_client
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, open_unit
from footbridge.security.access import may, sees_whole
from footbridge.security.disclosure import may_have_documents
from footbridge.store import ocean_documents
from footbridge.store.engine import Database
from footbridge.store.ocean_documents import SHARE
from footbridge.store.resource_rows import Scope

KIND: Final = SHARE
"""Kind of the job; its subject is the prescription."""

_TYPE: Final = "DocumentReference/"


def is_document(reference: str) -> bool:
    """Whether a message of the outbox is a document, not words."""
    return reference.startswith(_TYPE)


def share_documents(unit: PrescriptionUnit) -> None:
    """Queue each stored document for each service that may have it; one that was queued already is not queued again."""
    rows = [row for row in unit.rows if _may_have(unit, row)]
    if not rows:
        return
    scope = unit.scope
    for document in ocean_documents.of_prescription(scope.connection, scope.tenant, unit.prescription.id):
        for row in rows if document.state == ocean_documents.STORED else ():
            unit.enqueue_message(str(row.partner), row, f"{_TYPE}{document.id}")


def may_go(unit: PrescriptionUnit, row: ReferralRow, reference: str) -> bool:
    """Whether a queued document may still go to the service of a referral, and is still there."""
    return _may_have(unit, row) and _stored(unit.scope, reference) is not None


def document_message(scope: Scope, about: Outgoing, reference: str) -> OutgoingMessage:
    """A stored document as a network sends it. Raises LookupError where it was deleted meanwhile."""
    row = _stored(scope, reference)
    if row is None:
        raise LookupError("a document of a referral is missing")
    sender = ActingPerson(about.document.requester.organization.name, "requester")
    document = Document(row.kind, row.media_type, row.content)
    return OutgoingMessage(about, id=row.id, text="", sender=sender, sent=row.created, documents=(document,))


def note_passed_on(unit: PrescriptionUnit, principal: Principal, referral: str, reference: str) -> None:
    """Say in the timeline that a service has a document; its title may name the client, so it is not said."""
    row = _stored(unit.scope, reference)
    if row is not None:
        unit.note(principal, "document", referral, detail={"mediaType": row.media_type})


def documents_seen(unit: PrescriptionUnit, row: ReferralRow, who: Principal) -> Sequence[Row[*tuple[Any, ...]]]:
    """The documents of a referral that a user may read, without their content: those fetched, and those to come.

    Who sees the prescription whole sees them; a worker of a service where the service may have them.
    """
    if not may(who, "document.read") or not (sees_whole(who) or _may_have(unit, row)):
        return []
    scope = unit.scope
    return ocean_documents.of_prescription(scope.connection, scope.tenant, unit.prescription.id)


class Sharing:
    """The handler of jobs that pass documents on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def share(self, job: Job) -> Result:
        """Queue the documents of a prescription."""
        return Result(functools.partial(self._share, job))

    def _share(self, job: Job, connection: Connection) -> None:
        with open_unit(Scope(connection, job.tenant, self._clock.now()), job.subject or "") as unit:
            share_documents(unit)


def _may_have(unit: PrescriptionUnit, row: ReferralRow) -> bool:
    partner = unit.partners.get(row.partner or "")
    if partner is None or partner.role != "recipient" or not at_work(row):
        return False
    document = with_newest_client(unit)
    return may_have_documents(document, custodian=partner.custodian, part=row.parent is not None)


def _stored(scope: Scope, reference: str) -> Row[*tuple[Any, ...]] | None:
    row = ocean_documents.find(scope.connection, scope.tenant, reference.removeprefix(_TYPE))
    return row if row is not None and row.state == ocean_documents.STORED and row.content is not None else None
