"""``/api/v1/prescriptions/{id}/events`` and ``/cancel``: what our own users and light partners may do.

The body says what happened; who says so is the token's, never the body's.
"""

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from footbridge.errors import LifecycleError, NotFoundError
from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.lifecycle.tables import machines
from footbridge.model.prescription.values import MOST_ENTRIES, Code, Instant, Many, Part, ShortText, Text
from footbridge.model.principals import Principal
from footbridge.referrals.commands import Command, NewPart, carry_out, events_now
from footbridge.referrals.decisions import ACTIONS
from footbridge.referrals.unit import newest_tries, read_unit
from footbridge.security.access import of_those
from footbridge.store.resource_rows import Scope
from footbridge.web.api.prescription import ONE, state_of
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.errors import Problem
from footbridge.web.request_body import fault, json_object, members
from footbridge.web.responses import answer

ROUTE, SPLIT, ANSWER = "route", "split", "answer"
COMMANDS = (ROUTE, SPLIT, ANSWER, *ACTIONS)
NOT_SENT = {"assign", "due", "no-other-partner"}
"""Events of the tables that are no user's to send: our own timers and routing make them."""

routes = Blueprint("events", __name__)


class Cancelling(Part):
    """The body of ``/cancel``."""

    reason: Text


class Happening(Part):
    """What every event may say: which referral it is about (the newest try when missing), when, why."""

    event: str
    referral: ShortText | None = None
    at: Instant | None = None
    reason: Text | None = None


class Moving(Happening):
    """An event of the lifecycle's tables."""

    which: Literal["main", "follow-up"] = "main"


class Routing(Happening):
    """Give the referral to a partner."""

    partner: ShortText


class PartWanted(Part):
    """One part of a split."""

    description: Text
    category: Code
    partner: ShortText | None = None


class Splitting(Happening):
    """Make several referrals of one."""

    parts: Annotated[tuple[PartWanted, ...], Field(min_length=1, max_length=MOST_ENTRIES)]


class GoalAnswered(Part):
    """What the answer says of one goal: its place in the prescription's list, a code of goal-achievement."""

    goal: Annotated[int, Field(ge=0, lt=MOST_ENTRIES)]
    achievement: Code


class Answering(Happening):
    """The person's answer at the follow-up."""

    happened: Code | None = None
    goal: Code | None = None
    goals: Many[GoalAnswered] = ()


class Deciding(Part):
    """A decision about the client: it is about the prescription as a whole."""

    event: str
    at: Instant | None = None
    reason: Text | None = None


_SHAPES: dict[str, type[Happening | Deciding]] = {ROUTE: Routing, SPLIT: Splitting, ANSWER: Answering}
_SHAPES |= dict.fromkeys(ACTIONS, Deciding)


@routes.post(f"{ONE}/cancel")
def cancel(identity: UUID) -> Response:
    """Call the whole prescription off."""
    who = principal("prescription.cancel")
    said = members(json_object(), Cancelling)
    return _done(str(identity), Command("cancel", reason=said.reason), who)


@routes.post(f"{ONE}/events")
def send_event(identity: UUID) -> Response:
    """Let one event happen."""
    who = principal("prescription.change")
    return _done(str(identity), _command(json_object()), who)


@functools.cache
def names() -> tuple[str, ...]:
    """Every event that can be sent, in alphabetical order."""
    known = {name for machine in machines().values() for name in machine.targets}
    known |= {row.event for machine in machines().values() for row in machine.orders}
    return tuple(sorted((known | set(COMMANDS)) - NOT_SENT))


def _command(document: dict[str, Any]) -> Command:
    event = document.get("event")
    if isinstance(event, str) and event not in names():
        raise fault("not-listed", "/event", f"The events are {', '.join(names())}.")
    said = members(document, _SHAPES.get(event, Moving) if isinstance(event, str) else Moving)
    if isinstance(said, Deciding):
        return Command(said.event, at=said.at, reason=said.reason)
    command = Command(said.event, said.referral, said.at, said.reason)
    match said:
        case Moving():
            return replace(command, which=said.which)
        case Routing():
            return replace(command, partner=said.partner)
        case Splitting():
            parts = [NewPart(part.description, part.category, part.partner) for part in said.parts]
            return replace(command, parts=parts)
        case Answering():
            _must_say_something(said)
            goals = [(one.goal, one.achievement) for one in said.goals]
            return replace(command, happened=said.happened, goal=said.goal, goals=goals)
        case _:
            raise TypeError(type(said).__name__)


def _must_say_something(said: Answering) -> None:
    table = answer_table()
    if said.happened is None and said.goal is None and not said.goals:
        raise fault("empty", "", "An answer says what happened, what became of a goal, or both.")
    if said.happened is not None and said.happened not in table.happened:
        raise fault("not-listed", "/happened", f"One of these was expected: {', '.join(table.happened)}.")
    given = [("/goal", said.goal)] if said.goal is not None else []
    given += [(f"/goals/{place}/achievement", one.achievement) for place, one in enumerate(said.goals)]
    for pointer, code in given:
        if code not in table.goal:
            raise fault("not-listed", pointer, f"One of these was expected: {', '.join(table.goal)}.")


def _done(identity: str, command: Command, who: Principal) -> Response:
    here = app_context()
    try:
        carry_out(here.database, here.clock, who, identity, command)
    except LifecycleError as refused:
        instead = _allowed(identity, command.referral, who)
        raise Problem("not-allowed", str(refused), reason=refused.reason, allowed=instead) from None
    here.wake()
    return answer(state_of(identity))


def _allowed(identity: str, referral: str | None, who: Principal) -> Sequence[str]:
    """What the caller may send instead, about the same referral."""
    here = app_context()
    with here.database.read() as connection:
        unit = read_unit(Scope(connection, who.tenant, here.clock.now()), identity)
        rows = newest_tries(unit.rows, None) if referral is None else [row for row in unit.rows if row.id == referral]
        seen = of_those(who, rows)
        if not seen:
            raise NotFoundError("This prescription has no such referral.")
        return events_now(unit, seen[0], who)
