"""The outbox as an operator sees and changes it: messages with the prescription that each is about.

Who sends a message again, or gives it up, is written into the prescription's timeline in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from footbridge.errors import NotFoundError
from footbridge.jobs.job import MessageSummary
from footbridge.jobs.queue import JobQueue
from footbridge.model.clock import Clock
from footbridge.model.principals import Principal
from footbridge.referrals import delivery_notes
from footbridge.referrals.unit import open_unit
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import prescription, referral

_MANY = 500  # ids in one statement, of which databases take a limited number


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message, and what it is about.

    Attributes:
        message: the message.
        identifier: value of the prescription's business identifier; None where it is gone.
        categories: SDOH categories: of the part that its referral is, else of the prescription.
    """

    message: MessageSummary
    identifier: str | None
    categories: tuple[str, ...]


def described(connection: Connection, messages: Sequence[MessageSummary]) -> list[OutboxEntry]:
    """What each message is about, in the order given."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    parts: dict[tuple[str, str], str | None] = {}
    for some in _chunks(messages):
        tenants, of, its = sorted({one.tenant for one in some}), prescription.c, referral.c
        query = select(of.tenant, of.id, of.identifier_value, of.categories).where(of.tenant.in_(tenants))
        for row in connection.execute(query.where(of.id.in_({one.prescription for one in some} - {None}))):
            found[row.tenant, row.id] = (row.identifier_value, row.categories)
        part = select(its.tenant, its.id, its.category).where(its.tenant.in_(tenants))
        for its_row in connection.execute(part.where(its.id.in_({one.referral for one in some} - {None}))):
            parts[its_row.tenant, its_row.id] = its_row.category
    return [_entry(one, found, parts) for one in messages]


def listed(
    connection: Connection,
    *,
    state: str | None = None,
    partner: str | None = None,
    tenant: str | None = None,
    limit: int = 100,
) -> list[OutboxEntry]:
    """The newest messages that meet every filter, newest first, with what they are about."""
    found = JobQueue(connection).list(state=state, partner=partner, tenant=tenant, limit=limit)
    return described(connection, found)


def entry_of(connection: Connection, message: int) -> OutboxEntry:
    """One message, with what it is about. Raises NotFoundError."""
    return described(connection, [JobQueue(connection).find(message)])[0]


def retry(
    connection: Connection,
    clock: Clock,
    by: Principal,
    message: int | None = None,
    *,
    partner: str | None = None,
    tenant: str | None = None,
) -> int:
    """Send a failed or abandoned message again, or every failed one; returns how many.

    Raises NotFoundError for an unknown id, ConflictError for a message in another state.
    """
    now = clock.now()
    changed = JobQueue(connection).retry_again(message, now=now, partner=partner, tenant=tenant)
    _note(connection, clock, by, delivery_notes.RETRIED, changed)
    return len(changed)


def drop(
    connection: Connection,
    clock: Clock,
    by: Principal,
    message: int | None = None,
    *,
    partner: str | None = None,
    tenant: str | None = None,
) -> int:
    """Give a ready or failed message up, or every failed one; returns how many. Raises as ``retry``."""
    now = clock.now()
    changed = JobQueue(connection).abandon(message, by=by.name, now=now, partner=partner, tenant=tenant)
    _note(connection, clock, by, delivery_notes.ABANDONED, changed)
    return len(changed)


def _note(connection: Connection, clock: Clock, by: Principal, name: str, changed: Sequence[MessageSummary]) -> None:
    """Write what was done into the timelines, one prescription after the other in one order for all who do this."""
    about: dict[tuple[str, str], list[MessageSummary]] = defaultdict(list)
    for one in changed:
        if one.prescription is not None:
            about[one.tenant, one.prescription].append(one)
    for (tenant, identity), messages in sorted(about.items()):
        try:
            with open_unit(Scope(connection, tenant, clock.now()), identity) as unit:
                for one in messages:
                    what = delivery_notes.About(one.kind, one.partner, one.referral)
                    delivery_notes.note(unit, by, name, what)
        except NotFoundError:
            continue  # nothing is left that it could be about


def _entry(
    one: MessageSummary, found: dict[tuple[str, str], tuple[str, str]], parts: dict[tuple[str, str], str | None]
) -> OutboxEntry:
    value, categories = found.get((one.tenant, one.prescription or ""), (None, ""))
    part = parts.get((one.tenant, one.referral or ""))
    return OutboxEntry(one, value, (part,) if part else tuple(name for name in categories.split("|") if name))


def _chunks(messages: Sequence[MessageSummary]) -> Iterable[Sequence[MessageSummary]]:
    return (messages[start : start + _MANY] for start in range(0, len(messages), _MANY))
