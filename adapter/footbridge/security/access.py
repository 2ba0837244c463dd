"""Who may see and do what: the one place that says so, as conditions in SQL that every query uses.

Actions and whose prescriptions a role sees are the table ``mappings/access.json``. The API, FHIR, the portal and the
commands ask here; what may happen to a referral in its state is the lifecycle's to say (``model.lifecycle``).
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, or_, select, true

from footbridge.data import read_json
from footbridge.errors import ForbiddenError, NotFoundError
from footbridge.model.events import names, names_seen_by
from footbridge.model.principals import Principal
from footbridge.store.tables import event, prescription, referral
from footbridge.store.tables import tenant as tenants

SUMMARY = [
    prescription.c[name]
    for name in (
        "id", "requester", "identifier_system", "identifier_value", "kind", "status", "categories", "authored",
        "created", "updated",
    )
]  # fmt: skip

Place = tuple[datetime, str]
"""Where a page ended: when the last prescription was stored, and its id."""


class Asked(Protocol):
    """A referral, as far as access asks."""

    @property
    def partner(self) -> str | None:
        """The partner that is asked to do it."""


Referral = TypeVar("Referral", bound=Asked)


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


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "access.json")
    return table


def require(principal: Principal, action: str) -> None:
    """Refuse an action that the principal's role may not do. Raises ForbiddenError, which names the roles that may."""
    roles = _table()["actions"][action]
    if principal.role not in roles:
        raise ForbiddenError(f"Role {' or '.join(roles)} is required; yours is {principal.role}.")


def may(principal: Principal, action: str) -> bool:
    """Whether the principal's role may do this."""
    return principal.role in _table()["actions"][action]


def roles_that_may(action: str) -> tuple[str, ...]:
    """The roles that may do this, in the table's order."""
    return tuple(_table()["actions"][action])


def requester_of(connection: Connection, principal: Principal) -> str:
    """The requester whose prescriptions those are that the principal submits; empty: the tenant's own users'.

    That is the partner that it speaks for, else the tenant's default.
    """
    if principal.partner is not None and principal.role != "recipient":
        return principal.partner
    default = connection.scalar(select(tenants.c.requester).where(tenants.c.name == principal.tenant))
    return default or ""


def sees_whole(principal: Principal) -> bool:
    """Whether it sees prescriptions whole, and not only what a partner is asked to do."""
    return _whose(principal) in {"own", "all"}


def seen_prescriptions(principal: Principal) -> ColumnElement[bool]:
    """The rows of ``prescription`` that a principal sees."""
    here = prescription.c.tenant == principal.tenant
    match _whose(principal):
        case "asked":
            asked = select(referral.c.id).where(seen_referrals(principal), referral.c.prescription == prescription.c.id)
            return and_(here, asked.exists())
        case "own" if principal.partner is None:
            default = select(func.coalesce(tenants.c.requester, "")).where(tenants.c.name == principal.tenant)
            return and_(here, prescription.c.requester.in_(["", default.scalar_subquery()]))
        case "own":
            return and_(here, prescription.c.requester == principal.partner)
        case "all":
            return here
        case _:
            return false()


def seen_referrals(principal: Principal) -> ColumnElement[bool]:
    """The rows of ``referral`` that a principal sees, of a prescription that it sees."""
    here = referral.c.tenant == principal.tenant
    return here if sees_whole(principal) else and_(here, referral.c.partner == principal.partner)


def of_those(principal: Principal, rows: Iterable[Referral]) -> list[Referral]:
    """Those of a visible prescription's referrals that the principal sees."""
    return [row for row in rows if sees_whole(principal) or row.partner == principal.partner]


def must_see(connection: Connection, principal: Principal, identity: str) -> None:
    """Raises NotFoundError when there is no such prescription, or none that the principal may see."""
    query = select(prescription.c.id).where(seen_prescriptions(principal), prescription.c.id == identity)
    if connection.execute(query).first() is None:
        raise NotFoundError("Prescription not found.")


def summaries(
    connection: Connection, principal: Principal, wanted: Wanted, after: Place | None, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Prescriptions in the order in which they were stored: columns ``SUMMARY``."""
    query = select(*SUMMARY).where(seen_prescriptions(principal), *_conditions(wanted))
    if after is not None:
        created, identity = prescription.c.created, prescription.c.id
        query = query.where(or_(created > after[0], and_(created == after[0], identity > after[1])))
    return connection.execute(query.order_by(prescription.c.created, prescription.c.id).limit(limit)).all()


def happenings(
    connection: Connection, principal: Principal, *, after: int = 0, of: str | None = None, limit: int | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Events that the principal may see, oldest first: by whose prescriptions, and by ``mappings/events.json``.

    Each has its prescription's ``identifier_system``, ``identifier_value`` and ``status``, and of its referral the
    ``attempt`` and the ``partner`` who is asked; both None for an event of the prescription as a whole.

    Args:
        connection: a transaction.
        principal: who asks.
        after: the number of the last event that is known.
        of: a prescription; all when None.
        limit: the most that are wanted.
    """
    named = (prescription.c.identifier_system, prescription.c.identifier_value, prescription.c.status)
    asked = (referral.c.attempt, referral.c.partner)
    same = and_(prescription.c.tenant == event.c.tenant, prescription.c.id == event.c.prescription)
    its = and_(referral.c.tenant == event.c.tenant, referral.c.id == event.c.referral)
    query = select(event, *named, *asked).join(prescription, same).outerjoin(referral, its)
    query = query.where(event.c.tenant == principal.tenant, event.c.number > after, _seen_names(principal))
    if of is not None:
        query = query.where(event.c.prescription == of)
    if sees_whole(principal):
        query = query.where(seen_prescriptions(principal))
    else:
        query = query.where(referral.c.id.is_not(None), seen_referrals(principal))
    return connection.execute(query.order_by(event.c.number).limit(limit)).all()


def _seen_names(principal: Principal) -> ColumnElement[bool]:
    """The events that the table of events shows to the principal's role."""
    seen = names_seen_by(principal.role)
    return true() if seen.issuperset(names()) else event.c.name.in_(sorted(seen))


def _whose(principal: Principal) -> str:
    whose = str(_table()["whose"].get(principal.role, "none"))
    return "own" if whose == "all" and principal.partner is not None else whose


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
    return found or [true()]
