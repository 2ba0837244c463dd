"""How one Task moves, and what follows in the same breath: the order, the goals, the follow-up.

A ``Change`` is a step on the way to a result: a state with the steps taken and the effects asked for so
far. ``applied`` closes it by comparing where it began with where it ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from footbridge.model.lifecycle.diff_effects import diff_effects
from footbridge.model.lifecycle.effects import CancelParts, Effect, FollowUpDue, NeedsPerson, TryAnotherPartner
from footbridge.model.lifecycle.events import Which
from footbridge.model.lifecycle.results import Applied, Step
from footbridge.model.lifecycle.state import GoalState, ReferralState, TaskState
from footbridge.model.lifecycle.table import ANYONE, Machine, Transition
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import Principal


@dataclass(frozen=True, slots=True)
class Change:
    """A state on its way, the Task steps taken and the effects that the tables asked for."""

    state: ReferralState
    steps: tuple[Step, ...] = ()
    asked: tuple[Effect, ...] = ()


def task_of(state: ReferralState, which: Which) -> TaskState | None:
    """The Task meant; None when no follow-up is planned."""
    return state.task if which == "main" else state.follow_up


def with_task(state: ReferralState, which: Which, task: TaskState) -> ReferralState:
    """The state with that Task in place of its own; nothing follows."""
    return replace(state, task=task) if which == "main" else replace(state, follow_up=task)


def move(change: Change, which: Which, way: Sequence[Transition], reason: str | None, role: str) -> Change:
    """Take the Task along the way; all steps but the last are inferred, and that too where nobody said it.

    Nobody said it when ``role`` is ``ANYONE``: the step follows from another Task or from an answer.
    """
    task = change.state.task if which == "main" else change.state.follow_up
    if task is None:
        return change
    table = machine(task.machine)
    moved = replace(
        task,
        status=way[-1].after,
        reason=reason,
        started=task.started or any(arrow.after in table.activity for arrow in way),
    )
    last = len(way) - 1
    steps = tuple(
        Step(which, arrow.event, arrow.before, arrow.after, role == ANYONE or number < last)
        for number, arrow in enumerate(way)
    )
    so_far = Change(change.state, change.steps + steps, change.asked)
    if which == "follow-up":
        due = so_far.state.follow_up_due and moved.status not in table.terminal
        return replace(so_far, state=replace(so_far.state, follow_up=moved, follow_up_due=due))
    return _arrive(so_far, moved, table, role, way[-1].event)


def _arrive(change: Change, task: TaskState, table: Machine, role: str, event: str) -> Change:
    state = change.state
    if state.standing == "superseded":
        return replace(change, state=replace(state, task=task))
    arrival = table.arrival(task.status, role, event, started=task.started)
    asked = change.asked
    standing = state.standing
    if arrival is not None:
        standing = arrival.standing
        asked += effects_asked(arrival.effects, state, why=arrival.event or task.status)
    elif task.status in table.terminal:
        standing = "as-task"
    return follow(replace(change, state=replace(state, task=task, standing=standing), asked=asked))


def follow(change: Change) -> Change:
    """Let the ServiceRequest, the goals and the follow-up go the way that the table gives them."""
    state = change.state
    table = machine(state.task.machine)
    key = (state.task.status, state.standing)
    order = None if state.service_request is None else table.service_request[key]
    achievement = table.goal.get(state.task.status)
    goals = state.goals
    if achievement is not None:
        goals = tuple(_sought(goal, achievement) for goal in goals)
    if order != state.service_request or goals != state.goals:
        change = replace(change, state=replace(state, service_request=order, goals=goals))
    becomes = table.follow_up.get(key)
    return change if becomes is None else close_follow_up(change, becomes)


def _sought(goal: GoalState, achievement: str) -> GoalState:
    return goal if goal.achievement is not None else replace(goal, achievement=achievement)


def close_follow_up(change: Change, status: str) -> Change:
    """Bring the follow-up to the status, inferred, when there is one and it is still open."""
    task = change.state.follow_up
    if task is None:
        return change
    way = machine(task.machine).way(ANYONE, task.status, status)
    return change if way is None else move(change, "follow-up", way, None, ANYONE)


def effects_asked(names: Sequence[str], state: ReferralState, *, why: str) -> tuple[Effect, ...]:
    """The effects that a table's row names, for the state before its event."""
    made: dict[str, Effect | None] = {
        "try-another-partner": TryAnotherPartner(state.task.owner),
        "needs-person": NeedsPerson(why),
        "cancel-parts": CancelParts() if state.standing == "parts" else None,
        "follow-up-due": FollowUpDue(),
    }
    return tuple(effect for name in names if (effect := made[name]) is not None)


def applied(before: ReferralState, change: Change, actor: Principal) -> Applied:
    """Close the change: its effects are what differs, what was asked for, and whom to tell."""
    return Applied(change.state, change.steps, diff_effects(before, change.state, change.asked, actor))
