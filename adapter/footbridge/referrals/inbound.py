"""Hears what a partner shows of a Task: once, in order, and turned into what our lifecycle makes of it.

A report passes the inbox once (partner, Task, version). An echo of what we wrote ourselves is known by its version.
Where the partner's copy shows another status than ours in the end, it is told what holds: the record's copy always,
a recipient's unless it ended there, for what a recipient says last of its own Task is its own.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from footbridge.errors import PartnerRefused
from footbridge.logs import get_logger
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.references import Resource, local
from footbridge.model.lifecycle import Applied, Ignored, Reported, Result, Which
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import TIMER, Principal
from footbridge.partners.ports import Network, TaskReport
from footbridge.referrals import resource_edits
from footbridge.referrals.events import apply_event
from footbridge.referrals.outputs import take_over
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.store import inbox, resource_rows
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import get_prescription
from footbridge.store.referrals import ReferralRecord, find_referral
from footbridge.store.remote_ids import Link, find_link, get_link, put_link
from footbridge.store.resource_rows import Scope
from footbridge.validation import Validator

_log = get_logger(__name__)

Outcome = Literal["applied", "ignored", "refused", "known", "echo", "not-ours", "read-again"]


@dataclass(frozen=True, slots=True)
class InboundReport:
    """A report, and the resources that its outputs refer to, as the partner has them.

    ``confirmed``: it was read from the partner because of a doubt, so it counts whatever came before.
    """

    report: TaskReport
    outputs: Sequence[Resource] = ()
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class _Meant:
    """The referral that a Task of ours belongs to, and which of its Tasks it is."""

    prescription: str
    referral: str
    which: Which


def referenced(network: Network, report: TaskReport) -> tuple[Resource, ...]:
    """What the outputs of a report refer to; nothing where the partner will not show it, for the status counts too."""
    try:
        return network.referenced(report)
    except PartnerRefused as error:
        _log.warning("output.not-shown", status=error.status)
        return ()


def is_new(scope: Scope, partner: Partner, report: TaskReport) -> bool:
    """Whether a report is about a Task of ours and shows another version than the one that we know."""
    link = _link(scope, partner, report)
    return link is not None and not _is_echo(link, report)


def process_report(scope: Scope, partner: Partner, said: InboundReport, validator: Validator) -> Outcome:
    """Let a report count. Writes in the scope's transaction.

    Returns what became of it; ``read-again`` when the partner must be asked once more (a tie in time).
    """
    resource_rows.lock(scope)
    report = said.report
    link = _link(scope, partner, report)
    meant = None if link is None else _meant(scope, partner, link.id)
    if link is None or meant is None:
        return "not-ours"
    if _is_echo(link, report) and not said.confirmed:
        return "echo"
    message = f"Task/{report.remote_id}/_history/{report.version or report.last_updated or report.status}"
    fresh = inbox.receive(scope.connection, scope.tenant, partner.name, message, scope.now)
    if not fresh and not said.confirmed:
        put_link(scope.connection, scope.tenant, _seen(link, report))
        return "known"
    with open_unit(scope, meant.prescription) as unit:
        result = _happen(unit, meant, partner, said, validator)
        if isinstance(result, Ignored) and result.read_again:
            return "read-again"
        differs = _differs(unit, meant, report) and not (isinstance(result, Ignored) and result.reason == "stale")
        seen = _seen(link, report)
        put_link(scope.connection, scope.tenant, replace(seen, sent=None) if differs else seen)
        if differs:
            _put_right(unit, meant, partner, report)
    outcome = _outcome(result)
    inbox.record(scope.connection, scope.tenant, partner.name, message, outcome)
    return outcome


def _put_right(unit: PrescriptionUnit, meant: _Meant, partner: Partner, report: TaskReport) -> None:
    """Tell the partner what holds; a person must know when a recipient has ended what is still open here."""
    unit.tell(partner.name)
    row = unit.row(_row(unit, meant))
    terminal = machine(row.machine).terminal
    if partner.role == "recipient" and report.status in terminal and row.status not in terminal:
        unit.note(TIMER, "needs-person", row.id, after=row.status, reason="ended-otherwise")


def _is_echo(link: Link, report: TaskReport) -> bool:
    return report.version is not None and report.version == link.remote_version


def _seen(link: Link, report: TaskReport) -> Link:
    return replace(link, remote_version=report.version or link.remote_version)


def _outcome(result: Result) -> inbox.Outcome:
    if isinstance(result, Applied):
        return "applied"
    return "ignored" if isinstance(result, Ignored) else "refused"


def _link(scope: Scope, partner: Partner, report: TaskReport) -> Link | None:
    """Which Task of ours it is: by the partner's id, or by our identifier in it when that id is new to us.

    A copy that the partner made of its Task, identifiers and all, is none of ours.
    """
    link = find_link(scope.connection, scope.tenant, partner.name, "Task", report.remote_id)
    if link is not None:
        return link
    for system, value in report.identifiers:
        if system == own_identifier_system() and _meant(scope, partner, value) is not None:
            paired = get_link(scope.connection, scope.tenant, partner.name, "Task", value)
            return Link(partner.name, "Task", value, report.remote_id) if paired is None else None
    return None


def _meant(scope: Scope, partner: Partner, task: str) -> _Meant | None:
    """What a Task of ours belongs to, when this partner has a say in it."""
    found = find_referral(scope.connection, scope.tenant, task)
    if found is not None:
        theirs = partner.name in {found.partner, _requester(scope, found.prescription)}
        return _Meant(found.prescription, found.id, "main") if theirs else None
    whole = _followed_up(scope, task) if partner.role == "requester" else None
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


def _row(unit: PrescriptionUnit, meant: _Meant) -> str:
    """The referral's id; the follow-up is that of the newest try."""
    return meant.referral if meant.which == "main" else newest_tries(unit.rows, None)[0].id


def _happen(
    unit: PrescriptionUnit, meant: _Meant, partner: Partner, said: InboundReport, validator: Validator
) -> Result:
    report = said.report
    role = "requester" if partner.role == "requester" else "recipient"
    principal = Principal(role, partner.name, name=partner.title, tenant=unit.scope.tenant, channel="network")
    event = Reported(
        report.status,
        report.last_updated or unit.scope.now,
        reason=report.reason_text,
        version=report.version,
        confirmed=said.confirmed,
        which=meant.which,
    )
    result = apply_event(unit, _row(unit, meant), event, principal)
    holds = isinstance(result, Applied) or (isinstance(result, Ignored) and result.reason == "no-change")
    if holds and meant.which == "main":
        _take_in(unit, meant.referral, partner, said, principal, validator)
    return result


def _take_in(
    unit: PrescriptionUnit,
    referral: str,
    partner: Partner,
    said: InboundReport,
    principal: Principal,
    validator: Validator,
) -> None:
    """What a report brings besides the status: the owner's finer status, and outputs."""
    report = said.report
    key = ("Task", unit.row(referral).task)
    before = unit.resource(key)
    if principal.role == "recipient":
        unit.edit(key, functools.partial(resource_edits.with_business_status, text=report.business_status))
    if report.outputs:
        outputs = take_over(unit, referral, principal, report, said.outputs, validator)
        unit.edit(key, functools.partial(resource_edits.with_outputs, outputs=outputs))
    after = unit.resource(key)
    if after.get("businessStatus") != before.get("businessStatus") and report.business_status is not None:
        unit.note(principal, "business-status", referral, reason=report.business_status)
    if after != before and unit.requester is not None and unit.requester.name != partner.name:
        unit.tell(unit.requester.name)


def _differs(unit: PrescriptionUnit, meant: _Meant, report: TaskReport) -> bool:
    """Whether the partner's copy shows another status than the one that holds."""
    state = unit.row(_row(unit, meant)).state
    task = state.task if meant.which == "main" else state.follow_up
    return task is not None and machine(task.machine).understand(report.status) != task.status
