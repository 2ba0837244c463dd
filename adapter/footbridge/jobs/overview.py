"""What an operator wants to know of the queue, of all tenants: how much waits, since when, and who works on it.

Every query reads small indexes, those of open jobs and of what was finished lately, so that it may be asked often. The
answers hold names of tenants and partners, kinds, states and times: nothing of a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text

from footbridge.store.dialect import unindexed
from footbridge.store.tables import circuit, job

LATELY = timedelta(minutes=15)
"""How far back ``finished`` looks."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of one kind and state.

    Attributes:
        tenant: whose they are.
        kind: of the work, such as ``deliver`` or ``poll``.
        state: ``ready`` or ``failed``.
        count: how many.
        overdue: how many of the ready ones are due.
        oldest: seconds since the first of the ready ones fell due, or since the first of the others failed; 0: none.
    """

    tenant: str
    kind: str
    state: str
    count: int
    overdue: int
    oldest: float


@dataclass(frozen=True, slots=True)
class AtPartner:
    """A number about one partner of a tenant."""

    tenant: str
    partner: str
    what: str
    value: float


def waiting(connection: Connection, now: datetime) -> list[Waiting]:
    """How many jobs are ready or failed, and since when."""
    found = []
    moment = {"ready": job.c.due, "failed": job.c.finished}
    for state, since in moment.items():
        rows = connection.execute(
            select(
                job.c.tenant,
                job.c.kind,
                func.count().label("number"),
                func.count().filter(since <= now).label("overdue"),
                func.min(since).label("first"),
            )
            .where(text(f"state = '{state}'"))  # the words of the index
            .group_by(job.c.tenant, job.c.kind)
        )
        found += [Waiting(row.tenant, row.kind, state, row.number, row.overdue, _age(row.first, now)) for row in rows]
    return found


def finished(connection: Connection, now: datetime) -> list[AtPartner]:
    """How many messages to each partner were done within ``LATELY``, and how many failed ones wait; by state."""
    number = func.count().label("number")
    by_partner = (job.c.tenant, job.c.partner)
    done = select(*by_partner, number).where(text("state = 'done'"), job.c.finished > now - LATELY)
    failed = select(*by_partner, number).where(text("state = 'failed'"))
    return [
        AtPartner(row.tenant, row.partner, state, row.number)
        for state, query in (("done", done), ("failed", failed))
        for row in connection.execute(query.where(job.c.partner.is_not(None)).group_by(*by_partner))
    ]


def poll_lags(connection: Connection, now: datetime) -> list[AtPartner]:
    """Seconds that each poll is late; 0 for one that is still to come."""
    rows = connection.execute(
        select(job.c.tenant, job.c.subject, job.c.due).where(text("state = 'ready'"), job.c.kind == "poll")
    )
    return [AtPartner(row.tenant, row.subject, "poll", _age(row.due, now)) for row in rows]


def circuits(connection: Connection, now: datetime) -> list[AtPartner]:
    """Each partner that failed at some time: 1 while its circuit is open, else 0."""
    rows = connection.execute(select(circuit.c.tenant, circuit.c.partner, circuit.c.open_until))
    return [
        AtPartner(row.tenant, row.partner, "circuit", float(row.open_until is not None and row.open_until > now))
        for row in rows
    ]


def working(connection: Connection, now: datetime) -> list[str]:
    """Names of the workers that hold a job at this moment; an idle one is not among them."""
    held = select(job.c.lease_owner).where(text("state = 'ready'"), job.c.lease_until > now).distinct()
    return sorted(str(name) for name in connection.scalars(held))


def next_retry(connection: Connection, kind: str, tenant: str | None = None) -> datetime | None:
    """When due work of a kind is tried again that failed before; None where nothing of it waits for that."""
    mine = () if tenant is None else (unindexed(job.c.tenant, "") == tenant,)  # by what is ready, not by tenant
    waits = select(func.min(job.c.due)).where(job.c.kind == kind, text("state = 'ready'"), job.c.attempts > 0, *mine)
    found: datetime | None = connection.scalar(waits)
    return found


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
