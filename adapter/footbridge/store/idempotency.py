"""Requests under an ``Idempotency-Key``: who works on one, and the answers kept for its repeats, for 30 days.

A key is a row. ``reserve`` takes it by a lease, in a short transaction before the work; ``complete`` writes the answer
in the transaction of the work, so that both are durable together; ``release`` gives back the key of a request that was
refused. A process that dies frees its key when the lease ends. The lease's token is the fence: once another request has
taken the key, ``complete`` raises ``LeaseLostError``, and the work of the first one is rolled back with it.

A reservation need not outlive a power cut (``Database.write_in_passing``): on SQLite the process that works on the
request dies with it, and on PostgreSQL ``complete`` finds no row of its token.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from footbridge.errors import ConflictError
from footbridge.i18n import _
from footbridge.store.dialect import Insert, inserting
from footbridge.store.tables import idempotency as table

KEPT = timedelta(days=30)
LEASE = timedelta(seconds=60)
OWN_USERS = ""
"""The requester of keys that the tenant's own users send."""


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key: unique by tenant and requester (a partner's name, or ``OWN_USERS``)."""

    tenant: str
    requester: str
    name: str


@dataclass(frozen=True, slots=True)
class Lease:
    """The key is reserved for whoever holds this: do the work, then ``complete`` or ``release``."""

    key: Key
    fingerprint: str
    token: str


@dataclass(frozen=True, slots=True)
class InFlight:
    """Another request with this key is being worked on; when its lease ends, where that is known."""

    until: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Replay:
    """The same request was answered before, like this."""

    status: int
    location: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The key was used for another request."""


class LeaseLostError(ConflictError):
    """Another request has taken the key, because this one took longer than its lease; nothing of it may be stored."""


def reserve(connection: Connection, key: Key, fingerprint: str, now: datetime) -> Lease | InFlight | Replay | Mismatch:
    """Take a key, or say why not; ``fingerprint`` is the SHA-256 of method, path and body, in hex.

    Commit before the work begins. A key whose lease or whose 30 days are over is free.
    """
    lease = Lease(key, fingerprint, str(uuid.uuid4()))
    until = now + LEASE
    times = {"created": now, "lease_until": until, "expires": until, "lease_token": lease.token}
    nothing = {"status": None, "location": None, "body": None}
    row = {**_named(key), "fingerprint": fingerprint, **nothing, **times}
    if connection.execute(_WRITE[connection.dialect.name], row).rowcount:
        return lease
    found = connection.execute(_FIND, _bound(key)).one_or_none()
    if found is None or found.status is None:  # none: it was given back just now
        return InFlight(None if found is None else found.lease_until)
    return Replay(found.status, found.location, found.body) if found.fingerprint == fingerprint else Mismatch()


def complete(connection: Connection, lease: Lease, answer: Replay, now: datetime) -> None:
    """Keep the answer of the request that holds the lease. Raises LeaseLostError: let it roll the work back."""
    said = {"status": answer.status, "location": answer.location, "body": answer.body, "expires": now + KEPT}
    held = {**_bound(lease.key), "of_token": lease.token}
    if not connection.execute(_COMPLETE, {**held, **said}).rowcount:
        raise LeaseLostError(_("Another request has taken the Idempotency-Key: send this one again."), retry_after=1)


def release(connection: Connection, lease: Lease) -> None:
    """Give a key back whose request did nothing; a key that was completed or taken over stays."""
    connection.execute(_RELEASE, {**_bound(lease.key), "of_token": lease.token})


def find(connection: Connection, key: Key, fingerprint: str, now: datetime) -> Replay | None:
    """The answer that is kept for this request under the key."""
    row = connection.execute(_FIND, _bound(key)).one_or_none()
    if row is None or row.status is None or row.expires <= now or row.fingerprint != fingerprint:
        return None
    return Replay(row.status, row.location, row.body)


def put(connection: Connection, key: Key, fingerprint: str, answer: Replay, now: datetime) -> None:
    """Keep an answer under a key that no request reserves; one that is kept and not too old stays."""
    said = {"status": answer.status, "location": answer.location, "body": answer.body}
    connection.execute(
        _WRITE[connection.dialect.name],
        {**_named(key), "fingerprint": fingerprint, **said, **_NO_LEASE, "created": now, "expires": now + KEPT},
    )


def expire(connection: Connection, now: datetime) -> int:
    """Forget, for every tenant, what is older than 30 days, and leases that ended; returns how many."""
    return connection.execute(delete(table).where(table.c.expires <= now)).rowcount


def _named(key: Key) -> Mapping[str, str]:
    return {"tenant": key.tenant, "requester": key.requester, "key": key.name}


def _bound(key: Key) -> Mapping[str, str]:
    return {"of_tenant": key.tenant, "of_requester": key.requester, "of_key": key.name}


def _over_what_ended(statement: Insert) -> Insert:
    columns = ("fingerprint", "status", "location", "body", "lease_until", "lease_token", "created", "expires")
    return statement.on_conflict_do_update(
        index_elements=["tenant", "requester", "key"],
        set_={name: statement.excluded[name] for name in columns},
        where=table.c.expires <= statement.excluded.created,
    ).execution_options(preserve_rowcount=True)


_KEY = and_(
    table.c.tenant == bindparam("of_tenant"),
    table.c.requester == bindparam("of_requester"),
    table.c.key == bindparam("of_key"),
)
_NO_LEASE = {"lease_until": None, "lease_token": None}
_HELD = and_(_KEY, table.c.lease_token == bindparam("of_token"))
_FIND = select(table).where(_KEY)
_WRITE = inserting(table, _over_what_ended)
_COMPLETE = (
    update(table)
    .where(_HELD)
    .values({name: bindparam(name) for name in ("status", "location", "body", "expires")})
    .values(_NO_LEASE)
)
_RELEASE = delete(table).where(_HELD)
