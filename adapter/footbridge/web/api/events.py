"""``/api/v1/prescriptions/{id}/events`` and ``/cancel``: what our own users and light partners may do.

The body says what happened; who says so is the token's, never the body's.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.prescription import Client, Consent
from footbridge.model.prescription.values import MOST_ENTRIES, Code, Instant, Many, Part, ShortText, Text
from footbridge.model.principals import Principal
from footbridge.referrals.command import Command, NewPart
from footbridge.referrals.commands import carry_out
from footbridge.referrals.decisions import ACTIONS
from footbridge.referrals.events_offered import event_names, events_now, meant
from footbridge.referrals.follow_ups import FollowUpSaid
from footbridge.referrals.forwarding import FORWARD
from footbridge.referrals.found_needs import FoundNeed
from footbridge.referrals.report_back import REPORT_BACK, Introduced, NeedReport, Reported
from footbridge.referrals.unit import read_unit
from footbridge.store.resource_rows import Scope
from footbridge.web.api.prescription import ONE, state_of
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.errors import Problem
from footbridge.web.request_body import fault, json_object, members
from footbridge.web.responses import answer

ROUTE, SPLIT, ANSWER = "route", "split", "answer"

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


class Forwarding(Happening):
    """Pass the referral on: to another service, or to a place of the requester's directory (Ocean: a listing)."""

    partner: ShortText | None = None
    to: ShortText | None = None


class GoalAnswered(Part):
    """What the answer says of one goal: its place in the prescription's list, a code of goal-achievement."""

    goal: Annotated[int, Field(ge=0, lt=MOST_ENTRIES)]
    achievement: Code


class Answering(Happening):
    """The person's answer at the follow-up."""

    happened: Code | None = None
    goal: Code | None = None
    goals: Many[GoalAnswered] = ()
    barriers: Many[Code] = ()
    satisfaction: Code | None = None
    more: Text | None = None


class NeedReported(Part):
    """What became of one need: its place in the prescription's list; missing where all that was asked is meant."""

    need: Annotated[int, Field(ge=0, lt=MOST_ENTRIES)] | None = None
    linked: bool
    service: ShortText | None = None
    why: Code | None = None
    more: Text | None = None


class NeedFound(Part):
    """A need that was found; ``partner``: the service that is asked for it, where the client agreed to that."""

    category: Code
    statement: Text
    partner: ShortText | None = None
    agreed: bool = False


class Introduction(Part):
    """A warm hand-over: who introduced the client to whom, and whether the first visit was explained."""

    by: ShortText
    to: ShortText
    welcome_explained: bool


class Reporting(Happening):
    """A navigator reports back: of each need whether the client was linked with a service, else why not."""

    needs: Many[NeedReported]
    found: Many[NeedFound] = ()
    introduced: Introduction | None = None


class Deciding(Part):
    """A decision about the client: it is about the prescription as a whole."""

    event: str
    at: Instant | None = None
    reason: Text | None = None


class ConsentConfirmed(Deciding):
    """The client's consent to the disclosure, where none was known; express, and given on that day, when missing."""

    consent: Consent | None = None


class Replacing(Deciding):
    """Prescribe something else, because this did not fit: for whom it is, and what."""

    partner: ShortText | None = None
    description: Text | None = None


class RecordsConfirmed(Deciding):
    """Who the client is, whose record its requester never sent."""

    client: Client


class NeedConfirmed(Part):
    """The right category of one need: its place in the prescription's list, a code of an SDOH category."""

    need: Annotated[int, Field(ge=0, lt=MOST_ENTRIES)]
    category: Code


class NeedsConfirmed(Deciding):
    """The categories of the needs: right as they are, but for those that are named."""

    needs: Many[NeedConfirmed] = ()


_SHAPES: dict[str, type[Happening | Deciding]] = {ROUTE: Routing, SPLIT: Splitting, ANSWER: Answering}
_SHAPES |= {FORWARD: Forwarding, REPORT_BACK: Reporting}
_SHAPES |= dict.fromkeys(ACTIONS, Deciding)
_SHAPES |= {"confirm-consent": ConsentConfirmed, "confirm-needs": NeedsConfirmed, "replace": Replacing}
_SHAPES |= {"confirm-records": RecordsConfirmed}


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


def _command(document: dict[str, Any]) -> Command:
    event = document.get("event")
    if isinstance(event, str) and event not in event_names():
        raise fault("not-listed", "/event", _("The events are {names}.", names=", ".join(event_names())))
    if not isinstance(event, str):  # what else the body may hold depends on the event
        document = {name: value for name, value in document.items() if name == "event"}
    said = members(document, _SHAPES.get(event, Moving) if isinstance(event, str) else Moving)
    if isinstance(said, Deciding):
        return _decision(said)
    command = Command(said.event, said.referral, said.at, said.reason)
    match said:
        case Moving():
            return replace(command, which=said.which)
        case Routing():
            return replace(command, partner=said.partner)
        case Forwarding():
            if (said.to is None) == (said.partner is None):
                raise fault("empty", "", _("Name who gets it: `partner` or `to`, one of both."))
            return replace(command, to=said.to or "", partner=said.partner)
        case Splitting():
            parts = [NewPart(part.description, part.category, part.partner) for part in said.parts]
            return replace(command, parts=parts)
        case Answering():
            _must_say_something(said)
            goals = [(one.goal, one.achievement) for one in said.goals]
            besides = FollowUpSaid(said.happened, said.barriers, said.satisfaction, said.more)
            return replace(command, happened=said.happened, goal=said.goal, goals=goals, said=besides)
        case Reporting():
            return replace(command, reported=_reported(said))
        case _:
            raise TypeError(type(said).__name__)


def _reported(said: Reporting) -> Reported:
    met = said.introduced
    return Reported(
        [NeedReport(one.need, one.linked, one.service, one.why, one.more) for one in said.needs],
        [FoundNeed(one.category, one.statement, one.partner, one.agreed) for one in said.found],
        None if met is None else Introduced(met.by, met.to, met.welcome_explained),
    )


def _decision(said: Deciding) -> Command:
    command = Command(said.event, at=said.at, reason=said.reason)
    match said:
        case ConsentConfirmed():
            return replace(command, consent=said.consent)
        case RecordsConfirmed():
            return replace(command, client=said.client)
        case NeedsConfirmed():
            return replace(command, needs=[(one.need, one.category) for one in said.needs])
        case Replacing():
            return replace(command, partner=said.partner, description=said.description)
        case _:
            return command


def _must_say_something(said: Answering) -> None:
    table = answer_table()
    if said.happened is None and said.goal is None and not said.goals:
        raise fault("empty", "", _("An answer says what happened, what became of a goal, or both."))
    if said.happened is not None and said.happened not in table.happened:
        raise fault(
            "not-listed", "/happened", _("One of these was expected: {values}.", values=", ".join(table.happened))
        )
    given = [("/goal", said.goal)] if said.goal is not None else []
    given += [(f"/goals/{place}/achievement", one.achievement) for place, one in enumerate(said.goals)]
    for pointer, code in given:
        if code not in table.goal:
            raise fault("not-listed", pointer, _("One of these was expected: {values}.", values=", ".join(table.goal)))


def _done(identity: str, command: Command, who: Principal) -> Response:
    here = app_context()
    try:
        carry_out(here.database, here.clock, who, identity, command, intake=here.intake)
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
        return events_now(unit, meant(unit, who, referral), who)
