"""Messages of Ocean sites that nobody could read: each a thing that waits for a person, with its ways out.

Somebody may wait for help behind such a message. The page says of each what happened and what is proposed; it shows no
word of the message, only its number in Ocean. What `footbridge partner message list|retry|drop` do.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response
from sqlalchemy import Connection

from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.model.principals import Principal
from footbridge.referrals.failed_messages import listing_of, proposal_of, read_again, text_of
from footbridge.security.access import may, require
from footbridge.store import ocean_messages
from footbridge.store.partners import list_partners
from footbridge.web.context import app_context
from footbridge.web.portal import door, words
from footbridge.web.portal.pages import page

PATH = "/portal/ocean-messages"
MOST = 100
UNKNOWN_LISTING = "unknown-listing"

routes = Blueprint("ocean_messages", __name__)


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that waits for a person; ``listing``: the one that is missing, where that is why."""

    number: int
    partner: str
    site: str
    since: datetime
    referral: str | None
    what: str
    proposal: str
    is_listing_missing: bool
    listing: str | None


def how_many(connection: Connection, who: Principal) -> int:
    """How many wait that this person may decide about; ``MOST`` stands for more."""
    if not may(who, "message.read") or who.partner is not None:
        return 0
    return len(ocean_messages.failed(connection, who.tenant, MOST))


@routes.get(PATH)
def show() -> Response:
    """All of them, those that wait longest first."""
    _must_decide("read")
    return _page(None)


@routes.post(f"{PATH}/<int:message>/<any(retry,drop):what>")
def decide(message: int, what: str) -> Response:
    """Read one again, or say that nobody needs it. One that was decided already is told."""
    who, here = _must_decide(what), app_context()
    try:
        if what == "retry":
            read_again(here.database, who.tenant, message, here.clock.now())
        else:
            with here.database.write() as connection:
                ocean_messages.decide(connection, who.tenant, message, "dropped")
    except ConflictError:
        return _page(spoken(_("Somebody has decided about this message already.")))
    except NotFoundError:
        return _page(spoken(_("There is no such message any more.")))
    here.wake()
    return door.see_other(f"{PATH}?done=ocean-{what}")


def _must_decide(what: str) -> Principal:
    who = door.signed_in().principal
    require(who, f"message.{what}")
    return who


def _page(problem: str | None) -> Response:
    who, here = door.signed_in().principal, app_context()
    with here.database.read() as connection:
        rows = ocean_messages.failed(connection, who.tenant, MOST)
        titles = {one.name: one.title for one in list_partners(connection, who.tenant)}
    waits = [
        Unread(
            number=row.number,
            partner=row.partner,
            site=titles.get(row.partner, row.partner),
            since=row.received,
            referral=row.referral,
            what=words.for_pages(text_of(row.why, current()) or ""),
            proposal=proposal_of(row.why, current()),
            is_listing_missing=row.why == UNKNOWN_LISTING,
            listing=listing_of(here.database, who.tenant, row.number) if row.why == UNKNOWN_LISTING else None,
        )
        for row in rows
    ]
    return page("ocean_messages.html", 409 if problem else 200, waits=waits, problem=problem, most=MOST)
