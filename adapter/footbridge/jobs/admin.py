"""What an operator does with the outbox: look, count, send again, drop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, text, update

from footbridge.errors import ConflictError, NotFoundError
from footbridge.jobs.failure import LONGEST_TEXT
from footbridge.jobs.outbox import DEAD, PARKED, READY, STATES
from footbridge.store.tables import circuit, outbox


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the outbox without its payload."""

    id: int
    tenant: str
    partner: str
    key: str
    kind: str
    state: str
    attempts: int
    due: datetime
    last_status: int | None
    last_error: str | None
    created: datetime
    finished: datetime | None


_COLUMNS = [outbox.c[name] for name in Entry.__slots__]


def entries(
    connection: Connection,
    *,
    state: str | None = None,
    partner: str | None = None,
    tenant: str | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The newest rows that meet every filter, newest first."""
    wanted = {outbox.c.state: state, outbox.c.partner: partner, outbox.c.tenant: tenant}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    rows = connection.execute(select(*_COLUMNS).where(*conditions).order_by(outbox.c.id.desc()).limit(limit))
    return [Entry(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of a row's columns


def counts(connection: Connection, *, tenant: str | None = None) -> dict[str, int]:
    """How many rows are in each state, of one tenant or of all."""
    grouped = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    if tenant is not None:
        grouped = grouped.where(outbox.c.tenant == tenant)
    found = {state: number for state, number in connection.execute(grouped)}  # noqa: C416 - rows are not pairs to mypy
    return {state: found.get(state, 0) for state in STATES}


MOST_COUNTED = 1000


def backlog(connection: Connection) -> dict[str, int]:
    """How many messages are ready and how many parked, of all tenants; 1000 stands for 1000 or more.

    Reads the small indexes of these states alone, however many messages were sent before.
    """
    found = {}
    for state in (READY, PARKED):
        # The words of the index, not a parameter: SQLite takes a partial index for its own condition alone.
        some = select(outbox.c.id).where(text(f"state = '{state}'")).limit(MOST_COUNTED).subquery()
        found[state] = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def open_circuits(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Tenant and partner of each circuit that is open."""
    found = select(circuit.c.tenant, circuit.c.partner).where(circuit.c.open_until > now)
    return [(tenant, partner) for tenant, partner in connection.execute(found)]


def parked(connection: Connection, *, partner: str | None = None, tenant: str | None = None) -> int:
    """How many messages are parked, of one partner and tenant or of all."""
    query = select(func.count()).select_from(outbox).where(outbox.c.state == PARKED, *_of(partner, tenant))
    return connection.execute(query).scalar_one()


def retry_all(connection: Connection, *, now: datetime, partner: str | None = None, tenant: str | None = None) -> int:
    """Send every parked message again, as ``retry`` does; returns how many.

    Dead ones stay: each was given up by a person.
    """
    return _change_all(connection, [PARKED], partner, tenant, **_afresh(now))


def drop_all(
    connection: Connection, *, by: str, now: datetime, partner: str | None = None, tenant: str | None = None
) -> int:
    """Give every parked message up, as ``drop`` does; returns how many. What is ready to be sent stays."""
    return _change_all(connection, [PARKED], partner, tenant, **_given_up(by, now))


def retry(connection: Connection, message: int, *, now: datetime, tenant: str | None = None) -> None:
    """Send a parked or dead message again, at once, with all its tries before it.

    Raises NotFoundError for an unknown id (or another tenant's), ConflictError for a message in another state.
    """
    _change(
        connection,
        message,
        tenant,
        [PARKED, DEAD],
        **_afresh(now),
    )


def drop(connection: Connection, message: int, *, by: str, now: datetime, tenant: str | None = None) -> None:
    """Give a message up; the row says who did it. A worker that is sending it will find its claim gone.

    Raises NotFoundError for an unknown id (or another tenant's), ConflictError for a message that is done or dead.
    """
    _change(
        connection,
        message,
        tenant,
        [READY, PARKED],
        **_given_up(by, now),
    )


def _afresh(now: datetime) -> dict[str, Any]:
    return {"state": READY, "attempts": 0, "due": now, "finished": None, "last_status": None, "last_error": None}


def _given_up(by: str, now: datetime) -> dict[str, Any]:
    return {
        "state": DEAD,
        "finished": now,
        "last_error": f"Dropped by {by}."[:LONGEST_TEXT],
        "lease_owner": None,
        "lease_until": None,
        "fence": outbox.c.fence + 1,
    }


def _change_all(
    connection: Connection, states: Sequence[str], partner: str | None, tenant: str | None, **values: object
) -> int:
    here = (outbox.c.state.in_(states), *_of(partner, tenant))
    return connection.execute(update(outbox).where(*here).values(**values)).rowcount


def _of(partner: str | None, tenant: str | None) -> list[ColumnElement[bool]]:
    wanted = {outbox.c.partner: partner, outbox.c.tenant: tenant}
    return [column == value for column, value in wanted.items() if value is not None]


def _change(connection: Connection, message: int, tenant: str | None, states: Sequence[str], **values: object) -> None:
    here = [outbox.c.id == message]
    if tenant is not None:
        here.append(outbox.c.tenant == tenant)
    changed = connection.execute(update(outbox).where(*here, outbox.c.state.in_(states)).values(**values))
    if changed.rowcount == 1:
        return
    state = connection.execute(select(outbox.c.state).where(*here)).scalar()
    if state is None:
        raise NotFoundError(f"There is no message {message}.")
    raise ConflictError(f"Message {message} is {state}; this needs one that is {' or '.join(states)}.")
