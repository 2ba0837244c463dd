"""States that partners report: put in the source's own time order, then applied as the steps they imply."""

from dataclasses import replace
from typing import Literal

from footbridge.i18n import _
from footbridge.model.lifecycle.changes import Change, applied, move, task_of, with_task
from footbridge.model.lifecycle.events import Reported, RolledUp, Which
from footbridge.model.lifecycle.permission import (
    has_say,
    parts_open,
    refuse,
    refuse_move,
    refuse_parts_open,
    refuse_party,
)
from footbridge.model.lifecycle.results import Ignored, Result
from footbridge.model.lifecycle.state import LastReport, ReferralState, TaskState
from footbridge.model.lifecycle.table import ANYONE, Machine
from footbridge.model.lifecycle.tables import machine, roles
from footbridge.model.principals import Principal


def report(state: ReferralState, event: Reported, actor: Principal) -> Result:
    """Apply a reported status, or say why not."""
    task = task_of(state, event.which)
    if task is None:
        return refuse(state, "no-follow-up", _("This referral has no follow-up."))
    if not has_say(state, task, actor):
        return refuse_party(state, actor)
    table = machine(task.machine)
    status = table.understand(event.status)
    if status is None:
        return refuse(state, "unknown-status", _("This status is not supported for a {title}.", title=table.title))
    late = _out_of_order(task.last_report(actor.reporter), event, status)
    if late is not None:
        return Ignored(state, late)
    reason = event.reason if event.reason and event.reason.strip() else None
    heard = LastReport(actor.reporter, event.at, status, event.version)
    if status == task.status:
        return _same_status(state, event.which, reason, heard, actor)
    return _other_status(state, event.which, reason, heard, actor)


def _out_of_order(last: LastReport | None, event: Reported, status: str) -> Literal["stale", "duplicate", "tie"] | None:
    if last is None:
        return None
    if event.version is not None and event.version == last.version:
        return "duplicate"
    if event.at < last.at:
        return "stale"
    if event.at == last.at and status == last.status:
        return "duplicate"
    return "tie" if event.at == last.at and not event.confirmed else None


def _same_status(state: ReferralState, which: Which, reason: str | None, heard: LastReport, actor: Principal) -> Result:
    task = task_of(state, which) or state.task
    known = remember(state, which, heard)
    arrows = machine(task.machine).transitions
    its_to_say = any(arrow.after == task.status and actor.role in arrow.by for arrow in arrows)
    if reason is None or reason == task.reason or not its_to_say:
        return Ignored(known, "no-change")
    retold = replace(task_of(known, which) or known.task, reason=reason)
    return applied(state, Change(with_task(known, which, retold)), actor)


def _other_status(
    state: ReferralState, which: Which, reason: str | None, heard: LastReport, actor: Principal
) -> Result:
    task = task_of(state, which) or state.task
    table = machine(task.machine)
    way = table.way(actor.role, task.status, heard.status)
    if way is None:
        if roles()[actor.role].lagging and _lies_behind(table, task, heard.status):
            return Ignored(remember(state, which, heard), "behind")
        others = table.way(ANYONE, task.status, heard.status) is not None
        return refuse_move(state, actor, which, heard.status, by_others=others, reported=True)
    if which == "main" and parts_open(state, table, way[-1]):
        return refuse_parts_open(state)
    return applied(state, move(Change(remember(state, which, heard)), which, way, reason, actor.role), actor)


def _lies_behind(table: Machine, task: TaskState, status: str) -> bool:
    return table.way(ANYONE, status, task.status) is not None


def remember(state: ReferralState, which: Which, heard: LastReport) -> ReferralState:
    """The state that knows this as the source's last report on the Task."""
    task = task_of(state, which)
    if task is None:
        return state
    others = tuple(entry for entry in task.heard if entry.source != heard.source)
    return with_task(state, which, replace(task, heard=(*others, heard)))


def report_parts(state: ReferralState, event: RolledUp, actor: Principal) -> Result:
    """Apply what the parts of a split referral say together, or say why not."""
    table = machine(state.task.machine)
    if actor.role != "system" or not has_say(state, state.task, actor):
        return refuse_party(state, actor)
    if event.status not in table.statuses:
        return refuse(state, "unknown-status", _("This status is not supported for a {title}.", title=table.title))
    if event.status == state.task.status:
        return Ignored(state, "no-change")
    if state.standing != "parts":
        return refuse(state, "no-parts", _("The referral has no open parts."))
    way = table.way(ANYONE, state.task.status, event.status)
    if way is None:
        return Ignored(state, "behind")
    return applied(state, move(Change(state), "main", way, event.reason, actor.role), actor)
