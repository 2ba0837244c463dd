"""What partners say, taken in by one door: ``receive``.

Polls, webhooks, hosted writes, messages and clicks all come here as a value of ``ports.Inbound``. It passes the inbox
once (unique by partner and message id); our own change coming back (echo) is dropped; a partner has a say in its own
referrals only. Then the lifecycle decides: apply, ignore or refuse. Where the partner shows another status than ours
in the end, it gets an update: a requester always, a recipient unless it ended its own Task there, for what a recipient
says last of its own Task stands.
"""

import functools
from dataclasses import dataclass

from footbridge.mapping.references import local
from footbridge.model.lifecycle import Act, Applied, Ignored, Refused, Reported, Result, Which, allowed
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import TIMER, Principal
from footbridge.partners.ports import Appointment, Cancellation, Inbound, Message, Outcome, Report
from footbridge.referrals import resource_edits
from footbridge.referrals.appointments import book
from footbridge.referrals.events import apply_event
from footbridge.referrals.messages import store_message
from footbridge.referrals.outputs import take_over
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.store import inbox, resource_rows
from footbridge.store.network_context import WHOLE, put_context
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import find_prescription, get_prescription
from footbridge.store.referrals import ReferralRecord, find_referral
from footbridge.store.resource_rows import Scope

REFUSED_BEFORE = Outcome("refused", "It was refused when it came before; the timeline says why.")


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a value is about: a prescription, one of its referrals (None: the whole), which of its Tasks."""

    prescription: str
    referral: str | None
    which: Which = "main"


def receive(scope: Scope, partner: Partner, inbound: Inbound) -> Outcome:
    """Process one value, in the scope's transaction; ``Outcome.code`` says what became of it.

    Takes every value about a prescription that is known. A new one is for ``Intake``, an amended one for ``amendment``.
    """
    resource_rows.lock(scope)
    meant = _meant(scope, partner, inbound)
    if meant is None:
        return Outcome("not-ours", "This is not about a referral of this partner.")
    notes = inbound.notes
    if notes is not None and not inbound.confirmed and notes.is_echo(scope.connection):
        return Outcome("echo")
    fresh = inbox.receive(
        scope.connection, scope.tenant, partner.name, inbound.message_id, scope.now, prescription=meant.prescription
    )
    if not fresh and not inbound.confirmed:
        before = inbox.outcome_of(scope.connection, scope.tenant, partner.name, inbound.message_id)
        if before != inbox.RECEIVED:
            if notes is not None:
                notes.seen(scope.connection, differs=False)
            return REFUSED_BEFORE if before == "refused" else Outcome("known")
    with open_unit(scope, meant.prescription) as unit:
        outcome = _process(unit, meant, partner, inbound)
        if outcome.code == "read-again":
            return outcome
        if inbound.context is not None:
            about = _row(unit, meant).id if partner.role == "recipient" else WHOLE
            keep = functools.partial(put_context, scope.connection, scope.tenant, partner.name, meant.prescription)
            keep(inbound.context, referral=about)
    recorded: inbox.Outcome = outcome.code if outcome.code in {"applied", "refused"} else "ignored"
    inbox.record(scope.connection, scope.tenant, partner.name, inbound.message_id, recorded)
    return outcome


def note_unheard(scope: Scope, partner: Partner, inbound: Inbound) -> None:
    """Tell whoever looks after the referral that what its partner said of it could not be processed."""
    meant = _meant(scope, partner, inbound)
    if meant is not None:
        with open_unit(scope, meant.prescription) as unit:
            row = _row(unit, meant)
            unit.needs_person(TIMER, row, "not-processed")


def principal_of(scope: Scope, partner: Partner, inbound: Inbound) -> Principal:
    """Who says it: the partner's person where it names one, else the partner."""
    name = partner.title if inbound.by is None else inbound.by.name
    return Principal(partner.role, partner.name, name=name, tenant=scope.tenant, channel="network")


def _process(unit: PrescriptionUnit, meant: _Meant, partner: Partner, inbound: Inbound) -> Outcome:
    principal = principal_of(unit.scope, partner, inbound)
    row = _row(unit, meant)
    if inbound.deviation is not None:
        named = {"elements": list(inbound.deviation.kept), "rules": list(inbound.deviation.rules)}
        unit.note(principal, "deviation", row.id, detail={name: value for name, value in named.items() if value})
    match inbound:
        case Report():
            return _report(unit, row, meant.which, partner, principal, inbound)
        case Appointment():
            book(unit, row, principal, inbound)
        case Message():
            store_message(unit, row, principal, inbound)
        case Cancellation():
            reason = inbound.reason or "Cancelled by the requester."
            name = "withdraw" if "withdraw" in allowed(row.state, principal) else "cancel"  # of an order that rests
            event = Act(name, inbound.at or unit.scope.now, reason)
            return _outcome(unit, row.id, apply_event(unit, row.id, event, principal), principal)
        case _:
            return Outcome("failed", "A value of this kind is not supported.")
    return Outcome("applied", status=unit.row(row.id).status)


def _report(
    unit: PrescriptionUnit, row: ReferralRow, which: Which, partner: Partner, principal: Principal, said: Report
) -> Outcome:
    event = Reported(
        said.status,
        said.at or unit.scope.now,
        reason=said.reason,
        version=said.version,
        confirmed=said.confirmed,
        which=which,
    )
    result = apply_event(unit, row.id, event, principal)
    if isinstance(result, Ignored) and result.read_again:
        return Outcome("read-again")
    holds = isinstance(result, Applied) or (isinstance(result, Ignored) and result.reason == "no-change")
    taken = holds and which == "main"
    if taken:
        _take_in(unit, row.id, partner, said, principal)
    stale = isinstance(result, Ignored) and result.reason == "stale"
    differs = not stale and _differs(unit, row.id, which, said)
    if said.notes is not None:
        said.notes.seen(unit.scope.connection, differs=differs, taken=taken)
    if not stale and not differs and which == "main" and partner.name == row.partner:
        unit.heard(row.id)
    if differs:
        _put_right(unit, row.id, partner, said)
    return _outcome(unit, row.id, result, principal, which)


def _outcome(
    unit: PrescriptionUnit, referral: str, result: Result, principal: Principal, which: Which = "main"
) -> Outcome:
    state = unit.row(referral).state
    status = unit.row(referral).status if which == "main" or state.follow_up is None else state.follow_up.status
    if isinstance(result, Refused):
        return Outcome("refused", result.message, tuple(allowed(state, principal, which)), status)
    return Outcome("applied" if isinstance(result, Applied) else "ignored", status=status)


def _put_right(unit: PrescriptionUnit, referral: str, partner: Partner, said: Report) -> None:
    """Send the partner what holds; a person must know when a recipient has ended what is still open here."""
    unit.queue_update(partner.name)
    row = unit.row(referral)
    terminal = machine(row.machine).terminal
    if partner.role == "recipient" and said.status in terminal and row.status not in terminal:
        unit.needs_person(TIMER, row, "ended-otherwise")


def _meant(scope: Scope, partner: Partner, inbound: Inbound) -> _Meant | None:
    """What a value is about, where this partner has a say in it."""
    if inbound.key:
        return _of_key(scope, partner, inbound.key)
    if inbound.identifier is not None and partner.role == "requester":
        found = find_prescription(scope.connection, scope.tenant, partner.name, inbound.identifier)
        return None if found is None else _Meant(found.id, None)
    return None


def _of_key(scope: Scope, partner: Partner, key: str) -> _Meant | None:
    found = find_referral(scope.connection, scope.tenant, key)
    if found is not None:
        theirs = partner.name in {found.partner, _requester(scope, found.prescription)}
        return _Meant(found.prescription, found.id) if theirs else None
    whole = _followed_up(scope, key) if partner.role == "requester" else None
    if whole is None or _requester(scope, whole.prescription) != partner.name:
        return None
    return _Meant(whole.prescription, whole.id, "follow-up")


def _requester(scope: Scope, prescription: str) -> str:
    return get_prescription(scope.connection, scope.tenant, prescription).requester


def _followed_up(scope: Scope, task: str) -> ReferralRecord | None:
    """The referral that the follow-up of that id asks about."""
    stored = resource_rows.current(scope, "Task", task)
    wholes = [] if stored is None or stored.deleted else stored.resource.get("partOf", [])
    keys = [key for part in wholes if (key := local(part.get("reference", ""))) is not None]
    return next((found for _, one in keys if (found := find_referral(scope.connection, scope.tenant, one))), None)


def _row(unit: PrescriptionUnit, meant: _Meant) -> ReferralRow:
    """The referral; a follow-up, or the whole, is that of the newest try."""
    if meant.referral is not None and meant.which == "main":
        return unit.row(meant.referral)
    return newest_tries(unit.rows, None)[0]


def _take_in(unit: PrescriptionUnit, referral: str, partner: Partner, said: Report, principal: Principal) -> None:
    """What a report brings besides the status: the owner's finer status, and outputs."""
    key = ("Task", unit.row(referral).task)
    before = unit.resource(key)
    if principal.role == "recipient":
        unit.edit(key, functools.partial(resource_edits.with_business_status, text=said.detail))
    if said.outputs or said.not_taken:
        outputs = take_over(unit, referral, principal, said)
        unit.edit(key, functools.partial(resource_edits.with_outputs, outputs=outputs))
    after = unit.resource(key)
    if after.get("businessStatus") != before.get("businessStatus") and said.detail is not None:
        unit.note(principal, "business-status", referral, detail={"text": said.detail})
    if after != before and unit.requester is not None and unit.requester.name != partner.name:
        unit.queue_update(unit.requester.name)


def _differs(unit: PrescriptionUnit, referral: str, which: Which, said: Report) -> bool:
    """Whether the partner's copy shows another status than the one that holds."""
    state = unit.row(referral).state
    task = state.task if which == "main" else state.follow_up
    return task is not None and machine(task.machine).understand(said.status) != task.status
