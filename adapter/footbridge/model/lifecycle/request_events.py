"""Events about the order rather than its Task: assign, no-other-partner, reopen, withdraw; and *due*."""

from dataclasses import replace

from footbridge.i18n import _
from footbridge.model.lifecycle.changes import Change, applied, effects_asked, follow, with_task
from footbridge.model.lifecycle.effects import Effect, TryAnotherPartner
from footbridge.model.lifecycle.events import Act
from footbridge.model.lifecycle.permission import order_fits, refuse, refuse_move
from footbridge.model.lifecycle.results import Ignored, Result
from footbridge.model.lifecycle.state import ReferralState, TaskState
from footbridge.model.lifecycle.table import OrderEvent
from footbridge.model.principals import Principal


def act_on_order(state: ReferralState, task: TaskState, row: OrderEvent, event: Act, actor: Principal) -> Result:
    """Apply an event that moves no Task, or say why not."""
    if actor.role not in row.by:
        return refuse_move(state, actor, event.which, event.name, by_others=True)
    if _already(state, task, row, event):
        return Ignored(state, "no-change")
    if row.does == "assign":
        if not event.owner:
            return refuse(state, "owner-required", _("A partner is required to assign the Task."))
        if task.owner is not None:
            return refuse(state, "has-owner", _("The Task has an owner. Another partner needs another Task."))
    if not order_fits(state, task, row):
        return refuse_move(state, actor, event.which, event.name, by_others=False)
    named = row.needs_reason == "unless-owner" and event.owner is not None
    if row.needs_reason and not named and not (event.reason and event.reason.strip()):
        return refuse(state, "reason-required", _("A reason is required to {name}.", name=event.name))
    asked = with_preferred(effects_asked(row.effects, state, why=event.name), event.owner)
    return applied(state, _changed(state, task, row, event, Change(state, asked=asked)), actor)


def with_preferred(asked: tuple[Effect, ...], owner: str | None) -> tuple[Effect, ...]:
    """The effects, with the partner that a person chose as the next one."""
    return tuple(
        replace(effect, preferred=owner) if isinstance(effect, TryAnotherPartner) else effect for effect in asked
    )


def _already(state: ReferralState, task: TaskState, row: OrderEvent, event: Act) -> bool:
    if task.status not in row.statuses:
        return False
    if row.does == "assign":
        return event.owner is not None and event.owner == task.owner
    if row.does == "mark-due":
        return state.follow_up_due
    return state.standing == row.to


def _changed(state: ReferralState, task: TaskState, row: OrderEvent, event: Act, change: Change) -> Change:
    if row.does == "assign":
        return replace(change, state=with_task(state, event.which, replace(task, owner=event.owner)))
    if row.does == "mark-due":
        return replace(change, state=replace(state, follow_up_due=True))
    return follow(replace(change, state=replace(state, standing=row.to or state.standing)))
