"""One service of the directory, by what names it: our id, or its source and its own id there (``north-211:4711``)."""

import re

from sqlalchemy import Connection, or_, select

from footbridge.directory.ids import record_id
from footbridge.directory.importing.assembly import documents
from footbridge.directory.model import ServiceDocument
from footbridge.directory.records import Kind
from footbridge.directory.sources import current_imports
from footbridge.store.dialect import unindexed
from footbridge.store.tables.directory import directory_record as record
from footbridge.store.tables.directory import directory_source as source

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def find_service(connection: Connection, tenant: str, reference: str) -> ServiceDocument | None:
    """The service, as its source's current import has it; None when there is none, or it is hidden.

    Args:
        connection: of one transaction.
        tenant: whose directory it is.
        reference: our id, or ``SOURCE:ID``.
    """
    found = _place(connection, tenant, "service", reference)
    if found is None:
        return None
    name, key = found
    number = current_imports(connection, tenant).get(name, 0)
    return documents(connection, tenant, name, number, [key]).get(key)


def find_organization(connection: Connection, tenant: str, reference: str) -> tuple[str, str, str] | None:
    """Source, id and native id of an organization that a current import has; None when there is none."""
    found = _place(connection, tenant, "organization", reference)
    if found is None:
        return None
    name, key = found
    native = connection.execute(
        select(record.c.native_id)
        .join(source, (source.c.tenant == record.c.tenant) & (source.c.name == record.c.source))
        .where(
            record.c.tenant == tenant,
            record.c.source == name,
            record.c.kind == "organization",
            record.c.id == key,
            unindexed(record.c.since) <= source.c.current,
            or_(unindexed(record.c.until).is_(None), unindexed(record.c.until) > source.c.current),
        )
    ).scalar()
    return None if native is None else (name, key, native)


def has_directory(connection: Connection, tenant: str) -> bool:
    """Whether the tenant has a directory at all."""
    return bool(current_imports(connection, tenant))


def _place(connection: Connection, tenant: str, kind: Kind, reference: str) -> tuple[str, str] | None:
    """The source and our id of what is named."""
    if _UUID.fullmatch(reference):
        key = reference.lower()
        # With the names of the sources the key of the table leads to it: SQLite would read all that the tenant has.
        names = connection.scalars(select(source.c.name).where(source.c.tenant == tenant)).all()
        name = connection.scalar(
            select(record.c.source)
            .where(record.c.tenant == tenant, record.c.source.in_(names), record.c.kind == kind, record.c.id == key)
            .limit(1)
        )
        return None if name is None else (name, key)
    name, separator, native = reference.partition(":")
    return (name, record_id(name, kind, native)) if separator and native else None
