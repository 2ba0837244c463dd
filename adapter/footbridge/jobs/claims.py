"""Hands messages to workers, each to one at a time, and takes back what became of them.

A claim is a lease with a fence: the lease ends when its worker dies, the fence is a number that grows with every
claim. Whoever settles a message must name the fence of its claim, so a worker that slept through its lease changes
nothing, and is told so. Only the oldest open message of a key can be claimed; a parked one holds its key up.

Leases follow the injected clock. Workers on several hosts need clocks that agree to well within one lease; where
they don't, a message may be sent twice, but is still settled once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Update,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    update,
)

from footbridge.jobs import breaker
from footbridge.jobs.failure import Fault
from footbridge.jobs.outbox import DONE, PARKED, READY, Message
from footbridge.store.tables import Instant, outbox

# The partial indexes serve only statements that name the states as literals.
_READY: ColumnElement[str] = literal_column("'ready'")
_PARKED: ColumnElement[str] = literal_column("'parked'")

_row = outbox.alias("candidate")
_older = outbox.alias("older")
_now = bindparam("now", type_=Instant)

_DUE = and_(
    _row.c.state == _READY,
    _row.c.due <= _now,
    or_(_row.c.lease_until.is_(None), _row.c.lease_until <= _now),
    _row.c.kind.in_(bindparam("kinds", expanding=True)),
)
# OFFSET 0 keeps PostgreSQL from turning the look-up of each row into a join over the whole table: it plans from
# statistics that are always out of date for a table that is empty most of the time.
_HEAD_OF_KEY = ~(
    select(_older.c.id)
    .where(
        _older.c.tenant == _row.c.tenant,
        _older.c.key == _row.c.key,
        _older.c.state.in_([_READY, _PARKED]),
        _older.c.id < _row.c.id,
    )
    .offset(literal_column("0"))
    .exists()
)
_OF_PARTNER = and_(_row.c.tenant == bindparam("of"), _row.c.partner == bindparam("at"))


def _claim(condition: ColumnElement[bool]) -> Update:
    picked = (
        select(_row.c.id)
        .where(_DUE, condition, _HEAD_OF_KEY)
        .order_by(_row.c.due, _row.c.id)
        .limit(bindparam("limit", type_=Integer, literal_execute=True))  # a plan for a few rows, not for any number
        .with_for_update(skip_locked=True, of=_row)
        .cte("picked")
    )
    return (
        update(outbox)
        .where(outbox.c.id.in_(select(picked.c.id)))
        .values(lease_owner=bindparam("owner"), lease_until=bindparam("until", type_=Instant), fence=outbox.c.fence + 1)
        .returning(outbox)
    )


_WAITING = select(exists().where(_DUE))
_CLAIM = _claim(breaker.closed(_row.c.tenant, _row.c.partner))
_CLAIM_PROBE = _claim(_OF_PARTNER)
_STILL_OURS = and_(
    outbox.c.id == bindparam("message"),
    outbox.c.fence == bindparam("claim"),
    outbox.c.state == READY,
    outbox.c.lease_owner.is_not(None),  # not settled or given back by this very claim
)
_RENEW = update(outbox).where(_STILL_OURS).values(lease_until=bindparam("until", type_=Instant))
_SETTLE = (
    update(outbox)
    .where(_STILL_OURS)
    .values(
        state=bindparam("to"),
        attempts=bindparam("tries"),
        due=bindparam("next", type_=Instant),
        last_status=bindparam("status"),
        last_error=bindparam("error"),
        finished=bindparam("end", type_=Instant),
        lease_owner=None,
        lease_until=None,
    )
)
_RELEASE = update(outbox).where(_STILL_OURS).values(lease_owner=None, lease_until=None)


def waiting(connection: Connection, *, kinds: Collection[str], now: datetime) -> bool:
    """Whether a claim may find something; needs no write lock, so that idle workers disturb nobody."""
    return bool(connection.execute(_WAITING, {"now": now, "kinds": sorted(kinds)}).scalar())


def claim(
    connection: Connection, *, owner: str, kinds: Collection[str], now: datetime, lease: timedelta, limit: int
) -> list[Message]:
    """Claim up to ``limit`` messages of these kinds that are due, in the order in which they fell due.

    Leaves out partners whose circuit is open; of each that may be back it takes one message as a probe.
    """
    terms = {"owner": owner, "kinds": sorted(kinds), "now": now, "until": now + lease}
    messages = _claim_probes(connection, terms, limit)
    if len(messages) < limit:
        rows = connection.execute(_CLAIM, {**terms, "limit": limit - len(messages)}).all()
        messages += [_message(row) for row in sorted(rows, key=lambda row: (row.due, row.id))]
    return messages


def _claim_probes(connection: Connection, terms: dict[str, Any], limit: int) -> list[Message]:
    messages: list[Message] = []
    for tenant, partner in breaker.half_open(connection, terms["now"])[:limit]:
        row = connection.execute(_CLAIM_PROBE, {**terms, "of": tenant, "at": partner, "limit": 1}).one_or_none()
        if row is not None:
            breaker.reserve(connection, tenant, partner, terms["until"])
            messages.append(_message(row, probe=True))
    return messages


def _message(row: Row[Any], *, probe: bool = False) -> Message:
    return Message(
        id=row.id,
        tenant=row.tenant,
        partner=row.partner,
        key=row.key,
        kind=row.kind,
        payload=orjson.loads(row.payload),
        attempt=row.attempts + 1,
        fence=row.fence,
        created=row.created,
        probe=probe,
    )


def renew(connection: Connection, messages: Sequence[Message], *, until: datetime) -> list[Message]:
    """Lengthen leases; returns the messages that are still ours."""
    return [message for message in messages if _changed(connection, _RENEW, message, until=until)]


def release(connection: Connection, message: Message) -> bool:
    """Give a message back untried; False when it was no longer ours, as for every function below."""
    return _changed(connection, _RELEASE, message)


def finish(connection: Connection, message: Message, *, now: datetime) -> bool:
    """The partner has it."""
    return _settle(connection, message, DONE, due=now, end=now)


def retry(connection: Connection, message: Message, *, due: datetime, fault: Fault) -> bool:
    """Try again at ``due``."""
    return _settle(connection, message, READY, due=due, fault=fault)


def park(connection: Connection, message: Message, *, now: datetime, fault: Fault) -> bool:
    """Leave it to a person; its key waits."""
    return _settle(connection, message, PARKED, due=now, end=now, fault=fault)


def _settle(
    connection: Connection,
    message: Message,
    state: str,
    *,
    due: datetime,
    end: datetime | None = None,
    fault: Fault | None = None,
) -> bool:
    return _changed(
        connection,
        _SETTLE,
        message,
        to=state,
        tries=message.attempt,
        next=due,
        end=end,
        status=fault.status if fault else None,
        error=fault.text if fault else None,
    )


def _changed(connection: Connection, statement: Update, message: Message, **values: object) -> bool:
    return connection.execute(statement, {"message": message.id, "claim": message.fence, **values}).rowcount == 1
