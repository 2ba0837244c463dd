"""Messages received from partners, each taken once: a repeat is recognised by partner and message id."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, update

from footbridge.store.dialect import insert
from footbridge.store.tables import inbox

Outcome = Literal["applied", "ignored", "refused"]
RECEIVED = "received"


def receive(connection: Connection, tenant: str, partner: str, message: str, now: datetime) -> bool:
    """Take note of a message, in the transaction that applies it; False when it was received before.

    When two transactions receive it at the same time, the second waits: it takes the message only if the first
    one is rolled back.
    """
    row = {"tenant": tenant, "partner": partner, "message": message, "outcome": RECEIVED, "received": now}
    statement = insert(connection, inbox).on_conflict_do_nothing().returning(inbox.c.message)
    return connection.execute(statement, row).scalar() is not None


def outcome_of(connection: Connection, tenant: str, partner: str, message: str) -> str | None:
    """What became of a message that was received before; None for a new one (``receive`` is what makes sure).

    ``RECEIVED``: nothing yet, since the partner has to be asked once more.
    """
    here = (inbox.c.tenant == tenant, inbox.c.partner == partner, inbox.c.message == message)
    found: str | None = connection.scalar(select(inbox.c.outcome).where(*here))
    return found


def record(connection: Connection, tenant: str, partner: str, message: str, outcome: Outcome) -> None:
    """Note what became of a received message."""
    here = (inbox.c.tenant == tenant, inbox.c.partner == partner, inbox.c.message == message)
    connection.execute(update(inbox).where(*here).values(outcome=outcome))
