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

from footbridge.data import read_json
from footbridge.errors import FootbridgeError, PartnerError

READY, DONE, FAILED, ABANDONED = STATES = ("ready", "done", "failed", "abandoned")

ASKS_A_PARTNER = frozenset({"poll"})
"""Kinds of due work whose subject is the partner that is asked."""

MAX_ERROR_LENGTH = 255  # characters: the width of job.last_error

TRACE = "trace"
"""Member of a payload: the ``traceparent`` of what queued the message, where traces are on."""

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
    def talks_to(self) -> str | None:
        """The partner that the work waits for: whom a message goes to, or whom a poll asks; None for other work."""
        return self.subject if self.kind in ASKS_A_PARTNER else self.partner

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
    """A message as an operator sees it: everything but its payload.

    Attributes:
        last_status: HTTP status of the partner's last answer, where it did not take the message.
        last_error: what the last attempt failed of, in our words.
        why: a code of ``mappings/delivery.json``; of a message that is done only that it was superseded.
        prescription, referral: ids of what it is about.
    """

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
    why: str | None
    prescription: str | None
    referral: str | None
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
        given_up: why a message is abandoned, while later messages of its key go on.
    """

    record: Callable[[Connection], None] | None = None
    due: datetime | None = None
    cursor: str | None = None
    given_up: "Failure | None" = None


Handler = Callable[[Job], Result | None]
"""Does one job of its kind; None stands for an empty ``Result``.

It talks to the partner first and writes nothing. It raises PartnerUnavailable to be called again later, and
PartnerRefused or ConfigurationError to leave a message to a person. It may be called again for a message that the
partner has already, so it names what it creates by a business identifier.
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed, in our words: fit for a table that a person reads, never a partner's text.

    ``status`` is the HTTP status of the partner's answer, None when there was none; ``code`` is one of the table
    ``mappings/delivery.json``.
    """

    status: int | None
    text: str
    code: str = "internal"

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """Describe an exception; the text of one that is not ours may hold anything, so only its class is named."""
        status = error.status if isinstance(error, PartnerError) else None
        if isinstance(error, FootbridgeError):
            return cls(status, str(error)[:MAX_ERROR_LENGTH], _code(error, status))
        text = f"Unexpected {type(error).__name__} while handling the job."
        return cls(None, text[:MAX_ERROR_LENGTH], _code(error, None))


def _code(error: Exception, status: int | None) -> str:
    table = read_json("mappings", "delivery.json")
    if (known := table["byStatus"].get(str(status))) is not None:
        return str(known)
    return str(next(table["byError"][one.__name__] for one in type(error).mro() if one.__name__ in table["byError"]))
