"""A partner that is down is left alone: its circuit opens after some failures in a row, for all workers at once.

While it is open its messages stay where they are. When its time is over, one message goes through as a probe; an
answer of any kind closes the circuit, silence opens it again for twice as long.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, literal_column, select, update

from footbridge.jobs.backoff import asked_for
from footbridge.jobs.policy import Policy
from footbridge.store.dialect import insert
from footbridge.store.tables import Instant, circuit

_HALF_OPEN = (
    select(circuit.c.tenant, circuit.c.partner)
    .where(circuit.c.open_until <= bindparam("now", type_=Instant))
    .order_by(circuit.c.open_until)
    .with_for_update(skip_locked=True)
)
_CLOSE = (
    update(circuit)
    .where(circuit.c.tenant == bindparam("of"), circuit.c.partner == bindparam("at"), circuit.c.failures > 0)
    .values(failures=0, open_until=None)
)


def closed(tenant: ColumnElement[str], partner: ColumnElement[str]) -> ColumnElement[bool]:
    """SQL: messages may go to this partner."""
    is_open = (circuit.c.tenant == tenant, circuit.c.partner == partner, circuit.c.open_until.is_not(None))
    return ~select(circuit.c.partner).where(*is_open).offset(literal_column("0")).exists()  # OFFSET: see ``claims``


def half_open(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Tenant and partner of each circuit whose time is over, held by this transaction alone."""
    return [(row.tenant, row.partner) for row in connection.execute(_HALF_OPEN, {"now": now})]


def reserve(connection: Connection, tenant: str, partner: str, until: datetime) -> None:
    """Let no other probe through before ``until``."""
    connection.execute(
        update(circuit).where(circuit.c.tenant == tenant, circuit.c.partner == partner).values(open_until=until)
    )


def answered(connection: Connection, tenant: str, partner: str) -> None:
    """The partner answered: its circuit is closed and its failures are forgotten."""
    connection.execute(_CLOSE, {"of": tenant, "at": partner})


def failed(  # noqa: PLR0913 - the facts of one failure
    connection: Connection,
    tenant: str,
    partner: str,
    *,
    now: datetime,
    policy: Policy,
    probe: bool = False,
    retry_after: float | None = None,
) -> datetime | None:
    """The partner gave no answer; returns until when its circuit is open, None while it stays closed.

    A failure of a message that was under way when the circuit opened says nothing new and changes nothing.
    """
    here = (circuit.c.tenant == tenant, circuit.c.partner == partner)
    fresh = {"tenant": tenant, "partner": partner, "failures": 0}
    connection.execute(insert(connection, circuit).on_conflict_do_nothing(), fresh)
    row = connection.execute(select(circuit).where(*here).with_for_update()).one()
    until: datetime | None = row.open_until
    if until is not None and until > now and not probe:
        return until
    failures = row.failures + 1
    until = None
    if failures >= policy.trip_after:
        until = now + max(policy.circuit.bound(failures - policy.trip_after + 1), asked_for(retry_after))
    connection.execute(update(circuit).where(*here).values(failures=failures, open_until=until))
    return until
