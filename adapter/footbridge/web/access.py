"""What of a tenant's data a caller may see, as conditions and queries in SQL.

Our own users see all of their tenant. A recipient sees what its partner is asked to do, and nothing of what other
partners are asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select, true

from footbridge.errors import NotFoundError
from footbridge.referrals.rows import ReferralRow
from footbridge.store.tables import event, prescription, referral
from footbridge.store.tenants import Caller
from footbridge.web.auth import RECIPIENT

SUMMARY = [
    prescription.c[name]
    for name in (
        "id", "identifier_system", "identifier_value", "kind", "status", "categories", "authored", "created", "updated",
    )
]  # fmt: skip

Place = tuple[datetime, str]
"""Where a page ended: when the last prescription was stored, and its id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which prescriptions to list; every condition that is not None holds.

    Attributes:
        category: an SDOH category that one of its needs has.
        identifier: system and value of its business identifier.
        since, until: when it was last changed: from the first, before the second.
    """

    status: str | None = None
    kind: str | None = None
    category: str | None = None
    identifier: tuple[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None


def sees_all(caller: Caller) -> bool:
    """Whether the caller is one of our own users."""
    return caller.role != RECIPIENT


def theirs(caller: Caller, rows: Sequence[ReferralRow]) -> list[ReferralRow]:
    """Those of a prescription's referrals that the caller sees."""
    return [row for row in rows if sees_all(caller) or row.partner == caller.partner]


def summaries(
    connection: Connection, caller: Caller, wanted: Wanted, after: Place | None, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Prescriptions in the order in which they were stored: columns ``SUMMARY``."""
    query = select(*SUMMARY).where(prescription.c.tenant == caller.tenant, *_conditions(wanted))
    query = query.where(_seen(caller, prescription.c.id))
    if after is not None:
        created, identity = prescription.c.created, prescription.c.id
        query = query.where(or_(created > after[0], and_(created == after[0], identity > after[1])))
    return connection.execute(query.order_by(prescription.c.created, prescription.c.id).limit(limit)).all()


def must_see(connection: Connection, caller: Caller, identity: str) -> None:
    """Raises NotFoundError when there is no such prescription, or none that the caller may see."""
    query = select(prescription.c.id).where(prescription.c.tenant == caller.tenant, prescription.c.id == identity)
    if connection.execute(query.where(_seen(caller, prescription.c.id))).first() is None:
        raise NotFoundError("There is no such prescription.")


def happenings(
    connection: Connection, caller: Caller, *, after: int = 0, of: str | None = None, limit: int | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Events that the caller may see, oldest first.

    Each has its prescription's ``identifier_system``, ``identifier_value`` and ``status``, and of its referral the
    ``attempt`` and the ``partner`` who is asked; both None for an event of the prescription as a whole.

    Args:
        connection: a transaction.
        caller: who asks.
        after: the number of the last event that is known.
        of: a prescription; all when None.
        limit: the most that are wanted.
    """
    named = (prescription.c.identifier_system, prescription.c.identifier_value, prescription.c.status)
    asked = (referral.c.attempt, referral.c.partner)
    same = and_(prescription.c.tenant == event.c.tenant, prescription.c.id == event.c.prescription)
    its = and_(referral.c.tenant == event.c.tenant, referral.c.id == event.c.referral)
    query = select(event, *named, *asked).join(prescription, same).outerjoin(referral, its)
    query = query.where(event.c.tenant == caller.tenant, event.c.number > after)
    if of is not None:
        query = query.where(event.c.prescription == of)
    if not sees_all(caller):
        query = query.where(referral.c.id.is_not(None), referral.c.partner == caller.partner)
    return connection.execute(query.order_by(event.c.number).limit(limit)).all()


def _seen(caller: Caller, identity: ColumnElement[str]) -> ColumnElement[bool]:
    if sees_all(caller):
        return true()
    return _referrals(caller).where(referral.c.prescription == identity).exists()


def _referrals(caller: Caller) -> Select[*tuple[Any, ...]]:
    """Referrals that the caller's partner is asked to do; the practice's own for a recipient without a partner."""
    return select(referral.c.id).where(referral.c.tenant == caller.tenant, referral.c.partner == caller.partner)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    columns = prescription.c
    found = [columns[name] == getattr(wanted, name) for name in ("status", "kind") if getattr(wanted, name) is not None]
    if wanted.category is not None:
        found.append(columns.categories.contains(f"|{wanted.category}|", autoescape=True))
    if wanted.identifier is not None:
        found.append(columns.identifier_system == wanted.identifier[0])
        found.append(columns.identifier_value == wanted.identifier[1])
    if wanted.since is not None:
        found.append(columns.updated >= wanted.since)
    if wanted.until is not None:
        found.append(columns.updated < wanted.until)
    return found
