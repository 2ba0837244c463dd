"""Removes a source: first nobody sees it any more, then its rows go, in short transactions."""

from collections.abc import Callable

from sqlalchemy import Connection, and_, delete, select, tuple_, update

from footbridge.directory.importing.rows import ROWS
from footbridge.directory.search import index
from footbridge.store.engine import Database
from footbridge.store.tables.directory import (
    directory_capacity,
    directory_correction,
    directory_finding,
    directory_import,
    directory_partner,
    directory_recognition,
    directory_record,
    directory_source,
    directory_withheld,
)


def remove(database: Database, tenant: str, source: str) -> int:
    """Remove a source with its imports, records, and links to partners; returns how many services it had."""
    record = directory_record
    mine = and_(record.c.tenant == tenant, record.c.source == source)
    with database.write() as connection:
        connection.execute(
            update(directory_source)
            .where(directory_source.c.tenant == tenant, directory_source.c.name == source)
            .values(current=0)
        )
        connection.execute(
            update(directory_import)
            .where(directory_import.c.tenant == tenant, directory_import.c.source == source)
            .values(state="superseded")
        )
    services: set[str] = set()

    def step(connection: Connection) -> int:
        some = select(record.c.kind, record.c.id, record.c.since).where(mine).limit(ROWS)
        rows = connection.execute(some).all()
        services.update(row.id for row in rows if row.kind == "service")
        keys = tuple_(record.c.kind, record.c.id, record.c.since)
        return connection.execute(delete(record).where(mine, keys.in_([tuple(row) for row in rows]))).rowcount

    _until_none(database, step)
    _until_none(database, lambda connection: index.remove_source(connection, tenant, source))
    with database.write() as connection:
        for table in (
            directory_finding,
            directory_recognition,
            directory_withheld,
            directory_partner,
            directory_capacity,
            directory_import,
        ):
            connection.execute(delete(table).where(table.c.tenant == tenant, table.c.source == source))
        said = (directory_correction.c.tenant == tenant, directory_correction.c.source == source)
        connection.execute(update(directory_correction).where(*said).values(old="", name=""))
        connection.execute(
            delete(directory_source).where(directory_source.c.tenant == tenant, directory_source.c.name == source)
        )
    return len(services)


def _until_none(database: Database, step: Callable[[Connection], int]) -> None:
    while True:
        with database.write() as connection:
            if not step(connection):
                return
