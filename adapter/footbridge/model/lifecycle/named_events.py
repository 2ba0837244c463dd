"""Named events by our users and timers: ``Act``."""

from dataclasses import replace

from footbridge.i18n import _
from footbridge.model.lifecycle.changes import Change, applied, move, task_of
from footbridge.model.lifecycle.events import Act
from footbridge.model.lifecycle.permission import (
    arrow_fits,
    has_say,
    parts_open,
    refuse,
    refuse_move,
    refuse_no_follow_up,
    refuse_parts_open,
    refuse_party,
)
from footbridge.model.lifecycle.reports import remember
from footbridge.model.lifecycle.request_events import act_on_order, with_preferred
from footbridge.model.lifecycle.results import Ignored, Refused, Result
from footbridge.model.lifecycle.state import LastReport, ReferralState, TaskState
from footbridge.model.lifecycle.table import Transition
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import Principal


def act(state: ReferralState, event: Act, actor: Principal) -> Result:
    """Apply a named event, or say why not."""
    task = task_of(state, event.which)
    if task is None:
        return refuse_no_follow_up(state, actor)
    if not has_say(state, task, actor):
        return refuse_party(state, actor)
    table = machine(task.machine)
    for row in table.orders:
        if row.event == event.name:
            return act_on_order(state, task, row, event, actor)
    if event.name not in table.targets:
        return refuse(state, "unknown-event", _("This event is not supported for a {title}.", title=table.title))
    arrow = table.moves.get((event.name, task.status))
    if arrow is None:
        return _no_arrow(state, event, actor, task)
    return _take(state, event, actor, arrow)


def _no_arrow(state: ReferralState, event: Act, actor: Principal, task: TaskState) -> Ignored | Refused:
    table = machine(task.machine)
    own = any(actor.role in arrow.by for arrow in table.transitions if arrow.event == event.name)
    if own and task.status in table.targets[event.name]:
        return Ignored(state, "no-change")
    return refuse_move(state, actor, event.which, event.name, by_others=not own)


def _take(state: ReferralState, event: Act, actor: Principal, arrow: Transition) -> Result:
    task = task_of(state, event.which) or state.task
    table = machine(task.machine)
    if actor.role not in arrow.by:
        return refuse_move(state, actor, event.which, event.name, by_others=True)
    if event.which == "main" and parts_open(state, table, arrow):
        return refuse_parts_open(state)
    if event.which == "main" and not arrow_fits(state, table, arrow):
        return refuse_move(state, actor, event.which, event.name, by_others=False)
    reason = event.reason if event.reason and event.reason.strip() else None
    if reason is None and arrow.after in table.reason_required:
        return refuse(state, "reason-required", _("A reason is required to {name}.", name=event.name))
    change = move(Change(state), event.which, (arrow,), reason, actor.role)
    change = replace(change, asked=with_preferred(change.asked, event.owner))
    return applied(state, replace(change, state=_remember_partner(change.state, event, actor)), actor)


def _remember_partner(state: ReferralState, event: Act, actor: Principal) -> ReferralState:
    """A partner that works on our pages said this itself, so its older reports no longer count."""
    task = task_of(state, event.which)
    if task is None or actor.partner is None:
        return state
    last = task.last_report(actor.reporter)
    at = event.at if last is None else max(event.at, last.at)
    return remember(state, event.which, LastReport(actor.reporter, at, task.status))
