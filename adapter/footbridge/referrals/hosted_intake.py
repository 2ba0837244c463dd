"""The intake for what hosted requesters prescribe on ``/fhir``, in the transaction that stores their resources.

A FHIR client is not asked again: what its consent leaves open, or a Patient that it never sent, puts the prescription
on hold, until the resource arrives or a person decides.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _
from footbridge.model.holds import Hold
from footbridge.model.prescription import Prescription
from footbridge.model.prescription.said import said_document
from footbridge.model.principals import Principal
from footbridge.partners.ports import Absent, Amendment, Prescribed, ReadAgain
from footbridge.referrals.amendment import amend, may_amend
from footbridge.referrals.another_try import newest_try, try_again
from footbridge.referrals.consent import ends_consent
from footbridge.referrals.decided import CONSENT, RECORDS
from footbridge.referrals.intake import Intake
from footbridge.referrals.rows import PrescriptionRow
from footbridge.referrals.unit import open_unit
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import get_prescription
from footbridge.store.referrals import find_referral
from footbridge.store.resource_rows import Scope

_OF_THE_FIRST_TASK = ("identifier", "kind", "authored", "service", "navigator")
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

    def may_amend(self, scope: Scope, task: str) -> bool:
        """As ``Prescriptions.may_amend``."""
        known = find_referral(scope.connection, scope.tenant, task)
        if known is None:
            return False
        with open_unit(scope, known.prescription) as unit:
            return newest_try(unit, known).task == task and may_amend(unit)

    def amend(self, scope: Scope, partner: Partner, read: ReadAgain) -> Mapping[str, str]:
        """As ``Prescriptions.amend``."""
        known = find_referral(scope.connection, scope.tenant, read.task)
        if known is None:
            raise NotFoundError(_("No referral has this Task."))
        older = _prescription(scope, known.prescription).document
        said = Amendment(
            message_id=str(uuid.uuid4()),
            document=said_document(_of_the_order(older, read.prescription, first=known.attempt == 1)).encode(),
            may_hold=_may_hold(read.absent),
            holds=tuple(hold for hold in _holds(read.absent) if hold.reason != CONSENT),
            details=_details(read.absent),
        )
        amend(scope, self.intake, _principal(scope, partner), said, known.prescription)
        return _prescription(scope, known.prescription).resources

    def ask_again(self, scope: Scope, partner: Partner, read: ReadAgain, owner: str | None) -> Prescribed:
        """As ``Prescriptions.ask_again``."""
        if ends_consent(read.prescription):
            raise ConflictError(
                _("The client does not consent: nobody is asked again. Write a new prescription with a new consent.")
            )
        newer = try_again(scope, _principal(scope, partner), read.task, owner)
        records = self.amend(scope, partner, replace(read, task=newer.task))
        return Prescribed(newer.prescription, created=True, records={**records, "task": f"Task/{newer.task}"})


def _prescription(scope: Scope, identity: str) -> PrescriptionRow:
    return PrescriptionRow.of(get_prescription(scope.connection, scope.tenant, identity))


def _of_the_order(older: Prescription, newer: Prescription, *, first: bool) -> Prescription:
    """What is prescribed now, in the order of before, whose identifier stays.

    The Task of another try changes neither the kind nor whom the first one named, and need not say again what that said
    of supports and follow-up.
    """
    if first:
        return newer.model_copy(update={"identifier": older.identifier})
    kept = {name: getattr(older, name) for name in _OF_THE_FIRST_TASK}
    kept |= {name: getattr(newer, name) or getattr(older, name) for name in ("supports", "follow_up")}
    return newer.model_copy(update=kept)


def _details(absent: Absent) -> dict[str, dict[str, Any]]:
    return {_REASONS[type_]: {"references": list(references)} for type_, references in absent.items()}


def _holds(absent: Absent) -> Sequence[Hold]:
    return [Hold(reason, detail) for reason, detail in _details(absent).items()]


def _may_hold(absent: Absent) -> frozenset[str]:
    """Reasons of ``mappings/holds.json``: a client who was sent, and is not identified, is refused."""
    return frozenset({CONSENT, RECORDS} if "Patient" in absent else {CONSENT})


def _principal(scope: Scope, partner: Partner) -> Principal:
    return Principal("requester", partner.name, name=partner.title, tenant=scope.tenant, channel="network")
