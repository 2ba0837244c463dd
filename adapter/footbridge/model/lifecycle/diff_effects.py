"""Compares a referral before and after: which resources to write, and which partners to tell."""

from collections.abc import Iterator

from footbridge.model.lifecycle.effects import (
    Effect,
    GoalChanged,
    OwnerChanged,
    ServiceRequestStatusChanged,
    TaskStatusChanged,
    TellPartner,
)
from footbridge.model.lifecycle.events import Which
from footbridge.model.lifecycle.state import ReferralState, TaskState
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import Principal


def diff_effects(
    before: ReferralState, after: ReferralState, asked: tuple[Effect, ...], actor: Principal
) -> tuple[Effect, ...]:
    """Resources to write, then what the tables asked for, then partners to tell (not the actor's own)."""
    of_task = tuple(_task_changes("main", before.task, after.task))
    of_follow_up: tuple[Effect, ...] = ()
    if before.follow_up is not None and after.follow_up is not None:
        of_follow_up = tuple(_task_changes("follow-up", before.follow_up, after.follow_up))
    of_order = tuple(_order_changes(before, after))
    of_goals = tuple(_goal_changes(before, after))
    partners: set[str | None] = set()
    if of_task or of_order:
        partners |= {after.requester, _owner_who_knows(before.task, after.task)}
    if of_goals:
        partners.add(after.requester)
    if of_follow_up and after.follow_up is not None:
        partners |= {after.requester, after.follow_up.owner}
    told = tuple(TellPartner(name) for name in sorted(filter(None, partners)) if name != actor.origin)
    return (*of_task, *of_order, *of_goals, *of_follow_up, *asked, *told)


def reason_missing(task: TaskState) -> bool:
    """Whether the status should carry a reason and none was given: show it as *not given*."""
    return task.reason is None and task.status in machine(task.machine).reason_required


def _task_changes(which: Which, before: TaskState, after: TaskState) -> Iterator[Effect]:
    if (before.status, before.reason) != (after.status, after.reason):
        yield TaskStatusChanged(which, before.status, after.status, after.reason, reason_missing(after))
    if after.owner is not None and after.owner != before.owner:
        yield OwnerChanged(which, after.owner)


def _order_changes(before: ReferralState, after: ReferralState) -> Iterator[Effect]:
    was, now = before.service_request, after.service_request
    if was is not None and now is not None and was != now:
        yield ServiceRequestStatusChanged(was, now)


def _goal_changes(before: ReferralState, after: ReferralState) -> Iterator[Effect]:
    for was, now in zip(before.goals, after.goals, strict=True):
        if was != now:
            yield GoalChanged(now.key, now.lifecycle, now.achievement)


def _owner_who_knows(before: TaskState, after: TaskState) -> str | None:
    """The Task's owner, unless the Task was never sent to it."""
    unsent = machine(after.machine).unsent
    never_sent = after.status in unsent or (before.status in unsent and after.status in machine(after.machine).terminal)
    return None if never_sent else after.owner
