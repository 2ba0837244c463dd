"""The rows of FHIR resources: every version is kept, the newest one is marked. Searching is for ``index_rows``.

``meta.versionId`` and ``meta.lastUpdated`` are ours. Moments of writing are handed out one microsecond apart, under a
lock on the tenant that lasts until the transaction ends: within a tenant they rise strictly, in the order of commits,
so a poller that asks for what is newer than the newest that it has seen misses nothing.

Take the lock before other locks (or write resources first), then transactions cannot wait for each other in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from footbridge.errors import NotFoundError
from footbridge.store.dialect import insert_many
from footbridge.store.exact_json import loads
from footbridge.store.fhir_dates import stamp
from footbridge.store.prepared import PreparedResource, prepare
from footbridge.store.tables import resource as table
from footbridge.store.tables import search_index
from footbridge.store.tables import tenant as tenants

if TYPE_CHECKING:
    from footbridge.store.interactions.write_policy import WritePolicy

_TICK = timedelta(microseconds=1)
COLUMNS = (table.c.type, table.c.id, table.c.version, table.c.last_updated, table.c.deleted, table.c.body)

# Built once: every write of a resource runs them.
_LAST_WRITE = select(tenants.c.last_write).where(tenants.c.name == bindparam("name")).with_for_update(key_share=True)
_SET_LAST_WRITE = update(tenants).where(tenants.c.name == bindparam("of")).values(last_write=bindparam("last_write"))


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a resource. ``body`` is its JSON text with id and meta, empty for a deletion."""

    type: str
    id: str
    version: int
    last_updated: datetime
    deleted: bool
    body: str

    @property
    def reference(self) -> str:
        """``Type/id``."""
        return f"{self.type}/{self.id}"

    @property
    def etag(self) -> str:
        """The weak ETag of this version (https://hl7.org/fhir/R4/http.html#versioning)."""
        return f'W/"{self.version}"'

    @property
    def resource(self) -> dict[str, Any]:
        """The resource, parsed anew at each call; decimals as Decimal."""
        parsed: dict[str, Any] = loads(self.body)
        return parsed


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when an interaction happens: a transaction, its tenant, the time.

    Attributes:
        base_url: that of our FHIR server, without a slash at its end; it may be empty.
        policy: judges what is written; None: everything may be.
        place: index of the entry of a Bundle that is worked on; None outside of one.
    """

    connection: Connection
    tenant: str
    now: datetime
    base_url: str = ""
    policy: "WritePolicy | None" = None
    place: int | None = None

    def at(self, place: int) -> Self:
        """The same, for one entry of a Bundle."""
        return replace(self, place=place)


def lock(scope: Scope) -> datetime | None:
    """Make other writers of this tenant wait until the transaction ends; returns when it was last written to.

    Raises NotFoundError when there is no such tenant.
    """
    found = scope.connection.execute(_LAST_WRITE, {"name": scope.tenant}).one_or_none()
    if found is None:
        raise NotFoundError("There is no such tenant.")
    last: datetime | None = found.last_write
    return last


def put_new(scope: Scope, resources: Sequence[Mapping[str, Any]]) -> list[Stored]:
    """Store resources whose ids are new, each as version 1, in one statement whatever their number.

    Each has ``resourceType`` and ``id``. Raises sqlalchemy.exc.IntegrityError when an id is taken.
    """
    return put_prepared(scope, [prepare(one) for one in resources])


def put_next(scope: Scope, resource: Mapping[str, Any], previous: Stored) -> Stored:
    """Store the version that follows ``previous``, which the caller read after taking the lock."""
    _retire(scope, previous)
    return put_prepared(scope, [prepare(resource, previous.version + 1)])[0]


def put_deletion(scope: Scope, previous: Stored) -> Stored:
    """Store a version that says that the resource is gone."""
    moment = _reserve(scope, 1)
    _retire(scope, previous)
    gone = Stored(previous.type, previous.id, previous.version + 1, moment, deleted=True, body="")
    insert_many(scope.connection, table, [_row(scope.tenant, gone)])
    return gone


def current(scope: Scope, resource_type: str, identity: str) -> Stored | None:
    """The newest version, which may be a deletion; None when there never was one."""
    return _one(scope, resource_type, identity, table.c.current)


def version(scope: Scope, resource_type: str, identity: str, number: int) -> Stored | None:
    """One version."""
    return _one(scope, resource_type, identity, table.c.version == number)


def versions(scope: Scope, resource_type: str, identity: str) -> list[Stored]:
    """Every version, newest first."""
    query = (
        select(*COLUMNS)
        .where(table.c.tenant == scope.tenant, table.c.type == resource_type, table.c.id == identity)
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
                table.c.tenant == scope.tenant,
                table.c.type == resource_type,
                table.c.id.in_(ids),
                table.c.current,
                ~table.c.deleted,
            )
        )
    ]


_PRESENT = select(table.c.type, table.c.id).where(
    table.c.tenant == bindparam("of"),
    table.c.type.in_(bindparam("types", expanding=True)),
    table.c.id.in_(bindparam("ids", expanding=True)),
    table.c.current,
)


def present(scope: Scope, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (type, id) the tenant has, deleted ones included."""
    wanted = set(keys)
    terms = {"of": scope.tenant, "types": sorted({kind for kind, _ in wanted}), "ids": [one for _, one in wanted]}
    return wanted.intersection((row.type, row.id) for row in scope.connection.execute(_PRESENT, terms))


def stored(row: Row[*tuple[Any, ...]]) -> Stored:
    """A row of the resource table as a value."""
    return Stored(row.type, row.id, row.version, row.last_updated, row.deleted, row.body)


def _one(scope: Scope, resource_type: str, identity: str, which: Any) -> Stored | None:  # noqa: ANN401 - a SQL condition
    row = scope.connection.execute(
        select(*COLUMNS).where(
            table.c.tenant == scope.tenant, table.c.type == resource_type, table.c.id == identity, which
        )
    ).one_or_none()
    return None if row is None else stored(row)


def _reserve(scope: Scope, count: int) -> datetime:
    last = lock(scope)
    first = scope.now if last is None or scope.now > last else last + _TICK
    scope.connection.execute(_SET_LAST_WRITE, {"of": scope.tenant, "last_write": first + (count - 1) * _TICK})
    return first


def _retire(scope: Scope, previous: Stored) -> None:
    scope.connection.execute(
        update(table)
        .where(table.c.tenant == scope.tenant, table.c.type == previous.type, table.c.id == previous.id)
        .where(table.c.version == previous.version)
        .values(current=False)
    )
    scope.connection.execute(
        delete(search_index).where(
            search_index.c.tenant == scope.tenant, search_index.c.moment == previous.last_updated
        )
    )


def put_prepared(scope: Scope, prepared: Sequence[PreparedResource]) -> list[Stored]:
    """Write versions that were prepared, each a moment later than the one before it, as ``put_new`` does."""
    if not prepared:
        return []
    moment = _reserve(scope, len(prepared))
    written: list[Stored] = []
    for place, one in enumerate(prepared):
        written_at = moment + place * _TICK
        body = one.body(stamp(written_at))
        written.append(Stored(one.type, one.id, one.version, written_at, deleted=False, body=body))
    insert_many(scope.connection, table, [_row(scope.tenant, one) for one in written])
    return written


def _row(tenant: str, one: Stored) -> tuple[Any, ...]:
    # In the order of the table's columns: tenant, type, id, version, current, deleted, last_updated, body.
    return (tenant, one.type, one.id, one.version, True, one.deleted, stamp(one.last_updated), one.body)
