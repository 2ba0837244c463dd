"""What people write about a referral in our own pages, where no system does it for them.

A message to the other side, a time that was agreed, a warm hand-over, a need that was found on the way. What moves the
Task is a command (``commands.carry_out``); this is all the rest. Each is one transaction, and comes once: a form that
is sent twice has the same ``key``.
"""

import uuid
from dataclasses import dataclass, field

from footbridge.errors import ForbiddenError, LifecycleError, NotFoundError, PrescriptionError
from footbridge.i18n import _
from footbridge.model.clock import Clock
from footbridge.model.holds import rules_of
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import Act, Refused
from footbridge.model.prescription import Need
from footbridge.model.prescription.said import said_document
from footbridge.model.principals import Principal
from footbridge.partners.ports import Appointment, AppointmentTime, Message
from footbridge.referrals import clicks
from footbridge.referrals.amendment import put_in_place
from footbridge.referrals.appointments import book
from footbridge.referrals.decided import CONSENT
from footbridge.referrals.demographics import at_work
from footbridge.referrals.events import apply_event
from footbridge.referrals.events_offered import meant
from footbridge.referrals.follow_ups import nobody_has
from footbridge.referrals.holds import open_holds
from footbridge.referrals.intake import Intake
from footbridge.referrals.messages import store_message
from footbridge.referrals.notes import write_note
from footbridge.referrals.phone_answer import PhoneAnswer, record_phone_answer
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.security.access import may, must_see, require, sees_whole
from footbridge.security.lists import referrals_seen
from footbridge.store.engine import Database
from footbridge.store.resource_rows import Scope
from footbridge.store.worklist import clear_questions, has_question
from footbridge.terminology import category


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words to the other side; personal: never logged."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A time that was agreed with the client."""

    time: AppointmentTime


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A warm hand-over: who introduced the client to whom, and whether the first visit was explained."""

    introduced_by: str
    introduced_to: str
    welcome_explained: bool


@dataclass(frozen=True, slots=True)
class NeedFound:
    """A need that was found on the way: its SDOH category, and in words."""

    category: str
    statement: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakenOn:
    """A navigator takes on what no service is asked for."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What the service asked was answered another way, such as by phone; what was said is for those who ordered."""

    how: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Noted:
    """A note about the referral; personal: never logged."""

    text: str = field(repr=False)


Said = Noted | Written | Agreed | HandedOver | NeedFound | PhoneAnswer | TakenOn | Settled

ACTIONS: dict[type[Said], str] = {
    Noted: "referral.note",
    Written: "referral.message",
    Agreed: "referral.schedule",
    HandedOver: "referral.hand-over",
    NeedFound: "need.add",
    PhoneAnswer: "referral.phone-answer",
    TakenOn: "referral.take-on",
    Settled: "referral.settle",
}
"""What each is called in ``mappings/access.json``."""


def possible(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> list[type[Said]]:
    """What this user may write about a referral now."""
    is_whole = row.id in {one.id for one in newest_tries(unit.rows, None)}
    asked = row.partner is not None and row.machine == "referral"
    fits: dict[type[Said], bool] = {
        Noted: at_work(row) or sees_whole(principal),
        Written: at_work(row) and asked,
        Agreed: row.status in {"accepted", "in-progress", "on-hold"} and row.machine == "referral",
        HandedOver: row.status in {"requested", "accepted", "in-progress"} and asked,
        PhoneAnswer: row.status == "requested" and asked,
        TakenOn: nobody_has(unit, row) and not open_holds(unit),
        NeedFound: is_whole and unit.status in {"active", "waiting"},
        Settled: has_question(unit.scope.connection, unit.scope.tenant, row.id) and not row.is_ended,
    }
    return [kind for kind, fit in fits.items() if fit and may(principal, ACTIONS[kind])]


def write(  # noqa: PLR0913 - collaborators first, then what is written by name
    database: Database,
    clock: Clock,
    principal: Principal,
    about: tuple[str, str],
    said: Said,
    *,
    key: str,
    intake: Intake,
) -> None:
    """Store what somebody wrote, and queue it for whoever has to get it.

    Args:
        database: migrated.
        clock: the time.
        principal: who wrote it.
        about: the ids of a prescription and of its referral.
        said: what.
        key: of the form that it was written in; a second one with the same key changes nothing.
        intake: judges and maps the document where it changes.

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: no such prescription or referral for this user.
        LifecycleError: not in this state.
        PrescriptionError: a need that the document cannot have, at a JSON Pointer into the form.
    """
    require(principal, ACTIONS[type(said)])
    prescription, referral = about
    with database.write() as connection:
        must_see(connection, principal, prescription)
        scope = Scope(connection, principal.tenant, clock.now())
        with open_unit(scope, prescription) as unit:
            row = meant(unit, principal, referral)
            _must_know(unit, row, principal)
            if not clicks.is_first(connection, principal.tenant, key, scope.now, prescription=prescription):
                return
            if type(said) not in possible(unit, row, principal):
                message = _("This is not possible while the referral is {status}.", status=row.status)
                raise LifecycleError(message, reason="not-allowed-from-here")
            _store(unit, row, principal, said, intake)


def _must_know(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> None:
    seen = referrals_seen(unit.scope.connection, principal, row.prescription, unit.scope.now)
    if row.id not in seen:
        raise NotFoundError(_("Unknown referral of this prescription."))
    if not seen[row.id].known:
        raise ForbiddenError(_("This referral has ended for your organization."))


def _store(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, said: Said, intake: Intake) -> None:
    now = unit.scope.now
    match said:
        case Noted():
            write_note(unit, row, principal, said.text)
        case Written():
            store_message(unit, row, principal, Message(message_id=str(uuid.uuid4()), at=now, text=said.text))
        case Agreed():
            book(unit, row, principal, Appointment(message_id="", at=now, time=said.time))
        case HandedOver():
            welcome = "explained" if said.welcome_explained else "not-explained"
            names = {"introducedBy": said.introduced_by, "introducedTo": said.introduced_to}
            unit.note(principal, "handed-over", row.id, detail={**names, "welcome": welcome})
        case TakenOn():
            for event in ("submit", "accept") if row.status == "draft" else ("accept",):
                result = apply_event(unit, row.id, Act(event, now), principal)
                if isinstance(result, Refused):
                    raise LifecycleError(result.message, reason=result.code)
        case PhoneAnswer():
            record_phone_answer(unit, row, principal, said)
        case Settled():
            clear_questions(unit.scope.connection, unit.scope.tenant, [row.id])
            unit.note(principal, "question-settled", row.id, reason=said.how)
        case NeedFound():
            _add_need(unit, principal, said, intake)


def _add_need(unit: PrescriptionUnit, principal: Principal, said: NeedFound, intake: Intake) -> None:
    if category(said.category) is None:
        message = _("Not an SDOH category of the guide.")
        raise PrescriptionError([Issue("need.category", "error", "code-invalid", message, pointer="/category")])
    document = unit.prescription.document
    need = Need(category=said.category, statement=said.statement, language=document.language)
    newer = document.model_copy(update={"needs": (*document.needs, need)})
    may_hold = {CONSENT, *(hold.reason for hold in open_holds(unit))}  # what is still asked is no fault of the form
    intake.accept(said_document(newer).encode(), unit.scope.tenant, rules_of(frozenset(may_hold)))
    put_in_place(unit, intake, newer)
    unit.note(principal, "need-added", detail={"category": said.category})
