"""A simulated FHIR server read from outside: plain HTTP GETs, as anybody could make them with curl."""

from collections.abc import Iterator
from typing import Any

import requests

Resource = dict[str, Any]
_TIMEOUT = 30  # seconds


class Reading:
    """One server as a reader sees it; ``gets`` counts the requests."""

    def __init__(self, title: str, base_url: str) -> None:
        self.title = title
        self.base_url = base_url
        self.gets = 0
        self._read: dict[str, Resource] = {}
        self._all: dict[str, list[Resource]] = {}
        self._session = requests.Session()
        self._session.trust_env = False  # loopback: no proxy, no netrc

    def search(self, type_: str, **criteria: str) -> list[Resource]:
        """The resources of a type that meet the criteria, from every page."""
        return list(self._pages(f"{self.base_url}/{type_}", {"_count": "200"} | criteria))

    def identified(self, type_: str, identifier: Resource) -> list[Resource]:
        """The resources of a type with this Identifier, as a search finds them."""
        return self.search(type_, identifier=f"{identifier['system']}|{identifier['value']}")

    def having(self, type_: str, identifier: Resource) -> list[Resource]:
        """The same, out of all resources of the type, which are read once."""
        if type_ not in self._all:
            self._all[type_] = self.search(type_)
        return [one for one in self._all[type_] if identifier in one.get("identifier", ())]

    def read(self, reference: str) -> Resource:
        """The resource of a relative reference."""
        if reference not in self._read:
            self.gets += 1
            response = self._session.get(f"{self.base_url}/{reference}", timeout=_TIMEOUT)
            response.raise_for_status()
            self._read[reference] = response.json()
        return self._read[reference]

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def _pages(self, url: str | None, query: dict[str, str]) -> Iterator[Resource]:
        while url is not None:
            self.gets += 1
            response = self._session.get(url, params=query, timeout=_TIMEOUT)
            response.raise_for_status()
            page = response.json()
            yield from (entry["resource"] for entry in page.get("entry", ()))
            url = next((link["url"] for link in page.get("link", ()) if link["relation"] == "next"), None)
            query = {}
