"""The intake for what hosted requesters prescribe on ``/fhir``, in the transaction that stores their resources.

A FHIR client is not asked again: what its consent leaves open puts the prescription on hold, until a person decides.
"""

import uuid
from dataclasses import dataclass

from footbridge.model.principals import Principal
from footbridge.partners.ports import Amendment, Prescribed
from footbridge.referrals.amendment import amend
from footbridge.referrals.intake import Intake
from footbridge.store.partners import Partner
from footbridge.store.resource_rows import Scope

MAY_HOLD = ("consent",)
"""Reasons of ``mappings/holds.json``."""


@dataclass(frozen=True, slots=True)
class HostedIntake:
    """A ``ports.Prescriptions``."""

    intake: Intake

    def prescribe(self, scope: Scope, partner: Partner, document: bytes) -> Prescribed:
        """As ``Prescriptions.prescribe``."""
        taken = self.intake.submit_within(scope, document, _principal(scope, partner), may_hold=MAY_HOLD)
        receipt = taken.receipt
        return Prescribed(receipt.id, receipt.created, taken.records, receipt.warnings)

    def amend(self, scope: Scope, partner: Partner, document: bytes) -> None:
        """As ``Prescriptions.amend``."""
        said = Amendment(message_id=str(uuid.uuid4()), document=document)
        amend(scope, self.intake, _principal(scope, partner), said)


def _principal(scope: Scope, partner: Partner) -> Principal:
    return Principal("requester", partner.name, name=partner.title, tenant=scope.tenant, channel="network")
