"""Carries out what our own users do to a prescription besides writing it: events, route, split, answer, decisions.

A ``Command`` is what ``POST /api/v1/prescriptions/{id}/events`` takes; who does it comes from the token, never from the
command. ``events_offered`` says what a user may send.
"""

import functools
from collections.abc import Sequence

from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.i18n import _, _n
from footbridge.model.clock import Clock
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import Act, Answered, Event, Ignored, Refused
from footbridge.model.lifecycle.permission import no_way
from footbridge.model.principals import Principal
from footbridge.referrals import clicks, decisions
from footbridge.referrals.command import Command
from footbridge.referrals.consent import must_have_consent
from footbridge.referrals.events import apply_event
from footbridge.referrals.events_offered import events_now, may, meant
from footbridge.referrals.follow_ups import FollowUpSaid, must_be_known, record_answers
from footbridge.referrals.forwarding import FORWARD, FORWARD_AWAY, forward
from footbridge.referrals.hold_decisions import Answer
from footbridge.referrals.holds import end_by, must_not_be_held
from footbridge.referrals.intake import Intake
from footbridge.referrals.listed_choice import name_listed
from footbridge.referrals.outputs import element_of
from footbridge.referrals.report_back import REPORT_BACK, Reported, report_back
from footbridge.referrals.resource_edits import with_outputs
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.splitting import split_into_parts
from footbridge.referrals.unit import PrescriptionUnit, open_unit
from footbridge.referrals.whom_to_ask import can_pass_on, named_service, pass_on
from footbridge.security.access import is_action, must_see
from footbridge.security.access import may as may_do
from footbridge.store.engine import Database
from footbridge.store.resource_rows import Scope


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
                    split_into_parts(unit, row, principal, command.parts, command.reason)
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
