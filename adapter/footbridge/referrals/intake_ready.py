"""Taking in, the third step: all that is to be stored is made ready before the write transaction.

Others wait for that transaction. Who is asked first is known here, and what has to be decided before anything leaves.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from footbridge.mapping.references import Resource
from footbridge.model.holds import Hold, hold_of_rule
from footbridge.model.issues import Issue
from footbridge.model.prescription.said import said_document
from footbridge.referrals import reassignment
from footbridge.referrals.chosen_service import not_verified
from footbridge.referrals.decided import CONSENT
from footbridge.referrals.demographics import contact_warnings
from footbridge.referrals.holds import SERVICE, held_by_consent
from footbridge.referrals.intake_mapping import Plan
from footbridge.referrals.new_prescription import StoredResources, new_prescription_row, new_referral
from footbridge.referrals.routing import first_partner
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit, status_of
from footbridge.store.clients import KnownClient
from footbridge.store.partners import Partner
from footbridge.store.prepared import PreparedResource, prepare
from footbridge.store.prescriptions import PrescriptionRecord
from footbridge.store.resource_rows import Scope


@dataclass(frozen=True, slots=True)
class Ready:
    """What is to be stored, and who is asked first."""

    unit: PrescriptionUnit
    row: ReferralRow
    record: PrescriptionRecord  # but for the moment of writing
    partner: str | None
    prepared: Sequence[PreparedResource]
    present: Collection[Key]  # resources that were there before: a client, a service, a professional
    patient: Resource | None  # to bring up to date; None for a client who is new to this requester
    said: KnownClient
    is_new: bool  # nobody in the tenant knew the person
    warnings: tuple[Issue, ...]
    holds: Mapping[str, Hold]  # by reason
    others: frozenset[str]  # people who have an identifier of the client, and are somebody else


def make_ready(scope: Scope, plan: Plan, *, by_route: bool = True) -> Ready:
    """Everything that does not need the write transaction, which others wait for; ``by_route`` as ``first_partner``."""
    kept = StoredResources.of(plan.mapped)
    text = said_document(plan.prescription)
    order = new_prescription_row(plan.prescription, kept.keys, plan.person, plan.requester, text)
    unit = PrescriptionUnit(scope, order, [], plan.partners)
    unit.narrative = plan.mapped.context.narrative
    partner, warning = first_partner(unit, plan.prescription, by_route=by_route)
    holds = _holds(plan, None if partner is None else unit.partners[partner])
    if holds:
        partner = None
    if SERVICE in holds:
        warning = (not_verified(),)
    row = new_referral(unit, kept.keys, plan.prescription, partner, is_held=bool(holds))
    unit.prescription = replace(unit.prescription, status=status_of([row]))
    resources = kept.begun(row, None if partner is None else reassignment.organization(unit, partner))
    new = unit.new_among(resources)
    present = {key_of(one) for one in resources} - {key_of(one) for one in new}
    prepared = [prepare(one) for one in new]
    warnings = (*plan.warnings, *warning, *contact_warnings(unit.prescription, plan.said, plan.known))
    patient = kept.patient if plan.requester in plan.known else None
    record = unit.prescription.record(scope.now, text)
    is_new = not plan.known
    return Ready(
        unit, row, record, partner, prepared, present, patient, plan.said, is_new, warnings, holds, plan.others
    )


def _holds(plan: Plan, partner: Partner | None) -> Mapping[str, Hold]:
    """What has to be decided before anything leaves, each question once; a signpost tells nobody but the client."""
    found = {hold.reason: hold for hold in plan.holds if hold.reason != CONSENT}
    details = {hold.reason: hold.detail for hold in plan.holds}
    rules = plan.held
    of_consent = [rule for rule in rules if hold_of_rule(rule) == CONSENT]
    implied = plan.prescription
    if implied.jurisdiction is None:
        implied = implied.model_copy(update={"jurisdiction": plan.mapped.context.jurisdiction})
    for rule in rules:
        reason = hold_of_rule(rule)
        if reason != CONSENT or held_by_consent(implied, of_consent, partner):
            found.setdefault(reason, Hold(reason, details.get(reason, {})))
    if plan.is_stale and plan.prescription.kind == "warm-connection":
        found.setdefault(SERVICE, Hold(SERVICE))
    return found


def key_of(resource: Resource) -> Key:
    """Type and id of a resource."""
    return resource["resourceType"], resource["id"]
