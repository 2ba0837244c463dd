"""Messages received from partners, each taken once: a repeat is recognised by partner and message id.

When the prescription that a message was about is erased, a digest of its id stays: the message is not taken again.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, or_, select, update

from footbridge.store.dialect import insert
from footbridge.store.tables import inbox

Outcome = Literal["applied", "ignored", "refused", "failed"]
RECEIVED = "received"
TRYING = "failed-"
"""How the outcome of a message begins that failed and is tried again; the number of attempts follows."""


ERASED = "erased:"
"""How the id of a message begins whose prescription was erased; its SHA-256 in hex follows."""


def receive(
    connection: Connection, tenant: str, partner: str, message: str, now: datetime, *, prescription: str | None = None
) -> bool:
    """Take note of a message, in the transaction that applies it; False when it was received before.

    When two transactions receive it at the same time, the second waits: it takes the message only if the first
    one is rolled back. ``prescription`` is the one that it is about, where that is known.
    """
    if connection.scalar(select(inbox.c.message).where(*_here(tenant, partner, digest(message)))) is not None:
        return False
    row = {"tenant": tenant, "partner": partner, "message": message, "outcome": RECEIVED, "received": now}
    row["prescription"] = prescription
    statement = insert(connection, inbox).on_conflict_do_nothing().returning(inbox.c.message)
    return connection.execute(statement, row).scalar() is not None


def outcome_of(connection: Connection, tenant: str, partner: str, message: str) -> str | None:
    """What became of a message that was received before; None for a new one (``receive`` is what makes sure).

    ``RECEIVED``: nothing yet, since the partner has to be asked once more, or since it failed and is tried again.
    """
    found = _outcome(connection, tenant, partner, message)
    return RECEIVED if found is not None and found.startswith(TRYING) else found


def fail(connection: Connection, tenant: str, partner: str, message: str, now: datetime) -> int:
    """Note that processing a message failed; returns how often it has by now. ``record`` ends it."""
    receive(connection, tenant, partner, message, now)
    before = _outcome(connection, tenant, partner, message) or RECEIVED
    attempts = int(before.removeprefix(TRYING)) + 1 if before.startswith(TRYING) else 1
    here = (inbox.c.tenant == tenant, inbox.c.partner == partner, inbox.c.message == message)
    connection.execute(update(inbox).where(*here).values(outcome=f"{TRYING}{attempts}"))
    return attempts


def _outcome(connection: Connection, tenant: str, partner: str, message: str) -> str | None:
    names = or_(inbox.c.message == message, inbox.c.message == digest(message))
    query = select(inbox.c.outcome).where(inbox.c.tenant == tenant, inbox.c.partner == partner, names)
    found: str | None = connection.scalar(query)
    return found


def record(connection: Connection, tenant: str, partner: str, message: str, outcome: Outcome) -> None:
    """Note what became of a received message."""
    here = (inbox.c.tenant == tenant, inbox.c.partner == partner, inbox.c.message == message)
    connection.execute(update(inbox).where(*here).values(outcome=outcome))


def forget(connection: Connection, tenant: str, prescriptions: Collection[str]) -> int:
    """Put a digest in the place of the ids of all messages about these prescriptions; returns how many."""
    query = select(inbox.c.partner, inbox.c.message).where(
        inbox.c.tenant == tenant, inbox.c.prescription.in_(list(prescriptions))
    )
    rows = connection.execute(query).all()
    for partner, message in rows:
        if not message.startswith(ERASED):
            here = _here(tenant, partner, message)
            connection.execute(update(inbox).where(*here).values(message=digest(message)))
    return len(rows)


def digest(message: str) -> str:
    """What stays of the id of a message whose prescription was erased."""
    return f"{ERASED}{hashlib.sha256(message.encode()).hexdigest()}"


def _here(tenant: str, partner: str, message: str) -> tuple[ColumnElement[bool], ...]:
    return inbox.c.tenant == tenant, inbox.c.partner == partner, inbox.c.message == message
