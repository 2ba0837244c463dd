"""What follows when something happens to a referral: ask the lifecycle, write it down, pass it on.

Every status change of Footbridge goes through ``happen``: an API call, a partner's report, a timer.
"""

import functools

from footbridge.model.lifecycle import (
    Act,
    Actor,
    Answered,
    Applied,
    CancelParts,
    Effect,
    Event,
    GoalChanged,
    NeedsPerson,
    OwnerChanged,
    Refused,
    Result,
    ServiceRequestStatusChanged,
    TaskStatusChanged,
    TellPartner,
    TryAnotherPartner,
    apply,
    roll_up,
)
from footbridge.model.lifecycle.tables import machine
from footbridge.sync import records, trying
from footbridge.sync.case import TIMER, Author, Case, Key, newest_tries
from footbridge.sync.entries import Referral
from footbridge.sync.supports import settle_supports

SYSTEM = Actor("system")
WHOLE_CANCELLED = "The whole referral was cancelled."

ANSWERED = "answered"
"""How the entry of the follow-up's answer is named; ``answered-yes`` where it says what happened."""


def happen(case: Case, referral: str, event: Event, author: Author) -> Result:
    """Let an event happen to one referral, with all that follows from it.

    A refusal changes nothing but the timeline, and that only when a partner made it: our own callers are told.
    """
    row = case.row(referral)
    result = apply(row.state, event, Actor(author.role, author.partner))
    row = case.keep(row, result.state)
    if isinstance(result, Refused) and author.partner is not None:
        case.note(author, "refused", row.id, before=row.status, at=event.at, reason=result.message)
    if isinstance(result, Applied):
        _write_down(case, row, event, author, result)
        for effect in result.effects:
            _follow(case, row, effect, event, author)
        _tell_back(case, event, author, result)
        _roll_up(case, row, event)
        settle_supports(case)
    return result


def _write_down(case: Case, row: Referral, event: Event, author: Author, result: Applied) -> None:
    reason = getattr(event, "reason", None)
    if isinstance(event, Answered):
        name = ANSWERED if event.happened is None else f"{ANSWERED}-{event.happened}"
        case.note(author, name, row.id, at=event.at, reason=reason)
    given = next((step for step in reversed(result.steps) if not step.inferred), None) or (result.steps or [None])[-1]
    for step in result.steps:
        case.note(
            author,
            step.event if step.which == "main" else f"follow-up-{step.event}",
            row.id,
            before=step.before,
            after=step.after,
            inferred=step.inferred,
            at=event.at,
            reason=reason if step is given else None,  # with the step that was asked for, not with what it implies
        )
    if not result.steps and not isinstance(event, Answered):
        name = event.name if isinstance(event, Act) else type(event).__name__.lower()
        name = f"follow-up-{name}" if getattr(event, "which", "main") == "follow-up" else name
        case.note(author, name, row.id, before=row.status, after=row.status, at=event.at, reason=reason)


def _tell_back(case: Case, event: Event, author: Author, result: Applied) -> None:
    """A partner that moved one resource hears what followed for the others of which it has a copy."""
    if author.partner is None:
        return
    moved = getattr(event, "which", "main")
    for effect in result.effects:
        followed = isinstance(effect, ServiceRequestStatusChanged) or (
            author.role == "requester"
            and (isinstance(effect, GoalChanged) or (isinstance(effect, TaskStatusChanged) and effect.which != moved))
        )
        if followed:
            case.tell(author.partner)


def _follow(case: Case, row: Referral, effect: Effect, event: Event, author: Author) -> None:
    match effect:
        case TaskStatusChanged():
            edit = functools.partial(records.with_task_status, change=effect, at=event.at)
            case.edit(task_key(case, row, effect.which), edit)
        case OwnerChanged():
            _own(case, row, effect)
        case ServiceRequestStatusChanged():
            case.edit(request_key(row), functools.partial(records.with_request_status, status=effect.after))
            if row.partner is not None:  # also when the news came from there: the order is not the partner's to close
                case.tell(row.partner)
        case GoalChanged():
            case.edit(case.role(effect.goal), functools.partial(records.with_goal_status, change=effect, at=event.at))
            case.note(author, "goal-changed", row.id, at=event.at, reason=effect.achievement or effect.lifecycle)
        case TryAnotherPartner():
            if not trying.try_another(case, case.row(row.id), author):
                happen(case, row.id, Act("no-other-partner", event.at), TIMER)
        case NeedsPerson():
            case.note(TIMER, "needs-person", row.id, after=row.status, reason=effect.why)
        case CancelParts():
            _cancel_parts(case, row, event)
        case TellPartner():
            case.tell(effect.partner)


def _own(case: Case, row: Referral, effect: OwnerChanged) -> None:
    owner = trying.owner_reference(case, effect.owner)
    case.edit(task_key(case, row, effect.which), functools.partial(records.with_owner, owner=owner))
    if case.record is not None:
        case.owe_delivery(case.record.name, row, [trying.organization_key(case, effect.owner)])


def _cancel_parts(case: Case, row: Referral, event: Event) -> None:
    requester = Author("whole", "requester", "timer")
    for part in newest_tries(case.rows, row.id):
        if part.status not in machine(part.state.task.machine).terminal:
            happen(case, part.id, Act("cancel", event.at, reason=WHOLE_CANCELLED), requester)


def _roll_up(case: Case, row: Referral, event: Event) -> None:
    """Let the whole follow its parts."""
    if row.parent is None:
        return
    parts = [part.state for part in newest_tries(case.rows, row.parent)]
    said = roll_up(parts, event.at)
    if said is not None:
        happen(case, row.parent, said, TIMER)


def task_key(case: Case, row: Referral, which: str) -> Key | None:
    """The Task resource meant: the referral's own, or the follow-up's."""
    return ("Task", row.task) if which == "main" else case.role("follow-up")


def request_key(row: Referral) -> Key | None:
    """The ServiceRequest of a referral; None when it has none."""
    return None if row.service_request is None else ("ServiceRequest", row.service_request)
