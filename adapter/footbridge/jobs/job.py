"""A job: one unit of durable work, and what a handler makes of it.

A job is either a message to a partner, or work that falls due. A message has a key (messages of one key go in the
order of their ids) and a dedupe key (it is queued once); due work has a subject (there is one job of a kind for it).
The states of a job::

    ready ──▶ done        finished, or superseded by a later message before it was sent
      │  ▲
      │  └── retry        another attempt, later
      ├────▶ failed       needs a person; later messages of its key wait
      └────▶ abandoned    given up by a person; later messages of its key go on

Due work is always ready: its row is deleted when no further run is due, and an attempt that fails is repeated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from footbridge.errors import FootbridgeError, PartnerError

READY, DONE, FAILED, ABANDONED = STATES = ("ready", "done", "failed", "abandoned")

MAX_ERROR_LENGTH = 255  # characters: the width of job.last_error

_FIRST_TOKEN = 1  # of a message; due work starts at a random number


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed job, as its handler sees it.

    Attributes:
        id: number of the row; grows with the order in which jobs were queued.
        tenant: whose it is.
        kind: chooses the handler.
        partner: whom a message goes to; None for due work.
        subject: what due work is about, a partner's name or the id of a referral; None for a message.
        key: what must stay in order; None for due work.
        payload: ids only, never personal data: a handler reads what it sends when it sends it.
        cursor: where the last run of due work stopped, as its handler wrote it; None on the first run.
        attempt: 1 on the first; counts failures in a row for due work.
        lease_token: the number of this claim; whoever settles the job must hold the newest.
        created: when the message was queued; None for due work.
        probe: tests whether a partner that was down is back.
    """

    id: int
    tenant: str
    kind: str
    partner: str | None
    subject: str | None
    key: str | None
    payload: Mapping[str, Any] = field(hash=False)
    cursor: str | None
    attempt: int
    lease_token: int
    created: datetime | None
    probe: bool = False

    @property
    def is_message(self) -> bool:
        """Whether it is a message to a partner; else it is due work."""
        return self.subject is None

    @property
    def is_first_claim(self) -> bool:
        """Whether no worker ever held this message before, so that nothing of it can have been sent."""
        return self.is_message and self.lease_token == _FIRST_TOKEN


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """A message as an operator sees it: everything but its payload."""

    id: int
    tenant: str
    kind: str
    partner: str
    key: str
    state: str
    attempts: int
    due: datetime
    last_status: int | None
    last_error: str | None
    created: datetime
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a handler hands back.

    Attributes:
        record: writes what was learned, in the transaction that settles the claim. So a result is stored if and only
            if the claim still stood, and no transaction is open while a partner is slow.
        due: when the job is to run again; None: it is done.
        cursor: where the next run starts.
    """

    record: Callable[[Connection], None] | None = None
    due: datetime | None = None
    cursor: str | None = None


Handler = Callable[[Job], Result | None]
"""Does one job of its kind; None stands for an empty ``Result``.

It talks to the partner first and writes nothing. It raises PartnerUnavailable to be called again later, and
PartnerRefused or ConfigurationError to leave a message to a person. It may be called again for a message that the
partner has already, so it names what it creates by a business identifier.
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed, in our words: fit for a table that a person reads, never a partner's text.

    ``status`` is the HTTP status of the partner's answer, None when there was none.
    """

    status: int | None
    text: str

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """Describe an exception; the text of one that is not ours may hold anything, so only its class is named."""
        if isinstance(error, FootbridgeError):
            status = error.status if isinstance(error, PartnerError) else None
            return cls(status, str(error)[:MAX_ERROR_LENGTH])
        return cls(None, f"Unexpected {type(error).__name__} while handling the job."[:MAX_ERROR_LENGTH])
