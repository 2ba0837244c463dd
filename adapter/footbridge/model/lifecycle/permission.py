"""What an actor may do now, and the words in which anything else is refused."""

from collections.abc import Sequence
from dataclasses import replace

from footbridge.i18n import _
from footbridge.model.lifecycle.actors import may_speak
from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.lifecycle.changes import task_of
from footbridge.model.lifecycle.events import Which
from footbridge.model.lifecycle.results import Refused, RefusedReason
from footbridge.model.lifecycle.state import ReferralState, TaskState
from footbridge.model.lifecycle.table import Machine, OrderEvent, Transition
from footbridge.model.lifecycle.tables import machine, roles
from footbridge.model.principals import Principal


def allowed(state: ReferralState, actor: Principal, which: Which = "main") -> list[str]:
    """The names of the events that this actor may send now, in the table's order.

    All but ``answer`` are sent as ``Act``; ``answer`` is sent as ``Answered``.
    """
    task = task_of(state, which)
    if task is None:
        return []
    names: list[str] = []
    if has_say(state, task, actor):
        table = machine(task.machine)
        arrows = (arrow for arrow in table.transitions if arrow.before == task.status)
        names = [arrow.event for arrow in arrows if actor.role in arrow.by and arrow_fits(state, table, arrow)]
        names += [row.event for row in table.orders if actor.role in row.by and order_fits(state, task, row)]
    if which == "main" and may_answer(state, actor) and answerable(state):
        names.append(answer_table().event)
    return names


def has_say(state: ReferralState, task: TaskState, actor: Principal) -> bool:
    """Whether the actor's role is known and its party owns or requested the Task, or is our own."""
    role = roles().get(actor.role)
    return role is not None and may_speak(role, actor, state, task)


def may_answer(state: ReferralState, actor: Principal) -> bool:
    """Whether this actor may bring the follow-up's answer: as the follow-up's owner, or for those who ordered."""
    if actor.role not in answer_table().by:
        return False
    if state.follow_up is None:
        return "own" in roles()[actor.role].speaks_for and has_say(state, state.task, actor)
    return has_say(state, state.follow_up, actor)


def answerable(state: ReferralState) -> bool:
    """Whether there is still something that an answer could be about."""
    return state.standing != "superseded" and state.task.status != "entered-in-error"


def parts_open(state: ReferralState, table: Machine, last: Transition) -> bool:
    """Whether the step would end a whole whose parts have not ended; only a roll-up may take it."""
    return state.standing == "parts" and last.after in table.needs_parts


def arrow_fits(state: ReferralState, table: Machine, arrow: Transition) -> bool:
    """Whether the standing of the order lets the step be taken by its name."""
    stands = arrow.standings is None or state.standing in arrow.standings
    return stands and not parts_open(state, table, arrow)


def order_fits(state: ReferralState, task: TaskState, row: OrderEvent) -> bool:
    """Whether the event applies to this status and standing, and would change something."""
    if task.status not in row.statuses or (task is state.task and state.standing not in row.standings):
        return False
    if row.does == "assign":
        return task.owner is None
    return row.does != "mark-due" or not state.follow_up_due


def refuse(state: ReferralState, code: RefusedReason, message: str) -> Refused:
    """A refusal that leaves the state as it is."""
    return Refused(state, code, message)


def refuse_party(state: ReferralState, actor: Principal) -> Refused:
    """The actor's party has no say in this Task."""
    party = _("this partner") if actor.partner else _("our own side")
    return refuse(
        state, "not-this-actor", _("As {role}, {party} may not change this Task.", role=actor.role, party=party)
    )


def refuse_no_follow_up(state: ReferralState, actor: Principal) -> Refused:
    """No follow-up is planned; a party that could not own or request one is not to learn that."""
    role = roles().get(actor.role)
    if role is None or not may_speak(role, actor, state, replace(state.task, owner=None)):
        return refuse_party(state, actor)
    return refuse(state, "no-follow-up", _("This referral has no follow-up."))


def refuse_move(
    state: ReferralState, actor: Principal, which: Which, wanted: str, *, by_others: bool, reported: bool = False
) -> Refused:
    """No way leads there: a terminal status, the wrong status, or a step that is somebody else's.

    ``wanted`` is an event, or, where ``reported``, a status.
    """
    task = task_of(state, which) or state.task
    code: RefusedReason = "not-allowed-from-here"
    if by_others:
        code = "not-this-actor"
    elif task.status in machine(task.machine).terminal:
        code = "terminal"
    verb = _("report {status} for", status=wanted) if reported else wanted
    about = _("follow-up") if which == "follow-up" else _("referral")
    named = {arrow.event for arrow in machine(task.machine).transitions if arrow.named} if reported else set()
    instead = [name for name in allowed(state, actor, which) if name not in named]  # a report cannot say those
    message = no_way(task.status, actor.role, instead, verb, about=about)
    return Refused(state, code, message, wanted)


def no_way(status: str, role: str, names: Sequence[str], verb: str, *, about: str = _("referral")) -> str:
    """The sentence of a refusal: what was wanted, and what is allowed instead."""
    told = {"role": role, "verb": verb, "about": about, "status": status, "instead": ", ".join(names) or _("nothing")}
    if role[:1] in "aeiou":
        return _("An {role} cannot {verb} a {about} that is {status}; allowed: {instead}.", **told)
    return _("A {role} cannot {verb} a {about} that is {status}; allowed: {instead}.", **told)


def refuse_parts_open(state: ReferralState) -> Refused:
    """Some part of the split referral is still open."""
    return refuse(state, "parts-open", _("The referral was split: it ends when all its parts have ended."))
