"""The rows of FHIR resources: every version is kept, the newest one is marked.

``meta.versionId`` and ``meta.lastUpdated`` are ours. Moments of writing are handed out one microsecond apart, under a
lock on the tenant that lasts until the transaction ends: within a tenant, over all of its compartments, they rise
strictly, in the order of commits, so a poller that asks for what is newer than the newest that it has seen misses
nothing. All compartments of a tenant share its lock and its ``last_write``; they share no resource.

What the search index holds of a Task, and of anything in a partner's compartment, is written with it; the rest of our
compartment waits for ``index_rows``. ``tenant.last_indexed`` stays at the newest write as long as nothing waits.

Take the lock before other locks (or write resources first), then transactions cannot wait for each other in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, literal_column, select, update

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.store.beside import Beside
from footbridge.store.dialect import insert_many, pairs_in
from footbridge.store.fhir_dates import stamp
from footbridge.store.indexing import TASK_COLUMNS, Entry, indexed_with_resource
from footbridge.store.interactions.write_policy import WritePolicy
from footbridge.store.prepared import PreparedResource, prepare
from footbridge.store.stored import Stored
from footbridge.store.tables import resource as table
from footbridge.store.tables import search_index
from footbridge.store.tables import tenant as tenants

_TICK = timedelta(microseconds=1)
CURRENT: ColumnElement[bool] = literal_column("resource.current")
"""In the words of the indexes, not ``= 1``: SQLite takes a partial index for its own condition alone."""

COLUMNS = (table.c.type, table.c.id, table.c.version, table.c.last_updated, table.c.deleted, table.c.body)

# Built once: every write of a resource runs them.
_MARKS = (
    select(tenants.c.last_write, tenants.c.last_indexed)
    .where(tenants.c.name == bindparam("name"))
    .with_for_update(key_share=True)
)
_SET_MARKS = (
    update(tenants)
    .where(tenants.c.name == bindparam("of"))
    .values(last_write=bindparam("last_write"), last_indexed=bindparam("last_indexed"))
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when an interaction happens: a transaction, its tenant, the time, the compartment.

    Attributes:
        base_url: that of our FHIR server, without a slash at its end; it may be empty.
        policy: judges what is written; None: everything may be.
        place: index of the entry of a Bundle that is worked on; None outside of one.
        compartment: the resources that are read and written: those of one partner, or ours when empty.
        beside: more resources that are read here, and never written.
        alone: the database transaction ends with the interaction, and an error takes all of it back.
    """

    connection: Connection
    tenant: str
    now: datetime
    base_url: str = ""
    compartment: str = ""
    policy: WritePolicy | None = None
    place: int | None = None
    beside: Beside | None = None
    alone: bool = False

    def at(self, place: int) -> Self:
        """The same, for one entry of a Bundle."""
        return replace(self, place=place)


class Marks(NamedTuple):
    """Of a tenant: the moment of the newest write, and the moment up to which nothing waits for the index."""

    last_write: datetime | None
    last_indexed: datetime | None


def lock(scope: Scope) -> Marks:
    """Make other writers of this tenant wait until the transaction ends; returns how far the tenant is.

    Raises NotFoundError when there is no such tenant.
    """
    found = scope.connection.execute(_MARKS, {"name": scope.tenant}).one_or_none()
    if found is None:
        raise NotFoundError(_("Unknown tenant."))
    return Marks(found.last_write, found.last_indexed)


def of_compartment(scope: Scope) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The condition that every query of resources starts with: the tenant and the compartment."""
    return table.c.tenant == scope.tenant, table.c.compartment == scope.compartment


def put_new(scope: Scope, resources: Sequence[Mapping[str, Any]]) -> list[Stored]:
    """Store resources whose ids are new, each as version 1, in one statement whatever their number.

    Each has ``resourceType`` and ``id``. Raises sqlalchemy.exc.IntegrityError when an id is taken.
    """
    return put_prepared(scope, [prepare(one, compartment=scope.compartment) for one in resources])


def put_next(scope: Scope, resource: Mapping[str, Any], previous: Stored) -> Stored:
    """Store the version that follows ``previous``, which the caller read after taking the lock."""
    retire(scope, previous)
    return put_prepared(scope, [prepare(resource, previous.version + 1, compartment=scope.compartment)])[0]


def put_deletion(scope: Scope, previous: Stored) -> Stored:
    """Store a version that says that the resource is gone."""
    return put_deletions(scope, [previous])[0]


def put_deletions(scope: Scope, previous: Sequence[Stored]) -> list[Stored]:
    """``put_deletion`` of several resources."""
    if not previous:
        return []
    moment = _reserve(scope, len(previous), waits=False)
    gone = []
    for place, one in enumerate(previous):
        retire(scope, one)
        gone.append(Stored(one.type, one.id, one.version + 1, moment + place * _TICK, deleted=True, body=""))
    insert_many(scope.connection, table, [_row(scope, one) for one in gone])
    return gone


def current(scope: Scope, resource_type: str, identity: str) -> Stored | None:
    """The newest version, which may be a deletion; None when there never was one."""
    return _one(scope, resource_type, identity, CURRENT)


def version(scope: Scope, resource_type: str, identity: str, number: int) -> Stored | None:
    """One version."""
    return _one(scope, resource_type, identity, table.c.version == number)


def versions(scope: Scope, resource_type: str, identity: str) -> list[Stored]:
    """Every version, newest first."""
    query = (
        select(*COLUMNS)
        .where(*of_compartment(scope), table.c.type == resource_type, table.c.id == identity)
        .order_by(table.c.version.desc())
    )
    return [stored(row) for row in scope.connection.execute(query)]


def currents(scope: Scope, references: Iterable[str]) -> list[Stored]:
    """The newest versions of these ``Type/id``, without those that are deleted or not here; in no order."""
    by_type: dict[str, list[str]] = {}
    for reference in references:
        resource_type, _, identity = reference.partition("/")
        by_type.setdefault(resource_type, []).append(identity)
    return [
        stored(row)
        for resource_type, ids in by_type.items()
        for row in scope.connection.execute(
            select(*COLUMNS).where(
                *of_compartment(scope),
                table.c.type == resource_type,
                table.c.id.in_(ids),
                CURRENT,
                ~table.c.deleted,
            )
        )
    ]


def present(scope: Scope, keys: Iterable[tuple[str, str]], *, deleted: bool = False) -> set[tuple[str, str]]:
    """Which of these (type, id) the compartment has, deleted ones included; with ``deleted`` these alone."""
    which = "resource.current AND resource.deleted" if deleted else "resource.current"
    here = {"tenant": scope.tenant, "compartment": scope.compartment}
    return pairs_in(scope.connection, ("resource", "id", which), keys, here)


def stored(row: Row[*tuple[Any, ...]]) -> Stored:
    """A row of the resource table as a value."""
    return Stored(row.type, row.id, row.version, row.last_updated, row.deleted, row.body)


def _one(scope: Scope, resource_type: str, identity: str, which: Any) -> Stored | None:  # noqa: ANN401 - a SQL condition
    row = scope.connection.execute(
        select(*COLUMNS).where(*of_compartment(scope), table.c.type == resource_type, table.c.id == identity, which)
    ).one_or_none()
    return None if row is None else stored(row)


def retire(scope: Scope, previous: Stored) -> None:
    """Take a version out of what is current and searched, within the tenant's lock; the next one follows."""
    scope.connection.execute(
        update(table)
        .where(*of_compartment(scope), table.c.type == previous.type, table.c.id == previous.id)
        .where(table.c.version == previous.version)
        .values(current=False)
    )
    scope.connection.execute(
        delete(search_index).where(
            search_index.c.tenant == scope.tenant,
            search_index.c.compartment == scope.compartment,
            search_index.c.moment == previous.last_updated,
        )
    )


def put_prepared(scope: Scope, prepared: Sequence[PreparedResource], marks: Marks | None = None) -> list[Stored]:
    """Write versions that were prepared, each a moment later than the one before it, as ``put_new`` does.

    ``marks`` are those that ``lock`` returned in this transaction, where no resource was written since.
    """
    if not prepared:
        return []
    at_once = [indexed_with_resource(scope.compartment, one.type) for one in prepared]
    moment = _reserve(scope, len(prepared), waits=not all(at_once), marks=marks)
    written: list[Stored] = []
    rows: list[tuple[Any, ...]] = []
    indexed: list[tuple[Any, ...]] = []
    for place, (one, now) in enumerate(zip(prepared, at_once, strict=True)):
        written_at = moment + place * _TICK
        version = Stored(one.type, one.id, one.version, written_at, deleted=False, body=one.body(stamp(written_at)))
        entries = one.index_entries() if now else frozenset()
        written.append(version)
        rows.append(_row(scope, version, entries))
        indexed += index_rows(scope, version.type, written_at, entries)
    insert_many(scope.connection, table, rows)
    insert_many(scope.connection, search_index, indexed)
    return written


def index_rows(scope: Scope, resource_type: str, moment: datetime, entries: Iterable[Entry]) -> list[tuple[Any, ...]]:
    """Rows of the search index for one version; without what stands in the columns of a Task."""
    at = stamp(moment)
    columns = TASK_COLUMNS if resource_type == "Task" else ()
    return [
        (scope.tenant, scope.compartment, at, *entry, resource_type) for entry in entries if entry.param not in columns
    ]


def _reserve(scope: Scope, count: int, *, waits: bool, marks: Marks | None = None) -> datetime:
    """The first of so many moments of writing; ``waits`` says that something of it is to be indexed later."""
    last, indexed = marks or lock(scope)
    first = scope.now if last is None or scope.now > last else last + _TICK
    newest = first + (count - 1) * _TICK
    mark = indexed if waits or indexed != last else newest
    scope.connection.execute(_SET_MARKS, {"of": scope.tenant, "last_write": newest, "last_indexed": mark})
    return first


def _row(scope: Scope, one: Stored, entries: Iterable[Entry] = ()) -> tuple[Any, ...]:
    # In the order of the table's columns: tenant, compartment, type, id, version, current, deleted, last_updated,
    # body, and those of a Task.
    key = (scope.tenant, scope.compartment, one.type, one.id, one.version)
    found = {entry.param: entry.value for entry in entries} if one.type == "Task" else {}
    return (*key, True, one.deleted, stamp(one.last_updated), one.body, *map(found.get, TASK_COLUMNS))
