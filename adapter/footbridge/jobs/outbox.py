"""Messages owed to partners, written in the transaction that makes them true.

A message belongs to a key (what must stay in order: a referral at one partner) and has a dedupe key (what must be
said once). Messages of one key leave in the order in which they were owed; see ``claims`` for how they are handed
to workers. The states of a row::

    ready ──▶ done      sent, or made needless by a later message before it was sent
      │  ▲
      │  └── retry      another try, later
      ├────▶ parked     needs a person; what follows in its key waits
      └────▶ dead       given up by a person; what follows in its key goes on

Payloads hold ids, never personal data: a handler reads what it sends when it sends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, or_, select, update

from footbridge.store.dialect import inserting
from footbridge.store.tables import outbox

READY, DONE, DEAD, PARKED = STATES = ("ready", "done", "dead", "parked")

_OWE = inserting(
    outbox,
    lambda statement: statement.on_conflict_do_nothing(index_elements=["tenant", "dedupe"]).returning(outbox.c.id),
)

SUPERSEDED = "A later message says what this one would have said."


@dataclass(frozen=True, slots=True)
class Message:
    """One claimed message, as a handler sees it."""

    id: int
    tenant: str
    partner: str
    key: str
    kind: str
    payload: Mapping[str, Any] = field(hash=False)
    attempt: int  # 1 on the first try
    fence: int  # the number of this claim
    created: datetime
    probe: bool = False  # tests whether a partner that was down is back


def enqueue(  # noqa: PLR0913 - a row has these columns, each named by the caller
    connection: Connection,
    *,
    tenant: str,
    partner: str,
    key: str,
    kind: str,
    payload: Mapping[str, Any],
    dedupe: str,
    due: datetime,
    created: datetime | None = None,
    coalesce: bool = False,
) -> bool:
    """Owe a message, in the caller's transaction; it leaves at ``due`` at the earliest.

    ``created`` is the present, when ``due`` is not. With ``coalesce``, unsent older messages of the same key and
    kind become needless, parked ones too: for messages whose handler sends the state of that moment. A wait that a
    failed try imposed on one of them goes over to this one.

    Returns False, and changes nothing, when the tenant owes or owed a message with this dedupe key.
    """
    now = created or due
    _queue_behind_others(connection, tenant, key)
    row = {
        "tenant": tenant,
        "partner": partner,
        "key": key,
        "kind": kind,
        "dedupe": dedupe,
        "payload": orjson.dumps(payload).decode(),
        "state": READY,
        "attempts": 0,
        "due": due,
        "fence": 0,
        "created": now,
    }
    number = connection.execute(_OWE[connection.dialect.name], row).scalar()
    if number is None:
        return False
    if coalesce:
        older = _supersede(connection, [READY, PARKED], tenant=tenant, key=key, kind=kind, now=now, before=number)
        wait = max((row.due for row in older if row.attempts), default=due)
        if wait > due:
            connection.execute(update(outbox).where(outbox.c.id == number).values(due=wait))
    return True


def supersede(connection: Connection, *, tenant: str, key: str, kind: str, now: datetime) -> int:
    """Make unsent messages of this key and kind needless, unless a worker holds them; returns how many."""
    return len(_supersede(connection, [READY], tenant=tenant, key=key, kind=kind, now=now))


def _supersede(  # noqa: PLR0913 - what to look for, each named by the caller
    connection: Connection,
    states: Sequence[str],
    *,
    tenant: str,
    key: str,
    kind: str,
    now: datetime,
    before: int | None = None,
) -> Sequence[Row[Any]]:
    statement = (
        update(outbox)
        .where(outbox.c.tenant == tenant, outbox.c.key == key, outbox.c.kind == kind, outbox.c.state.in_(states))
        .where(or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now))
        .values(state=DONE, lease_owner=None, lease_until=None, last_error=SUPERSEDED, finished=now)
        .returning(outbox.c.due, outbox.c.attempts)
    )
    if before is not None:
        statement = statement.where(outbox.c.id < before)
    return connection.execute(statement).all()


def _queue_behind_others(connection: Connection, tenant: str, key: str) -> None:
    """Let transactions that owe for one key commit in the order of their ids.

    PostgreSQL hands out an id when a row is inserted, not when it is committed: without this a later message could
    be seen, and sent, before an earlier one. SQLite has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        digest = func.hashtextextended(f"{tenant}\n{key}", 0)
        connection.execute(select(func.pg_advisory_xact_lock(digest)))
