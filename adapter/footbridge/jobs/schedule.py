"""Work that falls due by the clock: the next poll of a partner, a follow-up. Claimed with lease and fence.

A row has one kind and one subject and stays until its handler says that nothing more is due. Planning it anew
withdraws a run that is under way: the run finds its fence gone and changes nothing.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Update, and_, bindparam, delete, or_, select, tuple_, update

from footbridge.store.dialect import inserting
from footbridge.store.tables import Instant, schedule


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """One claimed row, as its handler sees it."""

    tenant: str
    kind: str
    subject: str
    due: datetime
    cursor: str | None  # where the last run left off
    failures: int  # in a row
    fence: int


_now = bindparam("now", type_=Instant)
_OURS = and_(
    schedule.c.tenant == bindparam("of"),
    schedule.c.kind == bindparam("what"),
    schedule.c.subject == bindparam("whom"),
    schedule.c.fence == bindparam("claim"),
    schedule.c.lease_until.is_not(None),  # not settled by this very claim
)
_picked = (
    select(schedule.c.tenant, schedule.c.kind, schedule.c.subject)
    .where(
        schedule.c.due <= _now,
        or_(schedule.c.lease_until.is_(None), schedule.c.lease_until <= _now),
        schedule.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(schedule.c.due)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("picked")
)
_CLAIM = (
    update(schedule)
    .where(
        tuple_(schedule.c.tenant, schedule.c.kind, schedule.c.subject).in_(
            select(_picked.c.tenant, _picked.c.kind, _picked.c.subject)
        )
    )
    .values(lease_until=bindparam("until", type_=Instant), fence=schedule.c.fence + 1)
    .returning(schedule)
)
_KEY = ("tenant", "kind", "subject")
_PLAN = inserting(schedule, lambda statement: statement.on_conflict_do_nothing(index_elements=_KEY))
_MOVE_OR_PLAN = inserting(
    schedule,
    lambda statement: statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={
            "due": statement.excluded.due,
            "failures": 0,
            "lease_until": None,
            "fence": schedule.c.fence + 1,
        },
    ),
)
_RENEW = update(schedule).where(_OURS).values(lease_until=bindparam("until", type_=Instant))
_MOVE = (
    update(schedule)
    .where(_OURS)
    .values(
        due=bindparam("next", type_=Instant),
        cursor=bindparam("place"),
        failures=bindparam("failed"),
        lease_until=None,
    )
)


def plan(  # noqa: PLR0913 - a row has these columns, each named by the caller
    connection: Connection,
    *,
    tenant: str,
    kind: str,
    subject: str,
    due: datetime,
    cursor: str | None = None,
    move: bool = True,
) -> None:
    """Plan work for ``due``; what is planned already is moved (or stays, without ``move``) and keeps its cursor."""
    row = {
        "tenant": tenant,
        "kind": kind,
        "subject": subject,
        "due": due,
        "cursor": cursor,
        "failures": 0,
        "fence": secrets.randbelow(2**30),  # a run of a row that was cancelled must not match its successor
    }
    connection.execute((_MOVE_OR_PLAN if move else _PLAN)[connection.dialect.name], row)


def cancel(connection: Connection, *, tenant: str, kind: str, subject: str) -> bool:
    """Take back what was planned; False when there is no such row."""
    here = (schedule.c.tenant == tenant, schedule.c.kind == kind, schedule.c.subject == subject)
    return connection.execute(delete(schedule).where(*here)).rowcount == 1


def waiting(connection: Connection, *, kinds: Collection[str], now: datetime) -> bool:
    """Whether a claim may find something; needs no write lock."""
    found = select(schedule.c.kind).where(schedule.c.due <= now, schedule.c.kind.in_(kinds)).limit(1)
    return connection.execute(found).first() is not None


def claim(
    connection: Connection, *, kinds: Collection[str], now: datetime, lease: timedelta, limit: int = 1
) -> list[ScheduledJob]:
    """Claim up to ``limit`` rows of these kinds that are due, the longest due first."""
    terms = {"kinds": sorted(kinds), "now": now, "until": now + lease, "limit": limit}
    rows = connection.execute(_CLAIM, terms).all()
    return [
        ScheduledJob(row.tenant, row.kind, row.subject, row.due, row.cursor, row.failures, row.fence)
        for row in sorted(rows, key=lambda row: row.due)
    ]


def renew(connection: Connection, appointment: ScheduledJob, *, until: datetime) -> bool:
    """Lengthen a lease; False when the row is no longer ours, as for every function below."""
    return _changed(connection, _RENEW, appointment, until=until)


def reschedule(connection: Connection, appointment: ScheduledJob, *, due: datetime, cursor: str | None) -> bool:
    """It ran well; the next run is due at ``due`` and starts from ``cursor``."""
    return _changed(connection, _MOVE, appointment, next=due, place=cursor, failed=0)


def postpone(connection: Connection, appointment: ScheduledJob, *, due: datetime) -> bool:
    """It failed; try again at ``due``, from the same place."""
    failures = appointment.failures + 1
    return _changed(connection, _MOVE, appointment, next=due, place=appointment.cursor, failed=failures)


def finish(connection: Connection, appointment: ScheduledJob) -> bool:
    """Nothing more is due; the row goes."""
    return connection.execute(delete(schedule).where(_OURS), _name(appointment)).rowcount == 1


def _changed(connection: Connection, statement: Update, appointment: ScheduledJob, **values: object) -> bool:
    return connection.execute(statement, {**_name(appointment), **values}).rowcount == 1


def _name(appointment: ScheduledJob) -> dict[str, object]:
    return {
        "of": appointment.tenant,
        "what": appointment.kind,
        "whom": appointment.subject,
        "claim": appointment.fence,
    }
