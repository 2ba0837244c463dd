"""Keeps a claim alive while slow work goes on: a heartbeat lengthens the lease until the work is over."""

import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from types import TracebackType
from typing import Generic, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.store.engine import Database

Claim = TypeVar("Claim")
Renew = Callable[[Connection, list[Claim], datetime], Collection[Claim]]

_log = get_logger(__name__)


class Lease(Generic[Claim]):
    """The claims that one thread works through; use as a context manager around the work.

    ``renew(connection, claims, until)`` lengthens the leases and returns the claims that are still held. A beat
    comes every third of ``length``, by the machine's time; the lease itself ends by the injected clock.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        claims: Collection[Claim],
        renew: Renew[Claim],
        *,
        since: datetime,
        length: timedelta,
    ) -> None:
        self._database = database
        self._clock = clock
        self._renew = renew
        self._length = length
        self._held = list(claims)
        self._until = since + length
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="footbridge-lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is ours, as far as can be known without asking the database."""
        with self._lock:
            return claim in self._held and self._clock.now() < self._until

    def settled(self, claim: Claim) -> None:
        """The work on this claim is over."""
        with self._lock:
            if claim in self._held:
                self._held.remove(claim)

    def _beat(self) -> None:
        while not self._over.wait(self._length.total_seconds() / 3):
            with self._lock:
                claims = list(self._held)
            if not claims:
                continue
            until = self._clock.now() + self._length
            try:
                with self._database.write() as connection:
                    kept = self._renew(connection, claims, until)
            except SQLAlchemyError as error:  # the next beat may succeed; if none does, the fence protects the row
                _log.warning("lease.beat-failed", exception=type(error).__name__)
                continue
            with self._lock:
                self._until = until
                self._held = [claim for claim in self._held if claim in kept or claim not in claims]
