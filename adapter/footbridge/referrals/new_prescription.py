"""How a prescription begins: its own row, and the row of its first referral."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime, time

from footbridge.model.lifecycle import begin
from footbridge.model.prescription import Prescription
from footbridge.referrals.rows import PrescriptionRow, ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit


def fingerprint(prescription: Prescription) -> str:
    """SHA-256 over a prescription's members: the same for documents that say the same."""
    return hashlib.sha256(prescription.model_dump_json(exclude_defaults=True).encode()).hexdigest()


def new_prescription_row(
    prescription: Prescription, keys: Mapping[str, Key], person: str, requester: str
) -> PrescriptionRow:
    """The prescription's row; ``keys``: type and id of the resource that plays each role."""
    return PrescriptionRow(
        id=str(uuid.uuid4()),
        requester=requester,
        document=prescription,
        person=person,
        status="active",
        fingerprint=fingerprint(prescription),
        resources={role: "/".join(key) for role, key in keys.items()},
    )


def new_referral(
    unit: PrescriptionUnit, keys: Mapping[str, Key], prescription: Prescription, partner: str | None
) -> ReferralRow:
    """The first referral, to that partner; a warm connection without one waits for a person."""
    waits = partner is None and prescription.kind == "warm-connection"
    state = begin(
        prescription.kind,
        requester=unit.requester.name if unit.requester else None,
        owner=partner,
        status="draft" if waits else None,
        goals=[role for role in keys if role.startswith("goal/")],
        follow_up="follow-up" in keys,
        service_request="service-request" in keys,
    )
    return ReferralRow(
        id=str(uuid.uuid4()),
        prescription=unit.prescription.id,
        parent=None,
        partner=partner,
        attempt=1,
        state=state,
        task=keys["task"][1],
        service_request=keys["service-request"][1] if "service-request" in keys else None,
        category=None,
        due=_due(prescription),
    )


def _due(prescription: Prescription) -> datetime | None:
    """The start of the follow-up's day, where the prescription was written."""
    if prescription.follow_up is None:
        return None
    return datetime.combine(prescription.follow_up.due, time.min, tzinfo=prescription.authored.tzinfo)
