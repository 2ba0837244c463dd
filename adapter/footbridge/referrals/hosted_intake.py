"""The intake for what hosted requesters prescribe on ``/fhir``, in the transaction that stores their resources.

A FHIR client is not asked again: what its consent leaves open, or a Patient that it never sent, puts the prescription
on hold, until the resource arrives or a person decides.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.model.holds import Hold
from footbridge.model.prescription import Prescription
from footbridge.model.principals import Principal
from footbridge.partners.ports import Absent, Amendment, Prescribed
from footbridge.referrals.amendment import amend
from footbridge.referrals.another_try import try_again
from footbridge.referrals.decided import CONSENT, RECORDS
from footbridge.referrals.intake import Intake
from footbridge.referrals.rows import PrescriptionRow
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import find_prescription
from footbridge.store.resource_rows import Scope

_REASONS = {"Patient": RECORDS, "Consent": CONSENT}
"""Why it waits, where a reference to such a resource leads nowhere."""


@dataclass(frozen=True, slots=True)
class HostedIntake:
    """A ``ports.Prescriptions``."""

    intake: Intake

    def prescribe(self, scope: Scope, partner: Partner, prescription: Prescription, absent: Absent) -> Prescribed:
        """As ``Prescriptions.prescribe``."""
        who, holds = _principal(scope, partner), _holds(absent)
        taken = self.intake.submit_within(scope, prescription, who, holds=holds, may_hold=_may_hold(absent))
        receipt = taken.receipt
        return Prescribed(receipt.id, receipt.created, taken.records, receipt.warnings)

    def amend(self, scope: Scope, partner: Partner, document: bytes, absent: Absent) -> Mapping[str, str]:
        """As ``Prescriptions.amend``."""
        said = Amendment(
            message_id=str(uuid.uuid4()),
            document=document,
            may_hold=_may_hold(absent),
            holds=tuple(hold for hold in _holds(absent) if hold.reason != CONSENT),
            details=_details(absent),
        )
        amend(scope, self.intake, _principal(scope, partner), said)
        identifier = Prescription.model_validate_json(document).identifier
        found = find_prescription(scope.connection, scope.tenant, partner.name, (identifier.system, identifier.value))
        if found is None:
            raise NotFoundError(_("No prescription has this identifier."))
        return PrescriptionRow.of(found).resources

    def ask_again(self, scope: Scope, partner: Partner, task: str, owner: str | None) -> Prescribed:
        """As ``Prescriptions.ask_again``."""
        newer = try_again(scope, _principal(scope, partner), task, owner)
        return Prescribed(newer.prescription, created=True, records={"task": f"Task/{newer.task}"})


def _details(absent: Absent) -> dict[str, dict[str, Any]]:
    return {_REASONS[type_]: {"references": list(references)} for type_, references in absent.items()}


def _holds(absent: Absent) -> Sequence[Hold]:
    return [Hold(reason, detail) for reason, detail in _details(absent).items()]


def _may_hold(absent: Absent) -> frozenset[str]:
    """Reasons of ``mappings/holds.json``: a client who was sent, and is not identified, is refused."""
    return frozenset({CONSENT, RECORDS} if "Patient" in absent else {CONSENT})


def _principal(scope: Scope, partner: Partner) -> Principal:
    return Principal("requester", partner.name, name=partner.title, tenant=scope.tenant, channel="network")
