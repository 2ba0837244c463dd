"""What the database has of services and what they belong to, joined (``joining``) as an import has it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, or_, select

from footbridge.directory.capacity import stated, with_stated
from footbridge.directory.importing.joining import (
    READ,
    Object,
    Parts,
    Row,
    assembled,
    location_of,
    opened,
    organization_of,
)
from footbridge.directory.model import DirectoryLocation, DirectoryOrganization, ServiceDocument
from footbridge.directory.records import Kind
from footbridge.store.dialect import unindexed
from footbridge.store.tables.directory import directory_record as record

Seen: TypeAlias = tuple[ColumnElement[bool], ...]  # which records of a kind an import has
_READ = tuple(record.c[name] for name in READ)


def documents(
    connection: Connection, tenant: str, source: str, number: int, ids: Sequence[str]
) -> dict[str, ServiceDocument]:
    """The services of these ids as the import ``number`` has them, by id; those that are hidden or gone are not there.

    What their partners said since of their free places is in it. Give at most some hundred ids: each statement has
    them as values.
    """
    found = assembled(source, parts(connection, tenant, source, number, ids))
    with_stated(found, stated(connection, tenant, source, ids))
    return found


def parts(connection: Connection, tenant: str, source: str, number: int, ids: Sequence[str]) -> Parts:
    """What ``assembled`` makes these services of; it can be handed to another process."""

    def seen(kind: Kind, column: str, wanted: Iterable[str]) -> list[Row]:
        return _rows(connection, _seen(tenant, source, number, kind), column, list(wanted))

    services = seen("service", "id", ids)
    links = seen("service_at_location", "service", [row[0] for row in services])
    places = seen("location", "id", {row[4] for row in links} - {None})
    return Parts(services, links, places, seen("organization", "id", {row[2] for row in services} - {None}))


def _rows(connection: Connection, seen: Seen, column: str, wanted: Sequence[str]) -> list[Row]:
    """The rows with one of some values in a column."""
    rows = connection.execute(select(*_READ).where(*seen, record.c[column].in_(list(wanted))))
    return [tuple(row) for row in rows]


def every_row(connection: Connection, tenant: str, source: str, number: int, kind: Kind) -> Iterator[Object]:
    """Every record of one kind, opened, as they come."""
    query = select(*_READ).where(*_seen(tenant, source, number, kind))
    for row in connection.execution_options(yield_per=500).execute(query):
        yield opened(tuple(row))


def _seen(tenant: str, source: str, number: int, kind: Kind) -> Seen:
    mine = (record.c.tenant == tenant, record.c.source == source, record.c.kind == kind)
    since, until = unindexed(record.c.since), unindexed(record.c.until)  # what is asked for are ids
    return (*mine, since <= number, or_(until.is_(None), until > number))


def places_alone(
    connection: Connection, tenant: str, source: str, number: int, ids: Sequence[str]
) -> dict[str, DirectoryLocation]:
    """Places by id, as they are without any service there. Whether one is shown decides what is offered at it."""
    rows = _rows(connection, _seen(tenant, source, number, "location"), "id", ids)
    return {row[0]: location_of({}, opened(row)) for row in rows}


def owners_alone(
    connection: Connection, tenant: str, source: str, number: int, ids: Sequence[str]
) -> dict[str, DirectoryOrganization]:
    """Organizations by id, likewise."""
    rows = _rows(connection, _seen(tenant, source, number, "organization"), "id", ids)
    return {row[0]: organization_of(opened(row)) for row in rows}
