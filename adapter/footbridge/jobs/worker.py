"""Does what is due: sends messages from the outbox, keeps appointments from the schedule.

Any number of workers, in one process or on many hosts, share one database; each claims what it works on.
``step`` does all that is due at this moment and returns, for tests and for a clock that is moved by hand;
``run`` goes on until it is told to stop.
"""

import os
import random
import socket
import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from footbridge.jobs import claims
from footbridge.jobs.handlers import Handler, ScheduledHandler
from footbridge.jobs.lease import Lease
from footbridge.jobs.message_runner import MessageRunner
from footbridge.jobs.outbox import Message
from footbridge.jobs.policy import Policy
from footbridge.jobs.retention import Retention
from footbridge.jobs.scheduler_runner import ScheduledJobRunner
from footbridge.jobs.wake_signal import WakeSignal
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.store.engine import Database

SHORTEST_IDLE = 0.02  # seconds; doubles while nothing is due
LONGEST_IDLE = 1.0

_log = get_logger(__name__)


def _default_name() -> str:
    return f"{socket.gethostname()[:48]}-{os.getpid()}"


class Worker:
    """Works through outbox and schedule.

    ``handlers`` and ``scheduled`` say which kinds of messages and appointments this worker takes; others it leaves
    alone. ``batch`` messages are claimed at a time; ``threads`` loops run side by side in ``run``, so that a slow
    partner does not keep the others waiting. ``purge`` forgets what is old, besides; nothing when None.
    """

    def __init__(  # noqa: PLR0913 - collaborators first, then options by name
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        scheduled: Mapping[str, ScheduledHandler] | None = None,
        *,
        name: str | None = None,
        batch: int = 5,
        threads: int = 1,
        policy: Policy | None = None,
        purge: Retention | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.name = name or _default_name()
        self._database = database
        self._clock = clock
        self._kinds = frozenset(handlers)
        self._batch = batch
        self._threads = threads
        self._policy = policy or Policy()
        chance = chance or random.Random()  # noqa: S311 - spreads retries, keeps no secret
        self._courier = MessageRunner(database, clock, handlers, self._policy, chance)
        self._keeper = ScheduledJobRunner(database, clock, scheduled or {}, self._policy, chance)
        self._purge = purge
        self._bell = WakeSignal()

    def step(self) -> int:
        """Do all that is due now, in this thread; returns how many messages were tried and appointments kept.

        Work that becomes due through it, without the clock moving, is done too. A database that fails raises
        SQLAlchemyError.
        """
        done = 0
        while count := self._round():
            done += count
        return done

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set, then finish what is under way and give back the rest.

        When idle it looks every second at most; ``wake`` makes it look at once. It outlives a database that fails.
        """
        others = [
            threading.Thread(target=self._loop, args=(stop,), name=f"{self.name}/{number}")
            for number in range(2, self._threads + 1)
        ]
        for thread in others:
            thread.start()
        self._loop(stop)
        for thread in others:
            thread.join()

    def wake(self) -> None:
        """Look for work at once: something was owed in this process, or ``stop`` was set."""
        self._bell.ring()

    def _loop(self, stop: threading.Event) -> None:
        idle = SHORTEST_IDLE
        while not stop.is_set():
            heard = self._bell.rung
            try:
                count = self._round(stop)
            except SQLAlchemyError as error:
                _log.error("worker.database-failed", worker=self.name, exception=type(error).__name__)
                count, idle = 0, LONGEST_IDLE
            busy = count or self._bell.wait(heard, idle)
            idle = SHORTEST_IDLE if busy else min(2 * idle, LONGEST_IDLE)

    def _round(self, stop: threading.Event | None = None) -> int:
        if self._purge is not None:
            self._purge.look()
        return self._keeper.run_next() + self._send_batch(stop)

    def _send_batch(self, stop: threading.Event | None) -> int:
        now = self._clock.now()
        messages = self._claim(now)
        if not messages:
            return 0
        lease = self._policy.lease
        with Lease(self._database, self._clock, messages, _renew, since=now, length=lease) as held:
            return self._carry_all(deque(messages), held, stop)

    def _claim(self, now: datetime) -> list[Message]:
        with self._database.read() as connection:
            if not claims.waiting(connection, kinds=self._kinds, now=now):
                return []
        with self._database.write() as connection:
            return claims.claim(
                connection,
                owner=self.name,
                kinds=self._kinds,
                now=now,
                lease=self._policy.lease,
                limit=self._batch,
            )

    def _carry_all(self, messages: deque[Message], held: Lease[Message], stop: threading.Event | None) -> int:
        tried = 0
        down: set[tuple[str, str]] = set()
        while messages:
            message = messages.popleft()
            if not held.holds(message):
                continue
            if (message.tenant, message.partner) in down or (stop is not None and stop.is_set()):
                self._give_back(message)
            else:
                tried += 1
                if self._courier.carry(message):
                    down.add((message.tenant, message.partner))
            held.settled(message)
        return tried

    def _give_back(self, message: Message) -> None:
        with self._database.write() as connection:
            claims.release(connection, message)


def _renew(connection: Connection, messages: list[Message], until: datetime) -> list[Message]:
    return claims.renew(connection, messages, until=until)
