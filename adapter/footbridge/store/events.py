"""The timeline: all that happened to a tenant's prescriptions, numbered in the order of commits.

The number is drawn from the tenant's row, whose lock lasts until the transaction ends: a reader that has seen number
n has been able to see every number before it, so a reader that asks for what follows a cursor misses nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, insert, select, update

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.model.events import check
from footbridge.store.exact_json import dumps, loads
from footbridge.store.tables import event as table
from footbridge.store.tables import tenant as tenants

_DRAW = (
    update(tenants)
    .where(tenants.c.name == bindparam("of"))
    .values(last_event=tenants.c.last_event + bindparam("count"))
    .returning(tenants.c.last_event)
)
_ADD = insert(table)
_HAPPENED = select(
    exists().where(
        table.c.tenant == bindparam("of"),
        table.c.prescription == bindparam("about"),
        table.c.name.in_(bindparam("names", expanding=True)),
    )
)
_LAST = select(tenants.c.last_event).where(tenants.c.name == bindparam("of"))


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened to a prescription, or to one of its referrals.

    Attributes:
        name: a name of ``mappings/events.json``.
        before, after: Task.status around it; None where it changed none.
        inferred: a step that a reported state implies, not one that was reported.
        actor, role: who did it.
        source: ``api``, ``portal``, ``timer``, ``outbox``, or the name of the partner that reported it.
        at: when it happened, by its source.
        reason: a reason that somebody gave, and nothing else.
        detail: what else there is to say: the members that the table names for it.
    """

    prescription: str
    referral: str | None
    name: str
    before: str | None
    after: str | None
    inferred: bool
    actor: str
    role: str
    source: str
    at: datetime
    reason: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event(NewEvent):
    """An event as it stands in the timeline: with its number, and when we learned of it."""

    number: int = 0
    recorded: datetime | None = None


def append(connection: Connection, tenant: str, events: Sequence[NewEvent], now: datetime) -> list[Event]:
    """Add events in this order.

    Raises:
        NotFoundError: there is no such tenant.
        ValueError: an event is not as ``mappings/events.json`` has it, which is an error of ours.
    """
    if not events:
        return []
    for one in events:
        check(one.name, one.detail)
    last = connection.execute(_DRAW, {"of": tenant, "count": len(events)}).scalar_one_or_none()
    if last is None:
        raise NotFoundError(_("Unknown tenant."))
    first = last - len(events) + 1
    added = [Event(**_members(one), number=first + place, recorded=now) for place, one in enumerate(events)]
    connection.execute(_ADD, [{**_members(one), "tenant": tenant, "detail": _text(one.detail)} for one in added])
    return added


def has_happened(connection: Connection, tenant: str, prescription: str, names: Collection[str]) -> bool:
    """Whether an event of one of these names stands in the timeline of a prescription."""
    return bool(connection.scalar(_HAPPENED, {"of": tenant, "about": prescription, "names": sorted(names)}))


def newest_by_referral(
    connection: Connection, tenant: str, prescriptions: Collection[str], names: Collection[str]
) -> dict[str, str]:
    """The role that wrote the newest event of one of these names about each referral of these prescriptions."""
    mine = (table.c.tenant == tenant, table.c.prescription.in_(prescriptions), table.c.name.in_(names))
    query = select(table.c.number, table.c.referral, table.c.role).where(*mine, table.c.referral.is_not(None))
    # In order here: asked for the order, SQLite reads all events of the tenant by number.
    return {row.referral: row.role for row in sorted(connection.execute(query), key=lambda row: row.number)}


def newest(connection: Connection, tenant: str) -> int:
    """The number of the tenant's last event, 0 before the first."""
    return connection.scalar(_LAST, {"of": tenant}) or 0


def _members(event: NewEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


def detail_of(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """The detail of a row of the timeline; empty where it has none."""
    return {} if row.detail is None else dict(loads(row.detail))


def _text(detail: Mapping[str, Any]) -> str | None:
    return dumps(dict(detail)) if detail else None
