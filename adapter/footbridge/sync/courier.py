"""One try of one claimed message: call its handler, then settle the claim by what happened.

================================  ==================================================================
the handler                       the message
================================  ==================================================================
returns                           done; its record is kept in the same transaction
raises PartnerUnavailable         tried again later; after the last try parked, or dead if superseded
raises PartnerRefused             parked at once
raises anything else              tried again later; after the last try parked
the worker dies                   claimed anew by another worker when the lease ends
================================  ==================================================================
"""

import random
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

import structlog
from sqlalchemy import Connection

from footbridge.errors import PartnerError, PartnerRefused
from footbridge.model.clock import Clock
from footbridge.store.engine import Database
from footbridge.sync import circuit, claims
from footbridge.sync.fault import fault_of
from footbridge.sync.handlers import Handler
from footbridge.sync.outbox import Message
from footbridge.sync.policy import Policy

_log = structlog.get_logger(__name__)


class Outcome(Enum):
    """What became of a try."""

    SENT = "sent"
    RETRY = "retry"
    PARKED = "parked"
    DEAD = "dead"
    FENCED = "fenced"  # the claim was no longer ours: another worker has the message, or a person dropped it


class Courier:
    """Carries messages to their handlers; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        policy: Policy,
        chance: random.Random,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._policy = policy
        self._chance = chance

    def carry(self, message: Message) -> tuple[Outcome, bool]:
        """Try once; returns what became of it, and whether its partner's circuit is open now."""
        try:
            return self._send(message), False
        except PartnerRefused as error:
            return self._park(message, error), False
        except Exception as error:  # noqa: BLE001 - whatever a handler does, the other messages go on
            return self._again(message, error)

    def _send(self, message: Message) -> Outcome:
        record = self._handlers[message.kind].run(message)
        with self._database.write() as connection:
            kept = claims.finish(connection, message, now=self._clock.now())
            if kept and record is not None:
                record(connection)
            circuit.answered(connection, message.tenant, message.partner)
        return self._told(message, Outcome.SENT, kept)

    def _park(self, message: Message, error: PartnerRefused) -> Outcome:
        with self._database.write() as connection:
            kept = claims.park(connection, message, now=self._clock.now(), fault=fault_of(error))
            circuit.answered(connection, message.tenant, message.partner)
        return self._told(message, Outcome.PARKED, kept, error)

    def _again(self, message: Message, error: Exception) -> tuple[Outcome, bool]:
        now = self._clock.now()
        with self._database.write() as connection:
            outcome, kept = self._put_off(connection, message, error, now)
            open_until = None
            if isinstance(error, PartnerError):
                open_until = circuit.failed(
                    connection,
                    message.tenant,
                    message.partner,
                    now=now,
                    policy=self._policy,
                    probe=message.probe,
                    retry_after=error.retry_after,
                )
        return self._told(message, outcome, kept, error), open_until is not None

    def _put_off(
        self, connection: Connection, message: Message, error: Exception, now: datetime
    ) -> tuple[Outcome, bool]:
        fault = fault_of(error)
        unavailable = isinstance(error, PartnerError)
        if message.attempt < self._policy.attempts:
            retry_after = error.retry_after if isinstance(error, PartnerError) else None
            wait = self._policy.retry.wait(message.attempt, retry_after=retry_after, chance=self._chance)
            return Outcome.RETRY, claims.retry(connection, message, due=now + wait, fault=fault)
        if unavailable and self._handlers[message.kind].superseded:
            return Outcome.DEAD, claims.die(connection, message, now=now, fault=fault)
        return Outcome.PARKED, claims.park(connection, message, now=now, fault=fault)

    def _told(self, message: Message, outcome: Outcome, kept: bool, error: Exception | None = None) -> Outcome:
        if not kept:
            outcome = Outcome.FENCED
        if outcome is not Outcome.SENT:
            _log.warning(
                f"outbox.{outcome.value}",
                message_id=message.id,
                kind=message.kind,
                partner=message.partner,
                attempt=message.attempt,
                exception=None if error is None else type(error).__name__,
            )
        return outcome
