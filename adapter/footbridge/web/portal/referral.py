"""One referral: who it is about, what is asked, how far it is, all that happened, and what can be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint, Response, request

from footbridge.i18n import _, current, spoken
from footbridge.letters import pdf
from footbridge.model.holds import hold_kinds
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import Principal
from footbridge.model.reasons import meaning_of, proposal_for, reason_text, ways_out
from footbridge.security.access import may
from footbridge.store.events import detail_of
from footbridge.store.referrals import referrals_of
from footbridge.web.context import app_context
from footbridge.web.portal import door, words
from footbridge.web.portal.actions import IN_PARTS, Action, possible, row_of, title_of
from footbridge.web.portal.history import entries
from footbridge.web.portal.look import Look, look
from footbridge.web.portal.names import full_name
from footbridge.web.portal.numbers import identifiers_of
from footbridge.web.portal.pages import page

MOST_SHOWN = 5
"""Actions that are shown at once; the rarer ones are behind "More"."""

JUST_NOW = timedelta(minutes=10)
"""How old an event may be that the page says was just done."""

ONE = "/portal/referrals/<uuid:referral>"

routes = Blueprint("referral", __name__)


@routes.get(ONE)
def show(referral: UUID) -> Response:
    """The page of a referral."""
    who = door.signed_in().principal
    seen = look(who, str(referral))
    offered = possible(seen, who)
    waits = _waits(seen, offered)
    named = {name for wait in waits for name in wait.ways}
    is_split = seen.row.state.standing == IN_PARTS
    return page(
        "referral.html",
        seen=seen,
        document=seen.document,
        name=full_name(seen.document.client.name),
        actions=_ordered(seen, [one for one in offered if not one.danger]),
        dangers=[one for one in offered if one.danger],
        ways={one.name: one for one in offered if one.name in named},
        waits=waits,
        history=entries(seen.events, seen.partners, seen.document.goals),
        shown_status=words.status_of(seen.row.status, seen.row.partner, seen.row.machine, is_split=is_split),
        most_shown=MOST_SHOWN,
        done=_done(request.args.get("done"), seen, who),
        identifiers=identifiers_of(seen.document),
        no_contact=not seen.document.client.safe_to_contact,
        not_delivered=_not_delivered(seen),
        prints=may(who, "copy.print"),
        has_pdf=pdf.is_available(),
        linked=_linked(who, seen),
        by_letter=_by_letter(seen) and may(who, "letter.code"),
    )


def _ordered(seen: Look, offered: Sequence[Action]) -> list[Action]:
    """What belongs to the follow-up comes first when that is due, and last before; after help, another try is rare."""
    is_due = seen.follow_up is not None and seen.follow_up[1]
    helped = {"route", "reopen"} if seen.row.status == "completed" else set()
    return sorted(offered, key=lambda one: (one.name in helped, bool(row_of(one.name).get("followUp")) != is_due))


def _done(code: str | None, seen: Look, who: Principal) -> str | None:
    """What the person has just done: the sentence of the history, which says what happened and not which button was."""
    if code == "prescribed":  # an old link leads to what went on since
        if seen.row.status not in machine(seen.row.machine).initial:
            return None
        if seen.row.partner is not None:
            return spoken(_("The prescription is on its way."))
        if seen.document.kind == "signpost":
            return spoken(_("The prescription is stored. The person goes there themselves: nobody else is informed."))
        return spoken(_("The prescription is stored. It waits for a person: no service is informed yet."))
    row = words.table()["actions"].get(code)
    if row is None:
        return None
    if "message" in row:
        return spoken(
            _("The message is sent again.") if row["message"] == "retry" else _("The message is not sent again.")
        )
    since = app_context().clock.now() - JUST_NOW
    mine = [one for one in seen.events if one.actor == who.name and one.recorded >= since and not one.inferred]
    what = entries(mine[-1:], seen.partners)[0].sentence if mine else title_of(code or "", who, seen)
    return spoken(_("Saved: {what}", what=what))


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a referral waits: what happened, what is proposed, and the names of the ways out that this person has."""

    code: str
    since: datetime
    happened: str
    cause: str | None
    proposal: str
    ways: Sequence[str]
    is_held: bool = False

    @property
    def is_about_service(self) -> bool:
        """Whether a person needs the service of the directory to decide: they phone it, or choose another one."""
        return not {"confirm-service", "route", "take-on"}.isdisjoint(self.ways)


def _waits(seen: Look, offered: Sequence[Action]) -> list[Wait]:
    """Every reason: of a prescription on hold each question, though the worklist names the first only."""
    known = {one.name for one in offered}
    reasons = {row.why: (row.since, row.cause) for row in seen.waits}
    held = [hold_kinds()[hold.reason].why for hold in seen.holds]
    for hold, why in zip(seen.holds, held, strict=True):
        reasons.setdefault(why, (hold.since, None))
    return [
        Wait(
            code,
            since,
            meaning_of(code, current()),
            reason_text(cause, current()),
            proposal_for(code, current()),
            [name for name in ways_out(code) if name in known],
            code in held,
        )
        for code, (since, cause) in reasons.items()
    ]


def _linked(who: Principal, seen: Look) -> list[tuple[str, str]]:
    """Prescriptions that replace this one or that it replaces, or for needs that were found: the event, a referral."""
    others = {"replaced": "by", "replaces": "of", "need-added": "by", "found-on-the-way": "of"}
    found = []
    with app_context().database.read() as connection:
        for row in seen.events if seen.ours else []:
            other = detail_of(row).get(others.get(row.name, ""))
            rows = referrals_of(connection, who.tenant, str(other)) if other else []
            found += [(row.name, one.id) for one in rows[:1]]
    return found


def _by_letter(seen: Look) -> bool:
    """Whether the service has a letter about this, which a code opens."""
    partner = seen.partners.get(seen.row.partner or "")
    return partner is not None and partner.network == "letter" and not seen.row.is_ended


def _not_delivered(seen: Look) -> str | None:
    """Why the service does not have it, in words."""
    one = seen.delivery
    return None if one is None or one.status not in {"failed", "abandoned"} else reason_text(one.why, current())
