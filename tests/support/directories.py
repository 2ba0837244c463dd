"""A tenant's directory for tests of search: services in a few words, imported under a number, and questions."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from footbridge.directory.model import ServiceDocument
from footbridge.directory.search import Query, Result, ServiceSearch
from footbridge.directory.search.index import discard, end, index_documents, purge
from footbridge.directory.search.publish import publish
from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.tenants import add_tenant

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)  # a Monday, noon in Toronto
TOWNS = {
    "Toronto": (43.6532, -79.3832, "M5V 2T6"),
    "Ottawa": (45.4215, -75.6972, "K1A 0B1"),
    "Sudbury": (46.4917, -80.9930, "P3E 2B7"),
    "Mississauga": (43.5890, -79.6441, "L5B 3C1"),
}


def service(
    name: str, *, town: str | None = None, source: str = "A", native_id: str | None = None, **members: Any
) -> ServiceDocument:
    """A service; ``needs`` and ``guesses`` become categories, ``town`` a located site, the rest is taken as it is."""
    native_id = native_id or name
    categories = [{"code": code, "basis": "taxonomy", "evidence": ["BD-1800"]} for code in members.pop("needs", ())]
    categories += [{"code": code, "basis": "keyword", "evidence": ["word"]} for code in members.pop("guesses", ())]
    document: dict[str, Any] = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{source}/{native_id}")),
        "native_id": native_id,
        "source": source,
        "name": name,
        "can_refer": True,
        "categories": categories,
    }
    if town is not None:
        latitude, longitude, code = TOWNS[town]
        document["locations"] = [site(town, code, latitude, longitude)]
    document.update(members)
    return document  # type: ignore[return-value]


def site(town: str, code: str = "", latitude: float | None = None, longitude: float | None = None) -> dict[str, Any]:
    """A site in Ontario."""
    found: dict[str, Any] = {
        "location_type": "physical",
        "addresses": [{"city": town, "state_province": "ON", "postal_code": code}],
    }
    if latitude is not None:
        found |= {"latitude": latitude, "longitude": longitude}
    return found


class Directory:
    """The directory of one tenant in one database."""

    def __init__(self, database: Database, tenant: str = "clinic") -> None:
        self.database, self.tenant = database, tenant
        self.current: dict[str, int] = {}
        self.searching = ServiceSearch(ManualClock(NOON))
        with database.write() as connection:
            add_tenant(connection, tenant, "ca", NOON)

    def write(
        self, number: int, documents: Iterable[ServiceDocument], *, source: str = "A", ended: Iterable[str] = ()
    ) -> None:
        """What an import writes before it is current."""
        documents = list(documents)
        with self.database.write() as connection:
            end(connection, self.tenant, source, number, [*ended, *(one["id"] for one in documents)])
            index_documents(connection, self.tenant, source, number, documents)

    def load(self, *documents: ServiceDocument, number: int = 1, source: str = "A", ended: Iterable[str] = ()) -> None:
        """A whole import, current at its end."""
        self.write(number, documents, source=source, ended=ended)
        publish(self.database, self.tenant, source, number)
        self.current[source] = number

    def discard(self, source: str = "A") -> None:
        """Undo what an import wrote that did not become current."""
        while True:
            with self.database.write() as connection:
                if not discard(connection, self.tenant, source, after=self.current.get(source, 0)):
                    return

    def purge(self, source: str = "A") -> int:
        """Remove what nobody sees; how many versions."""
        removed = 0
        while True:
            with self.database.write() as connection:
                some = purge(connection, self.tenant, source, before=self.current[source])
            removed += some
            if not some:
                return removed

    def ask(self, words: str = "", **members: Any) -> Result:
        """Put a question."""
        with self.database.read() as connection:
            return self.searching.search(connection, self.tenant, self.current, Query(words=words, **members))

    def names(self, words: str = "", **members: Any) -> list[str]:
        """The names of what a question finds, in order."""
        return [one["name"] for one in self.ask(words, **members).services]
