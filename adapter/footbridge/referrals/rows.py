"""Prescriptions and referrals as sync works with them: the store's records, their JSON read into types."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from footbridge.model.lifecycle import ReferralState, from_dict, to_dict
from footbridge.model.lifecycle.tables import machine
from footbridge.model.prescription import Prescription
from footbridge.model.prescription.said import said_document
from footbridge.store.prescriptions import PrescriptionRecord
from footbridge.store.referrals import ReferralRecord


@dataclass(frozen=True, slots=True)
class PrescriptionRow:
    """One prescription.

    Attributes:
        id: ours.
        requester: the partner that it came from; empty for the tenant's own users.
        document: what was prescribed.
        person: pseudonymous id of the client.
        status: as in ``mappings/prescription-status.json``.
        fingerprint: of the document (``model.prescription.said``).
        resources: role of a resource in the mapping -> ``Type/id`` of ours.
    """

    id: str
    requester: str
    document: Prescription
    person: str
    status: str
    fingerprint: str
    resources: Mapping[str, str]

    @classmethod
    def of(cls, record: PrescriptionRecord) -> "PrescriptionRow":
        """Read the store's record."""
        document = Prescription.model_validate_json(record.document)
        return cls(
            record.id,
            record.requester,
            document,
            record.person,
            record.status,
            record.fingerprint,
            record.resources,
        )

    def record(self, now: datetime, text: str | None = None) -> PrescriptionRecord:
        """The record of a new prescription; ``text`` is that of its document, where it was made already."""
        document = self.document
        return PrescriptionRecord(
            id=self.id,
            requester=self.requester,
            identifier_system=document.identifier.system,
            identifier_value=document.identifier.value,
            kind=document.kind,
            categories=tuple(dict.fromkeys(need.category for need in document.needs)),
            person=self.person,
            status=self.status,
            authored=document.authored,
            created=now,
            updated=now,
            document=said_document(document) if text is None else text,
            fingerprint=self.fingerprint,
            resources=self.resources,
            priority=document.priority,
        )


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One try of a referral or of a part of one: a Task of ours and how far it is.

    Attributes:
        id: ours.
        prescription: that it carries out.
        parent: the referral that it is a part of.
        attempt: 1 for the first try.
        partner: who is asked to do it; None: nobody yet, or our own side.
        state: Task, ServiceRequest, Goals and follow-up together.
        task, service_request: ids of our resources.
        category: the SDOH category of a part.
        due: the follow-up's day.
    """

    id: str
    prescription: str
    parent: str | None
    attempt: int
    partner: str | None
    state: ReferralState
    task: str
    service_request: str | None
    category: str | None = None
    due: datetime | None = None

    @property
    def machine(self) -> str:
        """Which table its Task follows: ``referral`` or ``patient``."""
        return self.state.task.machine

    @property
    def status(self) -> str:
        """Task.status."""
        return self.state.task.status

    @property
    def is_ended(self) -> bool:
        """Whether nobody is at work on it any more."""
        return self.status in machine(self.machine).terminal

    @classmethod
    def of(cls, record: ReferralRecord) -> "ReferralRow":
        """Read the store's record."""
        return cls(
            id=record.id,
            prescription=record.prescription,
            parent=record.parent,
            attempt=record.attempt,
            partner=record.partner,
            state=from_dict(orjson.loads(record.state)),
            task=record.task,
            service_request=record.service_request,
            category=record.category,
            due=record.due,
        )

    def record(self, now: datetime) -> ReferralRecord:
        """The store's record of it."""
        return ReferralRecord(
            id=self.id,
            prescription=self.prescription,
            parent=self.parent,
            machine=self.machine,
            partner=self.partner,
            attempt=self.attempt,
            state=orjson.dumps(to_dict(self.state)).decode(),
            status=self.status,
            task=self.task,
            service_request=self.service_request,
            category=self.category,
            due=self.due,
            updated=now,
            follow_up=None if self.state.follow_up is None else self.state.follow_up.status,
        )
