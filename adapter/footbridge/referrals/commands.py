"""What our own users may do to a prescription besides writing it: events, route, split, answer, decisions.

A command is what ``POST /api/v1/prescriptions/{id}/events`` takes; who does it comes from the token, never from the
command. ``COMMANDS`` names those that are more than one event of the lifecycle.
"""

import functools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from footbridge.data import read_json
from footbridge.errors import LifecycleError, NotFoundError, PrescriptionError
from footbridge.i18n import _, _n
from footbridge.mapping.split import Part, split_request
from footbridge.model.clock import Clock
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import Act, Answered, Event, Ignored, Refused, split
from footbridge.model.lifecycle.permission import allowed, no_way
from footbridge.model.lifecycle.tables import machine, machines
from footbridge.model.prescription import Client, Consent
from footbridge.model.principals import Principal
from footbridge.partners.ports import Output
from footbridge.referrals import clicks, decisions, reassignment
from footbridge.referrals.consent import must_have_consent
from footbridge.referrals.events import apply_event
from footbridge.referrals.follow_ups import FollowUpSaid, must_be_known, record_answers
from footbridge.referrals.forwarding import FORWARD, FORWARD_AWAY, can_forward, forward
from footbridge.referrals.hold_decisions import Answer
from footbridge.referrals.holds import end_by, must_not_be_held
from footbridge.referrals.intake import Intake
from footbridge.referrals.listed_choice import name_listed
from footbridge.referrals.outputs import element_of
from footbridge.referrals.report_back import REPORT_BACK, Reported, can_report_back, report_back
from footbridge.referrals.resource_edits import with_outputs
from footbridge.referrals.routing import next_partner
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.referrals.whom_to_ask import can_pass_on, named_service, pass_on, services, unknown_service
from footbridge.security.access import is_action, must_see, of_those, sees_whole
from footbridge.security.access import may as may_do
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
        partner: for ``route``, ``forward``, ``replace``.
        parts: for ``split``.
        happened: for ``answer``: yes, no or partly.
        goal: for ``answer``: a goal-achievement code for every goal.
        goals: for ``answer``: (index into the prescription's goals, code).
        consent: for ``confirm-consent``.
        needs: for ``confirm-needs``: (index into the prescription's needs, right category) of each wrong guess.
        client: for ``confirm-records``: who the client is.
        to: for ``forward``: the place, as the requester's directory names it; else ``partner`` is who gets it.
        outputs: for ``complete``: what was done, in words and codes.
        said: for ``answer``: what the person said besides.
        description: for ``replace``: what is asked for instead; ``partner`` whom.
        listed: for ``route``, ``forward``: the id of the service of the directory that the partner is asked for.
        reported: for ``report-back``: what became of each need, and what was found.
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
    consent: Consent | None = None
    needs: Sequence[tuple[int, str]] = ()
    client: Client | None = None
    to: str = ""
    outputs: Sequence[Output] = ()
    said: FollowUpSaid | None = None
    description: str | None = None
    reported: Reported | None = None
    listed: str | None = None


def carry_out(  # noqa: PLR0913 - collaborators first, then what is asked for by name
    database: Database,
    clock: Clock,
    principal: Principal,
    prescription: str,
    command: Command,
    *,
    intake: Intake | None = None,
    key: str | None = None,
) -> str:
    """Do what is asked, in one transaction, and return the prescription's new status.

    ``intake`` judges and maps the document where a decision changes it (``confirm-consent``,
    ``confirm-needs``, ``confirm-records``). ``key`` is that of the form of our own that it was sent by; a second one
    with the same key changes nothing.

    Raises:
        NotFoundError: no such prescription or referral.
        PrescriptionError: the command has faults, as a partner or a goal that is not there, at JSON Pointers into it.
        LifecycleError: it may not happen now, or not by this user; ``reason`` is the lifecycle's code.
    """
    with database.write() as connection:
        must_see(connection, principal, prescription)
        scope = Scope(connection, principal.tenant, clock.now())
        with open_unit(scope, prescription) as unit:
            row = meant(unit, principal, command.referral)
            if key is not None and not clicks.is_first(
                connection, principal.tenant, key, scope.now, prescription=prescription
            ):
                return unit.status
            if command.at is not None and command.at > scope.now:
                raise LifecycleError(_("An event cannot be in the future."), reason="in-the-future")
            _must_be_its_to_say(unit, row, principal, command.event)
            must_have_consent(unit, command.event)
            must_not_be_held(unit, command.event)
            if command.listed is not None and command.event in {"route", FORWARD}:
                service = named_service(unit, principal, command.partner)
                name_listed(unit, row, service.name, command.listed, intake)
            match command.event:
                case "route":
                    _route(unit, row, principal, command)
                case "split":
                    _split(unit, row, principal, command)
                case name if name == FORWARD:
                    _forward(unit, row, principal, command)
                case name if name == REPORT_BACK:
                    report_back(unit, row, principal, command.reported or Reported(()), command.at or scope.now, intake)
                case name if name in decisions.ACTIONS:
                    at = command.at or scope.now
                    answer = Answer(
                        at, command.reason, command.consent, command.needs, command.client, intake,
                        partner=command.partner, description=command.description,
                    )  # fmt: skip
                    decisions.decide(unit, principal, name, answer)
                case _:
                    if command.said is not None:
                        must_be_known(command.said)
                    _must(unit, row, _event(unit, row, principal, command), principal, command)
                    if command.said is not None:
                        at, goals = command.at or scope.now, _goals_said(unit, command)
                        record_answers(unit, unit.row(row.id), principal, command.said, at, goals)
                    if command.outputs:
                        made = [element_of(one) for one in command.outputs]
                        unit.edit(("Task", row.task), functools.partial(with_outputs, outputs=made))
            end_by(unit, command.event)
        return unit.status


@functools.cache
def event_names() -> tuple[str, ...]:
    """Every event that a user can send, in alphabetical order: ``Command.event``."""
    known = {name for machine in machines().values() for name in machine.targets}
    known |= {row.event for machine in machines().values() for row in machine.orders}
    known |= {"route", "split", "answer", FORWARD, REPORT_BACK, *decisions.ACTIONS}
    return tuple(sorted(known - read_json("mappings", "events.json")["notSent"].keys()))


def may(row: ReferralRow, principal: Principal) -> list[str]:
    """The names of the events that this user may send now: ``split``, and ``route`` in place of ``assign``."""
    names = allowed(row.state, principal)
    taken_on = row.state.task.owner is None and row.machine == "referral" and FORWARD in names
    if "assign" in names or taken_on or (row.state.standing == "as-task" and "reopen" in names):
        names.append("route")
    if row.state.task.owner is None and FORWARD in names:
        names.remove(FORWARD)  # nobody has it: that is to route it
    is_sent = row.machine == "referral" and row.status not in machine(row.machine).unsent
    if principal.role in {"navigator", "requester"} and is_sent and "cancel" in names:
        names.append("split")
    return [name for name in dict.fromkeys(names) if name != "assign"]


def events_now(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> list[str]:
    """As ``may``, and with the newest try of the whole the decisions about the client."""
    is_whole = row.id in {one.id for one in newest_tries(unit.rows, None)}
    names = may(row, principal)
    if FORWARD not in names and may_do(principal, f"referral.{FORWARD_AWAY}") and can_forward(unit, row, principal):
        names.append(FORWARD)
    if can_report_back(unit, row, principal):
        names.append(REPORT_BACK)
    return names + (decisions.decisions_now(unit, principal) if is_whole else [])


def meant(unit: PrescriptionUnit, principal: Principal, referral: str | None) -> ReferralRow:
    """The referral that a user means: the one named, else the newest try of the whole.

    A recipient that names none means its own: the whole if that is open, else its one open part, else the newest.
    Raises NotFoundError for one that the user does not see, and where several could be meant.
    """
    seen = of_those(principal, unit.rows)
    if referral is not None:
        rows = [row for row in seen if row.id == referral]
    elif sees_whole(principal):
        rows = newest_tries(unit.rows, None)
    else:
        still_open = [row for row in seen if not row.is_ended]
        rows = [row for row in still_open if row.parent is None] or still_open or seen[-1:]
    if not rows or (len(rows) > 1 and not sees_whole(principal)):
        raise NotFoundError(_("Unknown referral of this prescription."))
    return rows[0]


def _must_be_its_to_say(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, event: str) -> None:
    """Refuse, before anything else is looked at, what is never this role's: the answer tells nothing of what is there.

    Raises LifecycleError.
    """
    action = f"referral.{event}"
    if is_action(action) and not may_do(principal, action):
        names = events_now(unit, row, principal)
        raise LifecycleError(no_way(row.status, principal.role, names, event), reason="not-this-actor")


def _event(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> Event:
    at = command.at or unit.scope.now
    if command.event == "answer":
        if "answer" in may(row, principal):
            _must_have_goals(unit, command.goals)
        goals = tuple((f"goal/{index}", code) for index, code in command.goals)
        said = command.said or FollowUpSaid()
        barriers = tuple(dict.fromkeys(said.barriers))
        return Answered(at, command.happened, command.goal, goals, command.reason, barriers, said.satisfaction)
    return Act(command.event, at, command.reason, which=command.which)


def _goals_said(unit: PrescriptionUnit, command: Command) -> list[tuple[int, str]]:
    """What was said of each goal, by its place: of every goal what was said of all."""
    of_all = {} if command.goal is None else dict.fromkeys(range(len(unit.prescription.document.goals)), command.goal)
    return sorted((of_all | dict(command.goals)).items())


def _must(unit: PrescriptionUnit, row: ReferralRow, event: Event, principal: Principal, command: Command) -> None:
    result = apply_event(unit, row.id, event, principal)
    if isinstance(result, Refused):
        raise LifecycleError(_words(result, unit, row, principal, command), reason=result.code)
    if isinstance(result, Ignored) and result.reason in {"stale", "tie"}:
        raise LifecycleError(_("A newer answer is already stored."), reason=result.reason)


def _words(refused: Refused, unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> str:
    """The refusal, in the names that a user sends: a route is an ``assign`` or a ``reopen`` to the lifecycle."""
    if refused.wanted is None or command.which != "main":
        return refused.message
    return no_way(row.status, principal.role, events_now(unit, row, principal), command.event)


def _route(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> None:
    """Give a referral that waits to a partner: its first, or another one after the last try ended.

    What a navigator has taken on goes to the partner as another try.
    """
    partner = named_service(unit, principal, command.partner)
    at = command.at or unit.scope.now
    if row.state.task.owner is None and can_pass_on(row, principal) and row.status != "requested":
        pass_on(unit, row, principal, partner, at, command.reason)
        return
    if row.state.task.owner is None:
        _must(unit, row, Act("assign", at, command.reason, owner=partner.name), principal, command)
        if unit.row(row.id).status == "draft":
            _must(unit, unit.row(row.id), Act("submit", at), principal, command)
        unit.enqueue_delivery(partner.name, unit.row(row.id), _part_extras(row))
        return
    _must(unit, row, Act("reopen", at, command.reason, owner=partner.name), principal, command)


def _forward(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> None:
    """Pass a referral on: to a place of the requester's own directory (``to``), or to another service of ours."""
    at = command.at or unit.scope.now
    if command.to:
        _must_be_its_to_say(unit, row, principal, FORWARD_AWAY)
        forward(unit, row, principal, command.to, at, command.reason)
    elif row.state.task.owner is None:
        _route(unit, row, principal, command)
    else:
        pass_on(unit, row, principal, named_service(unit, principal, command.partner), at, command.reason)


def _part_extras(row: ReferralRow) -> list[tuple[str, str]]:
    if row.parent is None or row.service_request is None:
        return []
    return [("ServiceRequest", row.service_request), ("Task", row.task)]


def _split(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, command: Command) -> None:
    """Make several referrals out of one; each part goes to its partner, or by the routes of its category."""
    if "split" not in may(row, principal) or row.service_request is None:
        raise LifecycleError(
            _("Only an open referral can be split, by its navigator or requester."), reason="cannot-split"
        )
    if not command.parts:
        message = _("Name at least one part: what is asked for, and its category.")
        raise PrescriptionError([Issue("command.no-part", "error", "required", message, pointer="/parts")])
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
            hint = _(" Did you mean {near}?", near=near) if near else ""
            message = _("Not an SDOH category of the guide.{hint}", hint=hint)
            if not part.category:
                message = _("Select what this part is about.")
            faults.append(
                Issue("command.unknown-category", "error", "code-invalid", message, pointer=f"/parts/{number}/category")
            )
        if not part.description.strip():
            message = _("Write what this part asks for.")
            faults.append(
                Issue("command.no-description", "error", "required", message, pointer=f"/parts/{number}/description")
            )
        if part.partner is not None and part.partner not in services(unit):
            faults.append(unknown_service(unit, principal, part.partner, f"/parts/{number}/partner"))
    if faults:
        raise PrescriptionError(faults)


def _owner(unit: PrescriptionUnit, part: NewPart) -> str | None:
    return next_partner(unit, None, [part.category]) if part.partner is None else part.partner


def _must_have_goals(unit: PrescriptionUnit, goals: Sequence[tuple[int, str]]) -> None:
    known = len(unit.prescription.document.goals)
    message = (
        _n(
            "The prescription has {count} goal; the first is 0.",
            "The prescription has {count} goals; the first is 0.",
            known,
        )
        if known
        else _("The prescription has no goals; the first is 0.")
    )
    faults = [
        Issue("command.unknown-goal", "error", "not-found", message, pointer=f"/goals/{place}/goal")
        for place, (index, _status) in enumerate(goals)
        if not 0 <= index < known
    ]
    if faults:
        raise PrescriptionError(faults)
