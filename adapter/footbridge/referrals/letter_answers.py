"""What a service says by the link of a letter: it enters by the door that every report takes (``inbound.receive``)."""

from dataclasses import dataclass

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.model.clock import Clock
from footbridge.model.principals import TIMER, Principal
from footbridge.partners.ports import ActingPerson, Outcome, Output, Report
from footbridge.referrals.inbound import principal_of, receive
from footbridge.referrals.unit import open_unit
from footbridge.store import inbox, letters, resource_rows
from footbridge.store.engine import Database
from footbridge.store.letters import Letter
from footbridge.store.partners import get_partner
from footbridge.store.referrals import get_referral
from footbridge.store.resource_rows import Scope
from footbridge.store.worklist import needs_of

LOCKED = "reply-locked"


@dataclass(frozen=True, slots=True)
class LetterAnswer:
    """What was said.

    Attributes:
        key: of the form; a second one with the same key changes nothing.
        seen: Task.status when the form was made; another one now means that somebody was faster.
        status: accepted, rejected, completed or failed.
        reason: why, where it is declined or did not work out.
        outputs: what was done.
        by: who says it, as they typed it.
    """

    key: str
    seen: str
    status: str
    reason: str | None = None
    outputs: tuple[Output, ...] = ()
    by: str | None = None


def answer_letter(database: Database, clock: Clock, letter: Letter, said: LetterAnswer) -> Outcome:
    """Take the answer in, in one transaction.

    Raises LifecycleError where the referral has moved on since the form was made, or the answer is not possible.
    """
    with database.write() as connection:
        scope = Scope(connection, letter.tenant, clock.now())
        resource_rows.lock(scope)
        partner = get_partner(connection, letter.tenant, letter.partner)
        referral = get_referral(connection, letter.tenant, letter.referral)
        message = f"reply/{letter.digest[:16]}/{said.key}"
        if inbox.outcome_of(connection, letter.tenant, letter.partner, message) is not None:
            return Outcome("known", status=referral.status)
        with open_unit(scope, letter.prescription) as unit:
            row = unit.row(letter.referral)
        if row.status != said.seen or row.partner != letter.partner:
            raise LifecycleError(_("Somebody has answered meanwhile."), reason="not-allowed-from-here")
        by = None if said.by is None else ActingPerson(said.by, "")
        report = Report(
            message_id=message,
            at=scope.now,
            key=row.task,
            by=by,
            status=said.status,
            reason=said.reason,
            outputs=said.outputs,
            confirmed=True,  # what holds was looked at in this transaction: a tie of times is no doubt
        )
        outcome = receive(scope, partner, report)
        if outcome.code != "applied":
            raise LifecycleError(outcome.message or _("This is not possible now."), reason="not-allowed-from-here")
        with open_unit(scope, letter.prescription) as unit:
            unit.note(principal_of(scope, partner, report), "answered-by-link", row.id)
        return outcome


def give_new_code(database: Database, clock: Clock, principal: Principal, about: tuple[str, str], code: str) -> bool:
    """Let a new code open the letters about a referral: what waited for that waits no more. False: no letter has left.

    ``about``: the ids of a prescription and of its referral. The caller has seen that the principal may.
    """
    prescription, referral = about
    with database.write() as connection:
        scope = Scope(connection, principal.tenant, clock.now())
        if not letters.give_code(connection, principal.tenant, prescription, referral, code):
            return False
        if needs_of(connection, principal.tenant, referral) == LOCKED:
            with open_unit(scope, prescription) as unit:
                unit.heard(referral)
                unit.note(principal, "letter-code-given", referral)
        return True


def note_locked(database: Database, clock: Clock, letter: Letter) -> None:
    """Too many wrong codes: the link opens no more, and a person has to phone the service."""
    with database.write() as connection:
        scope = Scope(connection, letter.tenant, clock.now())
        with open_unit(scope, letter.prescription) as unit:
            row = unit.row(letter.referral)
            if not row.is_ended:
                unit.needs_person(TIMER, row, LOCKED)
