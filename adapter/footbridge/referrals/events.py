"""What follows when something happens to a referral: ask the lifecycle, write it down, pass it on.

Every status change of Footbridge goes through ``happen``: an API call, a partner's report, a timer.
"""

import functools
from typing import Any

from footbridge.data import read_json
from footbridge.model.events import step_name
from footbridge.model.lifecycle import (
    Act,
    Answered,
    Applied,
    CancelParts,
    Effect,
    Event,
    GoalChanged,
    NeedsPerson,
    OwnerChanged,
    Refused,
    Reported,
    Result,
    ServiceRequestStatusChanged,
    TaskStatusChanged,
    TellPartner,
    TryAnotherPartner,
    apply,
    roll_up,
)
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import TIMER, Principal
from footbridge.referrals import reassignment, resource_edits
from footbridge.referrals.erasure import settle_disclosure
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit, newest_tries

WHOLE_CANCELLED = "The whole referral was cancelled."


def apply_event(unit: PrescriptionUnit, referral: str, event: Event, principal: Principal) -> Result:
    """Let an event happen to one referral, with all that follows from it.

    A refusal changes nothing but the timeline, and that only when a partner made it: our own callers are told.
    """
    row = unit.row(referral)
    result = apply(row.state, event, principal)
    row = unit.save_state(row, result.state)
    if (
        isinstance(result, Refused)
        and principal.origin is not None
        and not _is_left_behind(unit, row, event, principal)
    ):
        unit.note(
            principal,
            "refused",
            row.id,
            before=row.status,
            at=event.at,
            detail={"code": result.code, "message": result.message},
        )
    if isinstance(result, Applied):
        if getattr(event, "which", "main") == "main":
            unit.heard(row.id)
        _write_down(unit, row, event, principal, result)
        for effect in result.effects:
            _follow(unit, row, effect, event, principal)
        _tell_back(unit, event, principal, result)
        _roll_up(unit, row, event)
        settle_disclosure(unit, unit.row(row.id))
        _settle_supports(unit)
    return result


def _is_left_behind(unit: PrescriptionUnit, row: ReferralRow, event: Event, principal: Principal) -> bool:
    """Whether a partner's copy shows what it was sent with: its system said nothing at all.

    What its own worker decided in the portal reaches the copy by the next update. A partner that works on our server
    is told of a refusal when it writes.
    """
    task = row.state.task
    if not isinstance(event, Reported) or event.which != "main" or event.status != machine(task.machine).starts:
        return False
    partner = unit.partners.get(principal.partner or "")
    last = task.last_report(principal.reporter)
    return (partner is not None and partner.network == "hosted") or last is None or last.status == event.status


def _write_down(unit: PrescriptionUnit, row: ReferralRow, event: Event, principal: Principal, result: Applied) -> None:
    reason = getattr(event, "reason", None)
    if isinstance(event, Answered):
        answers = {
            "happened": event.happened,
            "barriers": list(event.barriers) or None,
            "satisfaction": event.satisfaction,
        }
        said = {name: value for name, value in answers.items() if value is not None}
        unit.note(principal, "answered", row.id, at=event.at, reason=reason, detail=said)
    given = next((step for step in reversed(result.steps) if not step.inferred), None) or (result.steps or [None])[-1]
    for step in result.steps:
        unit.note(
            principal,
            step_name(step.which, step.event),
            row.id,
            before=step.before,
            after=step.after,
            inferred=step.inferred,
            at=event.at,
            reason=reason if step is given else None,  # with the step that was asked for, not with what it implies
        )
    if not result.steps and not isinstance(event, Answered):
        name = step_name(getattr(event, "which", "main"), event.name if isinstance(event, Act) else "reported")
        unit.note(principal, name, row.id, before=row.status, after=row.status, at=event.at, reason=reason)


def _tell_back(unit: PrescriptionUnit, event: Event, principal: Principal, result: Applied) -> None:
    """A partner that moved one resource hears what followed for the others of which it has a copy."""
    if principal.origin is None:
        return
    moved = getattr(event, "which", "main")
    for effect in result.effects:
        followed = isinstance(effect, ServiceRequestStatusChanged) or (
            principal.role == "requester"
            and (isinstance(effect, GoalChanged) or (isinstance(effect, TaskStatusChanged) and effect.which != moved))
        )
        if followed:
            unit.queue_update(principal.origin)


def _follow(unit: PrescriptionUnit, row: ReferralRow, effect: Effect, event: Event, principal: Principal) -> None:
    match effect:
        case TaskStatusChanged():
            edit = functools.partial(resource_edits.with_task_status, change=effect, at=event.at)
            unit.edit(task_key(unit, row, effect.which), edit)
        case OwnerChanged():
            _own(unit, row, effect)
        case ServiceRequestStatusChanged():
            unit.edit(request_key(row), functools.partial(resource_edits.with_request_status, status=effect.after))
            if row.partner is not None:  # also when the news came from there: the order is not the partner's to close
                unit.queue_update(row.partner)
        case GoalChanged():
            unit.edit(
                unit.role(effect.goal), functools.partial(resource_edits.with_goal_status, change=effect, at=event.at)
            )
            unit.note(principal, "goal-changed", row.id, at=event.at, detail=_goal(effect))
        case TryAnotherPartner():
            if not reassignment.reassign(unit, unit.row(row.id), principal, effect.preferred):
                apply_event(unit, row.id, Act("no-other-partner", event.at), TIMER)
        case NeedsPerson():
            unit.needs_person(TIMER, row, effect.why)
        case CancelParts():
            _cancel_parts(unit, row, event)
        case TellPartner():
            unit.queue_update(effect.partner)


def _goal(effect: GoalChanged) -> dict[str, Any]:
    known = {} if effect.achievement is None else {"achievement": effect.achievement}
    return {"goal": effect.goal, "lifecycle": effect.lifecycle, **known}


def _own(unit: PrescriptionUnit, row: ReferralRow, effect: OwnerChanged) -> None:
    owner = reassignment.owner_reference(unit, effect.owner)
    unit.edit(task_key(unit, row, effect.which), functools.partial(resource_edits.with_owner, owner=owner))
    if unit.requester is not None:
        unit.enqueue_delivery(unit.requester.name, row, [reassignment.organization_key(unit, effect.owner)])


def _cancel_parts(unit: PrescriptionUnit, row: ReferralRow, event: Event) -> None:
    requester = Principal("requester", name="whole", channel="timer")
    for part in newest_tries(unit.rows, row.id):
        if part.status not in machine(part.state.task.machine).terminal:
            apply_event(unit, part.id, Act("cancel", event.at, reason=WHOLE_CANCELLED), requester)


def _roll_up(unit: PrescriptionUnit, row: ReferralRow, event: Event) -> None:
    """Let the whole follow its parts."""
    if row.parent is None:
        return
    parts = [part.state for part in newest_tries(unit.rows, row.parent)]
    said = roll_up(parts, event.at)
    if said is not None:
        apply_event(unit, row.parent, said, TIMER)


def task_key(unit: PrescriptionUnit, row: ReferralRow, which: str) -> Key | None:
    """The Task resource meant: the referral's own, or the follow-up's."""
    return ("Task", row.task) if which == "main" else unit.role("follow-up")


def request_key(row: ReferralRow) -> Key | None:
    """The ServiceRequest of a referral; None when it has none."""
    return None if row.service_request is None else ("ServiceRequest", row.service_request)


def _supports(unit: PrescriptionUnit) -> list[Key]:
    """Type and id of each support's ServiceRequest, in the prescription's order."""
    named = (name for name in unit.prescription.resources if name.startswith("support/"))
    return [key for name in named if (key := unit.role(name)) is not None]


def _settle_supports(unit: PrescriptionUnit) -> None:
    """Let the supports of a prescription (bus tickets, an interpreter) end with it, and come back with it.

    Each is a ServiceRequest of its own without a Task, so that nothing but the prescription's status says what became
    of it: ``supports`` in ``mappings/prescription-status.json``. Who has a copy gets an update: the requester and every
    partner that was asked for the whole; a part of a split never had them.
    """
    keys = [] if unit.status == unit.prescription.status else _supports(unit)
    status = read_json("mappings", "prescription-status.json")["supports"][unit.status]
    changed = [key for key in keys if unit.resource(key)["status"] != status]
    for key in changed:
        unit.edit(key, functools.partial(resource_edits.with_request_status, status=status))
    if changed:
        holders = {row.partner for row in unit.rows if row.parent is None} | {unit.prescription.requester}
        for partner in holders - {None, ""}:
            unit.queue_update(str(partner))
