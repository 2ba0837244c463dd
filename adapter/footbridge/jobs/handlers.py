"""What a worker calls: handlers of messages by kind, and of appointments by kind.

A handler talks to the partner first and writes nothing; what it learned it hands back as a ``Record``, which the
worker runs in the transaction that settles the claim. So a result is kept if and only if the claim was still held,
and no transaction is open while a partner is slow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from footbridge.jobs.outbox import Message
from footbridge.jobs.schedule import ScheduledJob

Record = Callable[[Connection], None]


Handler = Callable[[Message], Record | None]
"""Sends one message of its kind.

It raises PartnerUnavailable to be called again later and PartnerRefused to leave the message to a person. It may be
called again for a message whose partner has it already, so it names what it creates by a business identifier.
"""


@dataclass(frozen=True, slots=True)
class Next:
    """When an appointment is due again (never again, when None) and where its next run starts."""

    due: datetime | None
    cursor: str | None = None
    record: Record | None = None


ScheduledHandler = Callable[[ScheduledJob], Next]
