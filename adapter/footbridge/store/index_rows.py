"""Brings the search index up to what was written to our compartment: the work of a job, in batches.

A prescription has a hundred index rows, all over the index, and other writers would wait for each. What was written
last to a tenant is known by its moment (``tenant.last_write``), and so is the moment up to which nothing waits
(``tenant.last_indexed``). A batch is read and worked out beside other writers, who wait only while it is stored. Tasks
and partners' compartments never wait: their rows are written with them (``resource_rows``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, or_, select, update

from footbridge.model.clock import Clock
from footbridge.model.pace import Pace
from footbridge.store import resource_rows
from footbridge.store.dialect import insert_many
from footbridge.store.engine import Database
from footbridge.store.exact_json import loads
from footbridge.store.fhir_dates import FIRST
from footbridge.store.indexing import index_of
from footbridge.store.resource_rows import CURRENT, Scope
from footbridge.store.tables import Instant, resource, search_index
from footbridge.store.tables import tenant as tenants

INTERVAL = timedelta(seconds=1)  # between two looks for what waits
BATCH = 500  # resources; others wait for the transaction that stores their rows

_MARKS = select(tenants.c.last_write, tenants.c.last_indexed).where(tenants.c.name == bindparam("of"))
_SET_MARK = update(tenants).where(tenants.c.name == bindparam("of")).values(last_indexed=bindparam("moment"))
_BEHIND = (
    select(tenants.c.name)
    .where(tenants.c.last_write.is_not(None))
    .where(or_(tenants.c.last_indexed.is_(None), tenants.c.last_indexed != tenants.c.last_write))
    .order_by(tenants.c.name)
)
_OURS = (resource.c.tenant == bindparam("of"), resource.c.compartment == literal_column("''"))
_WRITTEN = (
    select(resource.c.type, resource.c.last_updated, resource.c.body)
    .where(*_OURS, resource.c.last_updated > bindparam("since", type_=Instant), CURRENT, ~resource.c.deleted)
    .where(resource.c.type != literal_column("'Task'"))
    .order_by(resource.c.last_updated)
    .limit(BATCH)
)
_STILL_CURRENT = select(resource.c.last_updated).where(
    *_OURS,
    resource.c.last_updated > bindparam("since", type_=Instant),
    resource.c.last_updated <= bindparam("until", type_=Instant),
    CURRENT,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows to store: those of what was written after ``since`` and up to ``until``, by the moment of writing."""

    since: datetime | None
    until: datetime
    rows: Sequence[tuple[datetime, Sequence[tuple[Any, ...]]]]
    more: bool


def behind(connection: Connection, tenant: str) -> bool:
    """Whether something was written that waits for the index; needs no write transaction."""
    marks = connection.execute(_MARKS, {"of": tenant}).one_or_none()
    return marks is not None and marks.last_write != marks.last_indexed


def index_pending(database: Database, clock: Clock) -> int:
    """Index what waits, of every tenant, in transactions of one batch each; returns how many resources it was.

    Any number of processes may do so at once. Until it is done a search works out what waits.
    """
    with database.read() as connection:
        names = connection.scalars(_BEHIND).all()
    return sum(_index_tenant(database, clock, name) for name in names)


class Indexer:
    """Indexes what waits, when it is due; safe to share between threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pace = Pace(INTERVAL)

    def index_if_due(self) -> None:
        """Index what waits, at most once in ``INTERVAL``."""
        if not self._pace.is_due(self._clock.now()):
            return
        index_pending(self._database, self._clock)


def _index_tenant(database: Database, clock: Clock, tenant: str) -> int:
    done = 0
    while True:
        with database.read() as connection:
            scope = Scope(connection, tenant, clock.now())
            batch = _read(scope)
        if batch is None:
            return done
        with database.write() as connection:
            stored = _store(replace(scope, connection=connection), batch)
        if not stored:  # another process did
            return done
        done += len(batch.rows)
        if not batch.more:
            return done


def _read(scope: Scope) -> Batch | None:
    marks = scope.connection.execute(_MARKS, {"of": scope.tenant}).one_or_none()
    if marks is None or marks.last_write == marks.last_indexed:
        return None
    since = FIRST if marks.last_indexed is None else marks.last_indexed
    ours = replace(scope, compartment="")
    found = scope.connection.execute(_WRITTEN, {"of": scope.tenant, "since": since}).all()
    rows = [
        (row.last_updated, resource_rows.index_rows(ours, row.type, row.last_updated, index_of(loads(row.body))))
        for row in found
    ]
    more = len(rows) == BATCH
    return Batch(marks.last_indexed, rows[-1][0] if more else marks.last_write, rows, more)


def _store(scope: Scope, batch: Batch) -> bool:
    """Store the rows of what is still current; False when another process was first."""
    if resource_rows.lock(scope).last_indexed != batch.since:
        return False
    terms = {"of": scope.tenant, "since": batch.since or FIRST, "until": batch.until}
    current = set(scope.connection.scalars(_STILL_CURRENT, terms))
    rows = [row for moment, several in batch.rows if moment in current for row in several]
    insert_many(scope.connection, search_index, rows)
    scope.connection.execute(_SET_MARK, {"of": scope.tenant, "moment": batch.until})
    return True
