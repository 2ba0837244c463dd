"""The follow-up's answer: it updates the goals, closes the follow-up, and closes a signpost."""

from dataclasses import replace

from footbridge.i18n import _
from footbridge.model.lifecycle.answer_table import Happened, answer_table
from footbridge.model.lifecycle.changes import Change, applied, close_follow_up, move
from footbridge.model.lifecycle.effects import NeedsPerson
from footbridge.model.lifecycle.events import Answered
from footbridge.model.lifecycle.permission import answerable, may_answer, refuse, refuse_party
from footbridge.model.lifecycle.results import Ignored, IgnoredReason, Refused, Result
from footbridge.model.lifecycle.state import LastAnswer, ReferralState
from footbridge.model.lifecycle.table import ANYONE
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import Principal


def answer(state: ReferralState, event: Answered, actor: Principal) -> Result:
    """Apply the answer, or say why not. A later answer corrects an earlier one."""
    if not may_answer(state, actor):
        return refuse_party(state, actor)
    fault = _fault(state, event)
    if fault is not None:
        return fault
    said = LastAnswer(event.at, event.happened, _words_for_goals(state, event))
    late = _out_of_order(state.answer, said)
    if late is not None:
        return Ignored(state, late)
    change = _goals(Change(replace(state, answer=said, follow_up_due=False)), said)
    change = close_follow_up(change, answer_table().follow_up_becomes)
    if event.happened is not None:
        change = _close_main(change, answer_table().happened[event.happened], event.reason, actor.role)
    return applied(state, change, actor)


def _fault(state: ReferralState, event: Answered) -> Refused | None:
    table = answer_table()
    if not answerable(state):
        return refuse(state, "not-allowed-from-here", _("There is nothing left that an answer could be about."))
    codes = {code for _, code in event.goals} | ({event.goal} if event.goal is not None else set())
    if codes - set(table.goal) or not (event.happened is None or event.happened in table.happened):
        return refuse(state, "unknown-answer", _("Unknown answer."))
    if {key for key, _ in event.goals} - {goal.key for goal in state.goals}:
        return refuse(state, "unknown-goal", _("The answer is about a goal that is not one of this referral."))
    return None


def _words_for_goals(state: ReferralState, event: Answered) -> tuple[tuple[str, str], ...]:
    single = dict(event.goals)
    words = ((goal.key, single.get(goal.key, event.goal)) for goal in state.goals)
    return tuple((key, word) for key, word in words if word is not None)


def _out_of_order(last: LastAnswer | None, said: LastAnswer) -> IgnoredReason | None:
    if last is None or said.at > last.at:
        return None
    if said.at < last.at:
        return "stale"
    return "duplicate" if said == last else "tie"


def _goals(change: Change, said: LastAnswer) -> Change:
    words = dict(said.goals)
    lifecycle = answer_table().goal
    goals = tuple(
        replace(goal, lifecycle=lifecycle[words[goal.key]], achievement=words[goal.key]) if goal.key in words else goal
        for goal in change.state.goals
    )
    return replace(change, state=replace(change.state, goals=goals))


def _close_main(change: Change, happened: Happened, reason: str | None, role: str) -> Change:
    task = change.state.task
    table = machine(task.machine)
    if task.status in happened.contradicts.get(table.name, ()):
        return replace(change, asked=(*change.asked, NeedsPerson("answer-contradicts")))
    status = happened.closes.get(table.name)
    way = None if status is None else table.way(ANYONE, task.status, status)
    given = reason if reason and reason.strip() else happened.reason
    return change if way is None else move(change, "main", way, given, role)
