"""Answers kept for the repeat of a request under the same ``Idempotency-Key``, for 30 days.

``begin`` in a short transaction of its own, do the work, then ``finish`` (best in the transaction of the work, so that
both are durable together) or ``drop`` after a failure. A request that died on the way is taken over after 60 s.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update

from footbridge.store.dialect import unless_there
from footbridge.store.tables import idempotency as table

KEPT = timedelta(days=30)
TAKEN_OVER = timedelta(seconds=60)

_ADD = unless_there(table)
_FINISH = (
    update(table)
    .where(table.c.tenant == bindparam("of"), table.c.key == bindparam("under"))
    .values(status=bindparam("status"), location=bindparam("location"), body=bindparam("body"))
)


@dataclass(frozen=True, slots=True)
class New:
    """The key is free, and ours now: do the work."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The same request was answered before, like this."""

    status: int
    location: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The key was used for another request."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """The same request is being worked on."""


Found = New | Replay | Mismatch | InFlight


def begin(connection: Connection, tenant: str, key: str, fingerprint: str, now: datetime) -> Found:
    """Claim a key for a request, or say what is known of it.

    ``fingerprint`` is the SHA-256 of method, path and body, in hex. Of two callers at once one gets New.
    """
    if _add(connection, tenant, key, fingerprint, now, None):
        return New()
    return _known(connection, tenant, key, fingerprint, now)


def put(connection: Connection, tenant: str, key: str, fingerprint: str, answer: Replay, now: datetime) -> None:
    """Keep an answer under a key that nobody claims; one that is kept already stays."""
    _add(connection, tenant, key, fingerprint, now, answer)


def finish(connection: Connection, tenant: str, key: str, answer: Replay) -> None:
    """Keep the answer of a claimed key."""
    connection.execute(_FINISH, {"of": tenant, "under": key, **_members(answer)})


def drop(connection: Connection, tenant: str, key: str) -> None:
    """Free a claimed key after a failure, so that the caller may try again; a kept answer stays."""
    connection.execute(delete(table).where(table.c.tenant == tenant, table.c.key == key, table.c.status.is_(None)))


def expire(connection: Connection, now: datetime) -> int:
    """Forget, for every tenant, what is older than 30 days; returns how many answers."""
    return connection.execute(delete(table).where(table.c.expires <= now)).rowcount


def _add(connection: Connection, tenant: str, key: str, fingerprint: str, now: datetime, answer: Replay | None) -> bool:
    row = {"tenant": tenant, "key": key, "fingerprint": fingerprint, "created": now, "expires": now + KEPT}
    return connection.execute(_ADD[connection.dialect.name], {**row, **_members(answer)}).rowcount == 1


def _members(answer: Replay | None) -> dict[str, object]:
    if answer is None:
        return {"status": None, "location": None, "body": None}
    return {"status": answer.status, "location": answer.location, "body": answer.body}


def _known(connection: Connection, tenant: str, key: str, fingerprint: str, now: datetime) -> Found:
    mine = (table.c.tenant == tenant, table.c.key == key)
    row = connection.execute(select(table).where(*mine).with_for_update()).one_or_none()
    if row is None:  # dropped between our insert and now
        return InFlight()
    expired = row.expires <= now
    if row.fingerprint != fingerprint and not expired:
        return Mismatch()
    if not expired and row.status is not None:
        return Replay(row.status, row.location, row.body)
    if not expired and row.created > now - TAKEN_OVER:
        return InFlight()
    fresh = {"status": None, "location": None, "body": None, "created": now, "expires": now + KEPT}
    connection.execute(update(table).where(*mine).values(fingerprint=fingerprint, **fresh))
    return New()
