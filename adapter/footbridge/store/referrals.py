"""Referrals: one row for each Task that asks for something, a try of a prescription or a part of one."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Row, bindparam, func, insert, select, update

from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _
from footbridge.store.tables import referral as table
from footbridge.store.urgency import urgency


@functools.cache
def _add() -> Insert:
    mine = (table.c.tenant == bindparam("whose"), table.c.prescription == bindparam("of"))
    last = select(func.coalesce(func.max(table.c.place), 0)).where(*mine).scalar_subquery()
    return insert(table).values(place=last + 1, urgency=urgency())


@dataclass(frozen=True, slots=True)
class ReferralRecord:
    """One referral.

    Attributes:
        parent: the referral that this is a part of.
        machine: referral or patient: which lifecycle it has.
        partner: who is asked to do it; None: it waits for a person.
        attempt: 1 for the first try.
        state: JSON text of the lifecycle's state.
        status: Task.status, for queries.
        task, service_request: ids of our resources.
        category: the SDOH category of a part of a split.
        due: when a follow-up falls due.
        follow_up: Task.status of the follow-up, for queries; None where none is planned.
    """

    id: str
    prescription: str
    parent: str | None
    machine: str
    partner: str | None
    attempt: int
    state: str
    status: str
    task: str
    service_request: str | None
    category: str | None
    due: datetime | None
    updated: datetime
    follow_up: str | None = None


def add_referral(connection: Connection, tenant: str, record: ReferralRecord) -> None:
    """Store a referral, as the last of its prescription's."""
    connection.execute(_add(), {**_values(record), "tenant": tenant, "whose": tenant, "of": record.prescription})


def get_referral(connection: Connection, tenant: str, identity: str) -> ReferralRecord:
    """One referral; raises NotFoundError."""
    query = select(table).where(table.c.tenant == tenant, table.c.id == identity)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(_("Referral not found."))
    return _record(row)


def find_referral(connection: Connection, tenant: str, task: str) -> ReferralRecord | None:
    """The referral of a Task of ours, by the Task's id."""
    query = select(table).where(table.c.tenant == tenant, table.c.task == task)
    row = connection.execute(query).one_or_none()
    return None if row is None else _record(row)


def referrals_of(connection: Connection, tenant: str, prescription: str) -> list[ReferralRecord]:
    """Every referral of a prescription: first tries first, then in the order in which they were made."""
    query = (
        select(table)
        .where(table.c.tenant == tenant, table.c.prescription == prescription)
        .order_by(table.c.attempt, table.c.place, table.c.id)
    )
    return [_record(row) for row in connection.execute(query)]


def split_among(connection: Connection, tenant: str, referrals: Sequence[str]) -> set[str]:
    """Which of these referrals have parts."""
    mine = select(table.c.prescription).where(table.c.tenant == tenant, table.c.id.in_(referrals))
    found = select(table.c.parent).where(
        table.c.tenant == tenant, table.c.prescription.in_(mine), table.c.parent.in_(referrals)
    )
    return set(connection.scalars(found))


def update_referral(connection: Connection, tenant: str, record: ReferralRecord, *, expected: str) -> None:
    """Store a referral's new state; ``expected`` is the state that the caller started from.

    Raises ConflictError when the referral is in another state by now, NotFoundError when there is none.
    """
    mine = (table.c.tenant == tenant, table.c.id == record.id)
    changed = connection.execute(update(table).where(*mine, table.c.state == expected).values(**_values(record)))
    if changed.rowcount == 0:
        get_referral(connection, tenant, record.id)
        raise ConflictError(_("The referral was changed meanwhile."), retry_after=1)


def _values(record: ReferralRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ReferralRecord.__dataclass_fields__}


def _record(row: Row[*tuple[Any, ...]]) -> ReferralRecord:
    return ReferralRecord(**{name: getattr(row, name) for name in ReferralRecord.__dataclass_fields__})
