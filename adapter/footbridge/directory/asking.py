"""The one door for questions to the directory: for the command, the API and the portal.

A question that finds nothing is counted, without anything of a person in it (``search.gaps``).
"""

from datetime import tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from footbridge.directory.importing.asked import country_and_zone
from footbridge.directory.search import Query, Result, ServiceSearch
from footbridge.directory.search.gaps import record_search
from footbridge.directory.search.snapshot import KEPT
from footbridge.directory.sources import current_imports, list_sources
from footbridge.model.clock import Clock
from footbridge.store.engine import Database
from footbridge.store.tenants import get_tenant, list_tenants


class Asker:
    """Answers questions; safe to share between threads, and quicker when it is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._search = ServiceSearch(clock)

    def zone(self, tenant: str) -> tzinfo:
        """The time zone in which a tenant's directory means its hours; its people's when it has none."""
        with self._database.read() as connection:
            return ZoneInfo(_directorys(connection, tenant) or _peoples(connection, tenant))

    def zone_of_people(self, tenant: str) -> tzinfo:
        """The time zone in which a tenant's people read and write times.

        The one that the tenant sets; else that of its directory; else that in which most people of its country live.
        """
        with self._database.read() as connection:
            return ZoneInfo(_peoples(connection, tenant))

    def warm_up(self) -> None:
        """Read what the first question of each kind would wait for; raises SQLAlchemyError."""
        with self._database.read() as connection:
            for tenant in [one.name for one in list_tenants(connection)][:KEPT]:
                if current := current_imports(connection, tenant):
                    self._search.warm_up(connection, tenant, current)

    def ask(self, tenant: str, query: Query, by: str = "") -> Result:
        """Answer a question.

        Args:
            tenant: whose directory it is.
            query: the question.
            by: the user or system that asks: what it asks again within minutes is counted once. Empty: not known.
        """
        with self._database.read() as connection:
            current = current_imports(connection, tenant)
            result = self._search.search(connection, tenant, current, query)
        if result.gap is not None and current and not query.offset:
            with self._database.write_in_passing() as connection:
                record_search(connection, tenant, query, result, self._clock.now(), by)
        return result


def _directorys(connection: Connection, tenant: str) -> str | None:
    return next((one.timezone for one in list_sources(connection, tenant) if one.current), None)


def _peoples(connection: Connection, tenant: str) -> str:
    known = get_tenant(connection, tenant)
    if known.timezone is not None:
        return known.timezone
    return _directorys(connection, tenant) or country_and_zone(None, None, known.jurisdiction)[1]
