"""One try of one claimed message: call its handler, then settle the claim by what happened.

================================  ==================================================================
the handler                       the message
================================  ==================================================================
returns                           done; its record is kept in the same transaction
raises PartnerUnavailable         tried again later; after the last try parked
raises PartnerRefused             parked at once
raises ConfigurationError         parked at once: it needs a person, and says what to mend
raises anything else              tried again later; after the last try parked
the worker dies                   claimed anew by another worker when the lease ends
================================  ==================================================================
"""

import random
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from footbridge.errors import ConfigurationError, PartnerError, PartnerRefused
from footbridge.jobs import breaker, claims
from footbridge.jobs.failure import fault_of
from footbridge.jobs.handlers import Handler
from footbridge.jobs.outbox import Message
from footbridge.jobs.policy import Policy
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.store.engine import Database

FENCED = "outbox.fenced"  # the claim was no longer ours: another worker has the message, or a person dropped it

_log = get_logger(__name__)


class MessageRunner:
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

    def carry(self, message: Message) -> bool:
        """Try once; returns whether the partner's circuit is open now, so that its other messages had better wait."""
        try:
            self._send(message)
        except (PartnerRefused, ConfigurationError) as error:
            self._park(message, error)
        except Exception as error:  # noqa: BLE001 - whatever a handler does, the other messages go on
            return self._again(message, error)
        return False

    def _send(self, message: Message) -> None:
        record = self._handlers[message.kind](message)
        with self._database.write() as connection:
            kept = claims.finish(connection, message, now=self._clock.now())
            if kept and record is not None:
                record(connection)
            breaker.answered(connection, message.tenant, message.partner)
        if not kept:
            _warn(FENCED, message)

    def _park(self, message: Message, error: PartnerRefused | ConfigurationError) -> None:
        with self._database.write() as connection:
            kept = claims.park(connection, message, now=self._clock.now(), fault=fault_of(error))
            if isinstance(error, PartnerRefused):
                breaker.answered(connection, message.tenant, message.partner)
        _warn("outbox.parked" if kept else FENCED, message, error)

    def _again(self, message: Message, error: Exception) -> bool:
        now = self._clock.now()
        open_until = None
        with self._database.write() as connection:
            event, kept = self._put_off(connection, message, error, now)
            if isinstance(error, PartnerError):
                open_until = breaker.failed(
                    connection,
                    message.tenant,
                    message.partner,
                    now=now,
                    policy=self._policy,
                    probe=message.probe,
                    retry_after=error.retry_after,
                )
        _warn(event if kept else FENCED, message, error)
        return open_until is not None

    def _put_off(self, connection: Connection, message: Message, error: Exception, now: datetime) -> tuple[str, bool]:
        """Settle a message whose try failed; returns the name of what was done, and whether its claim stood."""
        fault = fault_of(error)
        if message.attempt < self._policy.attempts:
            retry_after = error.retry_after if isinstance(error, PartnerError) else None
            wait = self._policy.retry.wait(message.attempt, retry_after=retry_after, chance=self._chance)
            return "outbox.put-off", claims.retry(connection, message, due=now + wait, fault=fault)
        return "outbox.parked", claims.park(connection, message, now=now, fault=fault)


def _warn(event: str, message: Message, error: Exception | None = None) -> None:
    _log.warning(
        event,
        message_id=message.id,
        kind=message.kind,
        partner=message.partner,
        attempt=message.attempt,
        exception=None if error is None else type(error).__name__,
    )
