"""What our own users may do to a prescription besides writing it: events, route, split, answer, decisions.

A command is what ``POST /api/v1/prescriptions/{id}/events`` takes; who does it comes from the token, never from the
command. ``COMMANDS`` names those that are more than one event of the lifecycle.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from footbridge.errors import LifecycleError, NotFoundError, PrescriptionError
from footbridge.mapping.split import Part, split_request
from footbridge.model.clock import Clock
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import Act, Answered, Event, Ignored, Refused, split
from footbridge.model.lifecycle.permission import allowed, no_way
from footbridge.model.prescription.faults import nearest_member
from footbridge.model.principals import Principal
from footbridge.referrals import decisions, reassignment
from footbridge.referrals.events import apply_event
from footbridge.referrals.routing import next_partner
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.security.access import must_see, of_those
from footbridge.store.engine import Database
from footbridge.store.resource_rows import Scope
from footbridge.terminology import category, nearest_category

Which = Literal["main", "follow-up"]


@dataclass(frozen=True, slots=True)
class NewPart:
    """One part of a split: what is wanted, in which SDOH category, from whom (None: by the routes)."""

    description: str
    category: str
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a user asks for.

    Attributes:
        event: ``route``, ``split``, ``answer``, a decision (``decisions.ACTIONS``), or an event of the lifecycle's
            tables.
        referral: the referral meant; the newest try of the whole when None.
        at: when it happened; now when None. Never in the future.
        reason: why, where the tables ask for it.
        which: the referral's own Task or the practice's follow-up.
        partner: for ``route``.
        parts: for ``split``.
        happened: for ``answer``: yes, no or partly.
        goal: for ``answer``: a goal-achievement code for every goal.
        goals: for ``answer``: (index into the prescription's goals, code).
    """

    event: str
    referral: str | None = None
    at: datetime | None = None
    reason: str | None = None
    which: Which = "main"
    partner: str | None = None
    parts: Sequence[NewPart] = ()
    happened: str | None = None
    goal: str | None = None
    goals: Sequence[tuple[int, str]] = ()


def carry_out(database: Database, clock: Clock, principal: Principal, prescription: str, command: Command) -> str:
    """Do what is asked, in one transaction, and return the prescription's new status.

    Raises:
        NotFoundError: no such prescription or referral.
        PrescriptionError: the command has faults, as a partner or a goal that is not there, at JSON Pointers into it.
        LifecycleError: it may not happen now, or not by this user; ``reason`` is the lifecycle's code.
    """
    with database.write() as connection:
        must_see(connection, principal, prescription)
        scope = Scope(connection, principal.tenant, clock.now())
        with open_unit(scope, prescription) as unit:
            row = _meant(unit, principal, command.referral)
            if command.at is not None and command.at > scope.now:
                raise LifecycleError("An event cannot be in the future.", reason="in-the-future")
            decisions.must_have_consent(unit, command.event)
            match command.event:
                case "route":
                    _route(unit, row, principal, command)
                case "split":
                    _split(unit, row, principal, command)
                case name if name in decisions.ACTIONS:
                    decisions.decide(unit, principal, name, command.at or scope.now, command.reason)
                case _:
                    _must(unit, row, _event(unit, row, principal, command), principal, command)
        return unit.status


def may(row: ReferralRow, principal: Principal) -> list[str]:
    """The names of the events that this user may send now: ``split``, and ``route`` in place of ``assign``."""
    names = allowed(row.state, principal)
    if "assign" in names or (row.state.standing == "as-task" and "reopen" in names):
        names.append("route")
    if principal.role in {"navigator", "requester"} and row.machine == "referral" and "cancel" in names:
        names.append("split")
    return [name for name in dict.fromkeys(names) if name != "assign"]


def events_now(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> list[str]:
    """As ``may``, and with the newest try of the whole the decisions about the client."""
    is_whole = row.id in {one.id for one in newest_tries(unit.rows, None)}
    return may(row, principal) + (decisions.decisions_now(unit, principal) if is_whole else [])


def _meant(unit: PrescriptionUnit, principal: Principal, referral: str | None) -> ReferralRow:
    rows = newest_tries(unit.rows, None) if referral is None else [row for row in unit.rows if row.id == referral]
    if not of_those(principal, rows):
        raise NotFoundError("Unknown referral of this prescription.")
    return of_those(principal, rows)[0]


def _event(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> Event:
    at = command.at or unit.scope.now
    if command.event == "answer":
        if "answer" in may(row, principal):
            _must_have_goals(unit, command.goals)
        goals = tuple((f"goal/{index}", code) for index, code in command.goals)
        return Answered(at, command.happened, command.goal, goals, command.reason)
    return Act(command.event, at, command.reason, which=command.which)


def _must(unit: PrescriptionUnit, row: ReferralRow, event: Event, principal: Principal, command: Command) -> None:
    result = apply_event(unit, row.id, event, principal)
    if isinstance(result, Refused):
        raise LifecycleError(_words(result, unit, row, principal, command), reason=result.code)
    if isinstance(result, Ignored) and result.reason in {"stale", "tie"}:
        raise LifecycleError("A newer answer is already stored.", reason=result.reason)


def _words(refused: Refused, unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> str:
    """The refusal, in the names that a user sends: a route is an ``assign`` or a ``reopen`` to the lifecycle."""
    if refused.wanted is None or command.which != "main":
        return refused.message
    return no_way(row.status, principal.role, events_now(unit, row, principal), command.event)


def _route(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> None:
    """Give a referral that waits to a partner: its first, or another one after the last try ended."""
    partner = unit.partners.get(command.partner or "")
    if partner is None or partner.role != "recipient":
        raise PrescriptionError([_unknown_partner(unit, principal, command.partner or "", "/partner")])
    at = command.at or unit.scope.now
    if row.state.task.owner is None:
        _must(unit, row, Act("assign", at, command.reason, owner=partner.name), principal, command)
        if unit.row(row.id).status == "draft":
            _must(unit, unit.row(row.id), Act("submit", at), principal, command)
        unit.enqueue_delivery(partner.name, unit.row(row.id), _part_extras(row))
        return
    reason = command.reason or f"Routed to {partner.title}."
    _must(unit, row, Act("reopen", at, reason, owner=partner.name), principal, command)


def _part_extras(row: ReferralRow) -> list[tuple[str, str]]:
    if row.parent is None or row.service_request is None:
        return []
    return [("ServiceRequest", row.service_request), ("Task", row.task)]


def _split(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> None:
    """Make several referrals out of one; each part goes to its partner, or by the routes of its category."""
    if "split" not in may(row, principal) or row.service_request is None:
        raise LifecycleError(
            "Only an open referral can be split, by its navigator or requester.", reason="cannot-split"
        )
    _must_be_parts(unit, principal, command.parts)
    owners = [_owner(unit, part) for part in command.parts]
    made = split(row.state, owners)
    request = unit.resource(("ServiceRequest", row.service_request))
    task = unit.resource(("Task", row.task))
    wanted = [
        Part(
            description=part.description,
            category=part.category,
            owner=None if owner is None else {"reference": reassignment.owner_reference(unit, owner)},
        )
        for part, owner in zip(command.parts, owners, strict=True)
    ]
    first = sum(one.parent == row.id for one in unit.rows)
    pairs = split_request(request, task, wanted, authored=unit.scope.now, first=first)
    unit.create([resource for pair in pairs for resource in pair])
    unit.save_state(row, made.parent)
    unit.note(principal, "split", row.id, before=row.status, after=row.status, reason=command.reason)
    for part, owner, state, (part_request, part_task) in zip(command.parts, owners, made.parts, pairs, strict=True):
        newer = ReferralRow(
            id=str(uuid.uuid4()),
            prescription=row.prescription,
            parent=row.id,
            partner=owner,
            attempt=1,
            state=state,
            task=part_task["id"],
            service_request=part_request["id"],
            category=part.category,
            due=None,
        )
        unit.add(newer)
        unit.note(principal, "part", newer.id, after=newer.status, detail={"description": part.description})
        reassignment.share(unit, newer, owner)


def _must_be_parts(unit: PrescriptionUnit, principal: Principal, parts: Sequence[NewPart]) -> None:
    faults = []
    for number, part in enumerate(parts):
        if category(part.category) is None:
            near = nearest_category(part.category)
            hint = f" Did you mean {near}?" if near else ""
            message = f"Not an SDOH category of the guide.{hint}"
            faults.append(
                Issue("command.unknown-category", "error", "code-invalid", message, pointer=f"/parts/{number}/category")
            )
        if not part.description.strip():
            message = "The description is required."
            faults.append(
                Issue("command.no-description", "error", "required", message, pointer=f"/parts/{number}/description")
            )
        if part.partner is not None and part.partner not in _recipients(unit):
            faults.append(_unknown_partner(unit, principal, part.partner, f"/parts/{number}/partner"))
    if faults:
        raise PrescriptionError(faults)


def _owner(unit: PrescriptionUnit, part: NewPart) -> str | None:
    return next_partner(unit, None, [part.category]) if part.partner is None else part.partner


def _recipients(unit: PrescriptionUnit) -> list[str]:
    return [partner.name for partner in unit.partners.values() if partner.role == "recipient"]


def _unknown_partner(unit: PrescriptionUnit, principal: Principal, name: str, pointer: str) -> Issue:
    """The fault of a partner's name; who speaks for a partner is not told the names of others."""
    near = nearest_member(name, _recipients(unit)) if principal.partner is None else None
    hint = f" Did you mean {near}?" if near else ""
    message = f"Unknown recipient.{hint}"
    return Issue("command.unknown-partner", "error", "not-found", message, pointer=pointer)


def _must_have_goals(unit: PrescriptionUnit, goals: Sequence[tuple[int, str]]) -> None:
    known = len(unit.prescription.document.goals)
    message = f"The prescription has {known or 'no'} goal{'s' if known != 1 else ''}; the first is 0."
    faults = [
        Issue("command.unknown-goal", "error", "not-found", message, pointer=f"/goals/{place}/goal")
        for place, (index, _) in enumerate(goals)
        if not 0 <= index < known
    ]
    if faults:
        raise PrescriptionError(faults)
