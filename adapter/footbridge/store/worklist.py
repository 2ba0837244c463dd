"""Referrals that go no further until a person does something, and why.

================  ===========================================================================================
``nobody-asked``  no partner has it: a person routes it, or takes it on as its navigator
``not-helped``    it was declined, failed or called off by its service, and the order rests: try again or withdraw
``overdue``       its service has not answered in time: it was marked by ``mark_overdue``
================  ===========================================================================================
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, or_, select, update

from footbridge.store.tables import prescription, referral

OVERDUE: Final = "overdue"
PAGE: Final = 50

_other = referral.alias("other")
_UNANSWERED = referral.c.status.in_(["draft", "requested"])
_SPLIT = exists().where(
    _other.c.tenant == referral.c.tenant,
    _other.c.prescription == referral.c.prescription,
    _other.c.parent == referral.c.id,
)
_TRIED_AGAIN = exists().where(
    _other.c.tenant == referral.c.tenant,
    _other.c.prescription == referral.c.prescription,
    _other.c.service_request == referral.c.service_request,
    _other.c.attempt > referral.c.attempt,
)
_NOBODY_ASKED = and_(_UNANSWERED, referral.c.partner.is_(None), referral.c.machine == "referral", ~_SPLIT)
_NOT_HELPED = and_(
    referral.c.status.in_(["rejected", "failed", "cancelled"]),
    referral.c.parent.is_(None),
    prescription.c.status == "waiting",
    ~_TRIED_AGAIN,
)
_OVERDUE = and_(referral.c.status == "requested", referral.c.partner.is_not(None), referral.c.overdue.is_not(None))


def waiting_referrals(
    connection: Connection, seen: ColumnElement[bool], *, limit: int = PAGE
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The referrals that wait for a person, those that wait longest first.

    ``seen`` says of which prescriptions (``security.access.seen_prescriptions``).

    Each row has the referral's ``id``, ``prescription``, ``parent``, ``attempt``, ``partner``, ``category`` and
    ``status`` (of its Task), ``since``, ``why`` (see above), and of its prescription ``identifier_system``,
    ``identifier_value`` and ``prescription_status``.
    """
    columns = [
        referral.c[name] for name in ("id", "prescription", "parent", "attempt", "partner", "category", "status")
    ]
    why = case((_NOBODY_ASKED, "nobody-asked"), (_OVERDUE, OVERDUE), else_="not-helped").label("why")
    query = (
        select(
            *columns,
            referral.c.updated.label("since"),
            why,
            prescription.c.identifier_system,
            prescription.c.identifier_value,
            prescription.c.status.label("prescription_status"),
        )
        .join(
            prescription, and_(prescription.c.tenant == referral.c.tenant, prescription.c.id == referral.c.prescription)
        )
        .where(seen, or_(_NOBODY_ASKED, _NOT_HELPED, _OVERDUE))
        .order_by(referral.c.updated, referral.c.place, referral.c.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def mark_overdue(connection: Connection, tenant: str, identity: str, now: datetime) -> bool:
    """Mark that a referral's service has not answered in time; False when it is marked already."""
    mine = (referral.c.tenant == tenant, referral.c.id == identity, referral.c.overdue.is_(None))
    return connection.execute(update(referral).where(*mine).values(overdue=now)).rowcount == 1
