"""What partners have and have not of prescriptions, read from the jobs that bring it.

A message *is missing* at its partner when it failed, or when a person or the queue gave it up, and that still matters:

===========  ==========================================================================================================
failed       until it is sent, superseded or dropped. A first delivery whose service was reached by nothing matters only
             while one of the service's referrals is open.
abandoned    until a later message brings the same; for a service while it has an open referral, and of a first
             delivery only until the service answers by other means; for the requester while the prescription is open.
===========  ==========================================================================================================
"""

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from footbridge.model.lifecycle.tables import machines
from footbridge.store.tables import job, prescription, referral

SUPERSEDED = "superseded"
FIRST = "deliver"
"""The kind of a job that brings a referral."""

_FAILED: ColumnElement[str] = literal_column("'failed'")
_ABANDONED: ColumnElement[str] = literal_column("'abandoned'")
_READY: ColumnElement[str] = literal_column("'ready'")
_there = referral.alias("there")


@dataclass(frozen=True, slots=True)
class MessageState:
    """A message about a prescription that is queued, failed or abandoned.

    Attributes:
        id: of its job; messages to one partner go in this order.
        kind: of its job: ``deliver``, ``update`` or ``message``.
        referral: that it is about; None: the prescription.
        state: ``ready``, ``failed`` or ``abandoned``.
        attempts: so far.
        why: a code of ``mappings/delivery.json``: what the last attempt failed of, why it was given up.
        created, finished: when it was queued; when it failed or was given up.
    """

    id: int
    kind: str
    partner: str
    referral: str | None
    state: str
    attempts: int
    why: str | None
    created: datetime
    finished: datetime | None


_COLUMNS = [job.c[name] for name in MessageState.__slots__]
# Both in the words of the indexes, by which SQLite knows that one serves.
_IS_QUEUED = and_(job.c.key.is_not(None), job.c.state.in_([_READY, _FAILED]), job.c.state == _READY)
_QUEUED = select(*_COLUMNS).where(
    job.c.tenant == bindparam("whose"), job.c.key.in_(bindparam("queues", expanding=True)), _IS_QUEUED
)
_NOT_DELIVERED = and_(job.c.state.in_([_FAILED, _ABANDONED]), job.c.key.is_not(None))
_STUCK = select(*_COLUMNS).where(job.c.tenant == bindparam("whose"), job.c.prescription == bindparam("of"))
_OF_PRESCRIPTION = union_all(_QUEUED, _STUCK.where(_NOT_DELIVERED)).order_by("id")


def messages_of(
    connection: Connection, tenant: str, prescription_id: str, partners: Collection[str]
) -> Sequence[MessageState]:
    """The messages about a prescription that were not delivered, oldest first; queued ones to these partners."""
    asked = {"whose": tenant, "of": prescription_id, "queues": [f"{name}/{prescription_id}" for name in partners]}
    return [MessageState(*row) for row in connection.execute(_OF_PRESCRIPTION, asked)]


def mark_delivered(connection: Connection, tenant: str, identity: str, now: datetime) -> None:
    """Note that a referral's service has it; the first time counts."""
    mine = (referral.c.tenant == tenant, referral.c.id == identity, referral.c.delivered.is_(None))
    connection.execute(update(referral).where(*mine).values(delivered=now))


def delivered_of(connection: Connection, tenant: str, prescription_id: str) -> dict[str, datetime]:
    """Since when the services of a prescription's referrals have them, by referral."""
    query = select(referral.c.id, referral.c.delivered).where(
        referral.c.tenant == tenant, referral.c.prescription == prescription_id, referral.c.delivered.is_not(None)
    )
    return {row.id: row.delivered for row in connection.execute(query)}


def has_first_delivery(connection: Connection, tenant: str, prescription_id: str, identity: str) -> bool:
    """Whether a referral's service still has to get it, or will not get it."""
    query = select(referral.c.partner, referral.c.delivered).where(
        referral.c.tenant == tenant, referral.c.id == identity
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.partner is None or row.delivered is not None:
        return False
    mine = messages_of(connection, tenant, prescription_id, [row.partner])
    return any((one.kind, one.referral, one.partner) == (FIRST, identity, row.partner) for one in mine)


@functools.cache
def is_missing() -> ColumnElement[bool]:
    """Which rows of ``job``, next to the ``prescription`` that each is about, are messages that a partner misses."""
    is_open = _there.c.status.not_in(_terminal())
    reached = _of_partner(or_(is_open, _there.c.delivered.is_not(None)))
    at_work = _of_partner(is_open)
    unanswered = _of_partner(and_(_there.c.id == job.c.referral, _there.c.status.in_(["draft", "requested"])))
    to_requester = job.c.partner == prescription.c.requester
    failed = and_(job.c.state == _FAILED, or_(job.c.kind != FIRST, to_requester, reached))
    abandoned = and_(
        job.c.state == _ABANDONED,
        job.c.why.is_distinct_from(SUPERSEDED),
        or_(
            and_(to_requester, prescription.c.status.in_(["active", "waiting"])),
            and_(~to_requester, job.c.kind == FIRST, unanswered),
            and_(~to_requester, job.c.kind != FIRST, at_work),
        ),
    )
    return and_(_NOT_DELIVERED, or_(failed, abandoned))


def misses_something() -> ColumnElement[bool]:
    """Which rows of ``prescription`` have a message that a partner misses."""
    here = (job.c.tenant == prescription.c.tenant, job.c.prescription == prescription.c.id)
    return exists(select(job.c.id).where(*here, is_missing()).correlate(prescription))


def _of_partner(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    same = (_there.c.tenant == job.c.tenant, _there.c.prescription == job.c.prescription)
    return exists(select(_there.c.id).where(*same, _there.c.partner == job.c.partner, condition).correlate(job))


def _terminal() -> list[str]:
    return sorted({status for machine in machines().values() for status in machine.terminal})


def not_yet_there(connection: Connection, tenant: str, asked: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of (partner, prescription), those whose first delivery was tried in vain, and is tried again or was given up."""
    if not asked:
        return set()
    of = job.c.prescription.in_(sorted({one for _partner, one in asked}))
    queues = job.c.key.in_(sorted(f"{partner}/{one}" for partner, one in asked))
    first = select(job.c.partner, job.c.prescription).where(job.c.tenant == tenant, job.c.kind == FIRST)
    in_vain = first.where(of, _NOT_DELIVERED)
    again = first.where(queues, _IS_QUEUED, job.c.attempts > 0)
    return {(row.partner, row.prescription) for row in connection.execute(union_all(in_vain, again))} & set(asked)
