"""A prescription that its requester changed: the newer document takes the place of the older one, and services follow.

The identifier, the kind and the client stay; what else changed is mapped anew onto the same resources, which keep how
far things are (``mappings/amendment.json``). Services that are at work get it with their next update.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _
from footbridge.jobs.queue import JobQueue
from footbridge.mapping.validate_input import Accepted
from footbridge.model.holds import Hold, hold_of_rule, rules_of
from footbridge.model.lifecycle import GoalState, ReferralState
from footbridge.model.lifecycle.begin import first_task
from footbridge.model.lifecycle.tables import machine
from footbridge.model.prescription import Prescription
from footbridge.model.prescription.rules_of_consent import end_of_consent
from footbridge.model.prescription.said import fingerprint, is_unchanged, said_document
from footbridge.model.principals import Principal
from footbridge.partners.ports import Amendment
from footbridge.referrals.amended_records import replace_records
from footbridge.referrals.client_updates import propagate_client
from footbridge.referrals.consent import ends_consent, is_over, require_consent, withdraw
from footbridge.referrals.deadlines import set_end_of_consent
from footbridge.referrals.decided import CONSENT, NEEDS, RECORDS, Decided, still_open, with_decisions
from footbridge.referrals.demographics import at_work, said_of
from footbridge.referrals.holds import held_by_consent, open_holds, put, release, whole
from footbridge.referrals.intake import Intake
from footbridge.referrals.late_client import is_unknown, settle_person
from footbridge.referrals.new_prescription import StoredResources, follow_up_day, map_again
from footbridge.referrals.recognition import identifiers_of, recognise
from footbridge.referrals.routing import first_partner
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.security.access import requester_of
from footbridge.store.holds import holds_of
from footbridge.store.network_context import put_context
from footbridge.store.partners import Partner
from footbridge.store.patient_ids import person_of
from footbridge.store.prescriptions import find_prescription, replace_document
from footbridge.store.resource_rows import Scope

ENDED = frozenset({"completed", "failed", "cancelled", "entered-in-error"})


def amend(scope: Scope, intake: Intake, principal: Principal, said: Amendment, known: str | None = None) -> str:
    """Put a newer document in the place of a prescription's, in the scope's transaction; returns the status.

    ``known`` is the prescription's id; None: it is found by its identifier.

    Raises:
        PrescriptionError: the document has faults; it names every one.
        NotFoundError: the requester has no prescription of that identifier.
        ConflictError: it has ended, or the document is about another client or of another kind.
        MappingFault: our own mapping failed; never the requester's fault.
    """
    accepted = intake.accept(said.document, principal.tenant, rules_of(said.may_hold))
    identity = known or _of_identifier(scope, principal, accepted.prescription)
    with open_unit(scope, identity) as unit:
        older = unit.prescription.document
        if is_unchanged(accepted.prescription, unit.prescription.fingerprint):
            return unit.status
        decided = with_decisions(accepted.prescription, older, holds_of(scope.connection, scope.tenant, identity))
        newer = decided.prescription
        _must_fit(unit, newer)
        if ends_consent(newer):
            withdraw(unit, principal, scope.now, None)
            return unit.status
        put_in_place(unit, intake, newer, fingerprint=fingerprint(accepted.prescription))
        if said.context is not None and principal.partner is not None:
            put_context(scope.connection, scope.tenant, principal.partner, identity, said.context)
        unit.note(principal, "amended", None, detail={"members": list(changed_members(older, newer))})
        asked = _questions(unit, said, accepted, decided)
        put(unit, asked)
        for reason in {hold.reason for hold in open_holds(unit)} & {CONSENT, NEEDS, RECORDS} - asked.keys():
            release(unit, principal, reason, scope.now)  # the newer document answers it itself
        return unit.status


def _of_identifier(scope: Scope, principal: Principal, prescription: Prescription) -> str:
    identifier = (prescription.identifier.system, prescription.identifier.value)
    requester = requester_of(scope.connection, principal)
    found = find_prescription(scope.connection, scope.tenant, requester, identifier)
    if found is None:
        raise NotFoundError(_("No prescription has this identifier."))
    return found.id


def may_amend(unit: PrescriptionUnit) -> bool:
    """Whether the prescription has not ended, and consent to it neither."""
    return unit.status not in ENDED and not is_over(unit)


def put_in_place(
    unit: PrescriptionUnit, intake: Intake, newer: Prescription, *, fingerprint: str | None = None
) -> None:
    """Put a newer document in the place of the prescription's: our records, services at work and requester follow.

    ``fingerprint``: of what the requester said, so that it recognises a repeat; that of the older document when None.
    """
    older = unit.prescription.document
    stored = map_again(unit, newer)
    intake.check(stored.resources, stored.mapped)
    _store(unit, newer, stored, fingerprint or unit.prescription.fingerprint)
    propagate_client(unit, stored.patient, said_of(newer, unit.patient), before=older.client)
    services = {row.partner for row in unit.rows if at_work(row)}
    for partner in (services | {unit.prescription.requester}) - {None, ""}:  # the requester sees what became of it
        unit.queue_update(str(partner))


def _questions(unit: PrescriptionUnit, said: Amendment, accepted: Accepted, decided: Decided) -> dict[str, Hold]:
    """What has to be decided about the document as it is now, by reason."""
    raised = {hold.reason: hold for hold in still_open(said.holds, decided)}
    rules = [issue.rule for issue in accepted.held if hold_of_rule(issue.rule) == CONSENT]
    newer = unit.prescription.document
    if not is_unknown(newer):
        raised.pop(RECORDS, None)
    if newer.consent == accepted.prescription.consent and held_by_consent(newer, rules, _partner(unit)):
        raised.setdefault(CONSENT, Hold(CONSENT, said.details.get(CONSENT, {})))
    return raised


def _partner(unit: PrescriptionUnit) -> Partner | None:
    """Who has the referral, or would get it."""
    name = whole(unit).partner or first_partner(unit, unit.prescription.document)[0]
    return None if name is None else unit.partners.get(name)


def changed_members(older: Prescription, newer: Prescription) -> Iterator[str]:
    """JSON Pointers of the members that differ, two steps deep at most; never a value."""
    before, after = (json.loads(said_document(one)) for one in (older, newer))
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            yield from (f"/{name}/{one}" for one in sorted(was.keys() | now.keys()) if was.get(one) != now.get(one))
        else:
            yield f"/{name}"


def _must_fit(unit: PrescriptionUnit, newer: Prescription) -> None:
    older = unit.prescription.document
    if unit.status in ENDED:
        raise ConflictError(_("The prescription has ended: write a new one instead of amending it."))
    require_consent(unit)
    if newer.kind != older.kind:
        raise ConflictError(_("The kind of a prescription cannot be amended: cancel it and write a new one."))
    if is_unknown(older):
        settle_person(unit, newer.client)
        return
    person = unit.prescription.person
    known, others = recognise(unit.scope, newer.client, person)
    # somebody with identifiers is recognised by one of them; who never had any may get the first
    if known != person and (known is not None or older.client.identifiers):
        raise ConflictError(_("The amended prescription is about another client: write a new one."))
    person_of(unit.scope.connection, unit.scope.tenant, identifiers_of(newer.client), person, others)


def _store(unit: PrescriptionUnit, newer: Prescription, stored: StoredResources, said: str) -> None:
    row = unit.prescription
    resources = replace_records(unit, stored)
    unit.prescription = replace(row, document=newer, fingerprint=said, resources=resources)
    record = unit.prescription.record(unit.scope.now)
    replace_document(unit.scope.connection, unit.scope.tenant, record)
    whole = newest_tries(unit.rows, None)[0]
    state = _with_goals(whole.state, row.resources, resources)
    due = follow_up_day(newer)
    if (due is None) != (row.document.follow_up is None) or due != whole.due:
        state = _with_follow_up(unit, state, due)
    unit.save(whole, replace(whole, state=state, due=due))
    if end_of_consent(row.document) != end_of_consent(newer):
        set_end_of_consent(unit)


def _with_goals(state: ReferralState, before: Mapping[str, str], now: Mapping[str, str]) -> ReferralState:
    """The state with the goals that are prescribed now: one that stays keeps how far it is, in whichever place.

    ``before``, ``now``: our record by role.
    """
    roles = {one: role for role, one in now.items() if role.startswith("goal/")}
    moved = {role: roles[one] for role, one in before.items() if one in roles}
    kept = {moved[goal.key]: goal for goal in state.goals if goal.key in moved}
    goals = (replace(kept[role], key=role) if role in kept else GoalState(role, "active") for role in roles.values())
    answer = state.answer
    if answer is not None:
        answer = replace(answer, goals=tuple((moved[key], code) for key, code in answer.goals if key in moved))
    return replace(state, goals=tuple(goals), answer=answer)


def _with_follow_up(unit: PrescriptionUnit, state: ReferralState, due: datetime | None) -> ReferralState:
    """The state with its follow-up planned for another day, planned first, or planned no more."""
    tenant, queue = unit.scope.tenant, JobQueue(unit.scope.connection)
    if due is None:
        queue.cancel(tenant=tenant, kind="follow-up", subject=unit.prescription.id)
        return replace(state, follow_up=None, follow_up_due=False)
    planned = state.follow_up or first_task("follow-up", None)
    if planned.status in machine("follow-up").terminal:
        return state
    queue.plan(tenant=tenant, kind="follow-up", subject=unit.prescription.id, due=due)
    return replace(state, follow_up=planned, follow_up_due=False)
