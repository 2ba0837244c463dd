"""Lets PostgreSQL know how many records there are, before statements ask for some of them by their ids.

Without statistics PostgreSQL takes what all records of a source have in common for nearly a key, and reads all of them
for each statement; a re-import then takes ten times as long. Its autovacuum looks once a minute, and not at all where
it is switched off; a restored backup has no statistics either. A sample of 3,000 rows is enough to tell which index
leads to few rows (https://www.postgresql.org/docs/current/sql-analyze.html). SQLite needs none.
"""

from sqlalchemy import Connection

_COLUMNS = "tenant, source, kind, id, since, until, organization, service, location"
_SAMPLE = 10  # hundreds of three: rows that are looked at
_KNOWN = "SELECT 1 FROM pg_stats WHERE tablename = 'directory_record' AND attname = 'id' LIMIT 1"


def look(connection: Connection) -> None:
    """Count, in a moment that holds up no writer: call it when an import wrote much, before it looks for anything."""
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql(f"SET LOCAL default_statistics_target = {_SAMPLE}")
    # Where somebody else looks at this moment, or VACUUM runs, it is not waited for.
    connection.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) directory_record ({_COLUMNS})")


def look_once(connection: Connection) -> None:
    """The same, where nothing is known yet: after a restore, or where nobody counted what was imported before."""
    if connection.dialect.name == "postgresql" and connection.exec_driver_sql(_KNOWN).first() is None:
        look(connection)
