"""Passes a referral on to another place of the requester's own directory, as a listing of Ocean; then it is over here.

The requester's system makes a new referral of it, for whoever has that place. Ours is cancelled with the reason, so
that its service stops, and nothing more is said of it to the requester.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.jobs.queue import JobQueue
from footbridge.model.lifecycle import Act, Refused, allowed
from footbridge.model.principals import Principal
from footbridge.partners.networks import FORWARDING
from footbridge.referrals.events import apply_event
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.tables import event

FORWARD: Final = "forward"
FORWARD_AWAY: Final = "forward-away"
"""What the roles that may do it have in ``mappings/access.json``: to pass on to a service of ours is for more."""
FORWARDED: Final = "forwarded"
"""The event, and its name in the timeline; the job has the event's name too."""


def can_forward(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> bool:
    """Whether this user may pass the referral on now."""
    requester = unit.requester
    return (
        requester is not None
        and requester.network in FORWARDING
        and row.parent is None
        and "cancel" in allowed(row.state, principal)
    )


def forward(
    unit: PrescriptionUnit, row: ReferralRow, principal: Principal, to: str, at: datetime, reason: str | None
) -> None:
    """Pass the referral on. Raises LifecycleError where that is not possible, or not now."""
    if unit.requester is None or not can_forward(unit, row, principal):
        raise LifecycleError(
            _("Only an open referral of a requester that forwards, such as an Ocean site, can be forwarded."),
            reason="cannot-forward",
        )
    unit.note(principal, FORWARDED, row.id, at=at, reason=reason, detail={"to": to})
    JobQueue(unit.scope.connection).enqueue(
        tenant=unit.scope.tenant,
        partner=unit.requester.name,
        key=f"{unit.requester.name}/{unit.prescription.id}",
        kind=FORWARD,
        payload={"prescription": unit.prescription.id, "referral": row.id, "to": to},
        dedupe=f"forward/{unit.requester.name}/{row.id}/{to}",
        due=unit.scope.now,
    )
    words = _("Forwarded to {to} in the requester's directory.", to=to)
    result = apply_event(unit, row.id, Act("cancel", at, str(words)), principal)
    if isinstance(result, Refused):
        raise LifecycleError(result.message, reason=result.code)


def reason_of_forward(connection: Connection, tenant: str, referral: str) -> str | None:
    """Why a referral was passed on, in the words of who did it."""
    here = (event.c.tenant == tenant, event.c.referral == referral, event.c.name == FORWARDED)
    query = select(event.c.reason).where(*here).order_by(event.c.number.desc()).limit(1)
    found: str | None = connection.scalar(query)
    return found
