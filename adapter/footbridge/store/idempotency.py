"""Answers kept for the repeat of a request under the same ``Idempotency-Key``, for 30 days.

``find`` one before the work, and ``put`` the answer in the transaction of the work, so that both are durable together.
That nobody else is at the same work meanwhile is another matter: ``store.request_locks``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select

from footbridge.store.dialect import Insert, inserting
from footbridge.store.tables import idempotency as table

KEPT = timedelta(days=30)

_FIND = select(table).where(table.c.tenant == bindparam("of"), table.c.key == bindparam("under"))
_ANSWER = ("fingerprint", "status", "location", "body", "created", "expires")


@dataclass(frozen=True, slots=True)
class New:
    """Nothing is known of the key: do the work."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The same request was answered before, like this."""

    status: int
    location: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The key was used for another request."""


Found = New | Replay | Mismatch


def find(connection: Connection, tenant: str, key: str, fingerprint: str, now: datetime) -> Found:
    """What is known of a key; ``fingerprint`` is the SHA-256 of method, path and body, in hex."""
    row = connection.execute(_FIND, {"of": tenant, "under": key}).one_or_none()
    if row is None or row.expires <= now or row.status is None:
        return New()
    if row.fingerprint != fingerprint:
        return Mismatch()
    return Replay(row.status, row.location, row.body)


def put(connection: Connection, tenant: str, keys: Mapping[str, str], answer: Replay, now: datetime) -> None:
    """Keep the answer of a request under these keys (key -> fingerprint); a kept one that is not too old stays."""
    said = {"status": answer.status, "location": answer.location, "body": answer.body}
    times = {"created": now, "expires": now + KEPT}
    rows = [{"tenant": tenant, "key": key, "fingerprint": mark, **said, **times} for key, mark in keys.items()]
    connection.execute(_PUT[connection.dialect.name], rows)


def expire(connection: Connection, now: datetime) -> int:
    """Forget, for every tenant, what is older than 30 days; returns how many answers."""
    return connection.execute(delete(table).where(table.c.expires <= now)).rowcount


def _over_an_old_one(statement: Insert) -> Insert:
    return statement.on_conflict_do_update(
        index_elements=["tenant", "key"],
        set_={name: statement.excluded[name] for name in _ANSWER},
        where=or_(table.c.expires <= statement.excluded.created, table.c.status.is_(None)),
    )


_PUT = inserting(table, _over_an_old_one)
