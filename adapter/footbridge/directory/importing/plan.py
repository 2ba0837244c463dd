"""What an import is asked to do, and what its steps share."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from footbridge.directory.ids import rules_version
from footbridge.directory.importing.generation import Generation, Terms
from footbridge.directory.importing.id_set import IdSet
from footbridge.directory.importing.pipeline import PROCESSES, Workers
from footbridge.directory.importing.summary import Summary
from footbridge.model.clock import Clock
from footbridge.settings import settings
from footbridge.store.engine import Database

BATCH = 250  # records that are cleaned, or services that are indexed, together
WRITTEN = 500  # records that are written together
FEW = 4 * BATCH  # records up to which no other process is started
FEWEST = 25  # records that are written together at least, however slow the machine is
LOCKED = 0.1  # seconds that a write may hold the database, about; others write in between

Row = TypeVar("Row")
Progress = Callable[[str, int], None]
"""Told how far an import is: the step, and how many records or services went through it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is imported, and how.

    Attributes:
        complete: it is all of the source, so that what it lacks is gone.
        dry_run: do everything, and make nothing of it seen.
        allow_removal: most services of the source may go.
        processes: for many records; 0: none but this one.
    """

    tenant: str
    source: str
    terms: Terms
    complete: bool = True
    dry_run: bool = False
    allow_removal: bool = False
    processes: int = PROCESSES


@dataclass(slots=True)
class Step:
    """What the steps of one import share."""

    database: Database
    clock: Clock
    plan: Plan
    generation: Generation
    progress: Progress
    workers: Workers
    summary: Summary = field(default_factory=Summary)
    seen: IdSet = field(default_factory=IdSet)  # ids of all records of the source
    held: float = 0  # seconds that the last transaction held the database
    _sizes: dict[str, int] = field(default_factory=dict)

    @property
    def rules(self) -> str:
        """What a record is cleaned by, as a digest."""
        own = settings().crosswalk
        rows = hashlib.blake2b(own.read_bytes(), digest_size=16).hexdigest() if own is not None else ""
        return rules_version(self.plan.source, self.plan.terms.country, rows)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One short transaction; if it took long, others get time to write after it."""
        # The transaction that makes the import current waits for the disk, and so for all that was written before it.
        with self.database.write_in_passing() as connection:
            start = time.monotonic()
            yield connection
        self.held = time.monotonic() - start
        if self.held > LOCKED:
            time.sleep(self.held / 4)

    def in_turns(
        self, name: str, rows: Sequence[Row], most: int, write: Callable[[Connection, Sequence[Row]], None]
    ) -> None:
        """Write rows in short transactions: so many in each as took half of ``LOCKED`` last time, on this machine now.

        Args:
            name: of what is written: for each the size is found anew.
            rows: all of them.
            most: rows in one transaction.
            write: writes some of them.
        """
        at = 0
        while at < len(rows):
            size = min(most, self._sizes.get(name, most))
            with self.writing() as connection:
                write(connection, rows[at : at + size])
            at += size
            fitting = int(size * LOCKED / 2 / max(self.held, 0.001))
            self._sizes[name] = max(FEWEST, min(most, fitting, 2 * size))

    def until_none(self, work: Callable[[Connection], int]) -> None:
        """Repeat some work, each time in a transaction of its own, until it says that nothing is left."""
        left = 1
        while left:
            with self.writing() as connection:
                left = work(connection)


def seen_key(one: str) -> bytes:
    """An id, shorter, for ``Step.seen``."""
    return bytes.fromhex(one.replace("-", ""))
