"""The sources of a tenant's directory, and how each one's imports went."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from footbridge.store.tables.directory import directory_import as imports
from footbridge.store.tables.directory import directory_source as table


@dataclass(frozen=True, slots=True)
class Source:
    """A source; ``current`` is the number of the import that counts, 0 before the first one."""

    name: str
    format: str
    location: str
    country: str
    timezone: str
    current: int


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import: ``summary`` holds its figures once it ended well."""

    number: int
    state: str
    started: datetime
    finished: datetime | None
    summary: dict[str, Any] | None


def list_sources(connection: Connection, tenant: str) -> list[Source]:
    """Every source of the tenant, by name."""
    rows = connection.execute(select(table).where(table.c.tenant == tenant).order_by(table.c.name))
    return [Source(*(getattr(row, name) for name in Source.__slots__)) for row in rows]


def list_imports(connection: Connection, tenant: str, source: str) -> list[ImportRun]:
    """The imports of a source, the newest first."""
    rows = connection.execute(
        select(imports).where(imports.c.tenant == tenant, imports.c.source == source).order_by(imports.c.number.desc())
    )
    return [
        ImportRun(row.number, row.state, row.started, row.finished, json.loads(row.summary) if row.summary else None)
        for row in rows
    ]


def current_imports(connection: Connection, tenant: str) -> dict[str, int]:
    """The number of the import that counts, by source; sources that have none are not there."""
    return {one.name: one.current for one in list_sources(connection, tenant) if one.current}
