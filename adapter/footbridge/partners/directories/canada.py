"""211 Canada's data API v2: one dataset (a province) in one language, page by page.

https://data.211support.org/docs/search. A search is for an area: communities or a point. Where nobody names one, all is
asked for that is within a distance that holds the country, and a finding says so. The API takes its key as the query
parameter ``key`` and in no other place; it is added when a request goes out. ``MapIDs=on`` is always asked for: without
it the ids of records change. So are all fields that are read, the flags that keep an address or a phone private among
them: the API gives few unless asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from footbridge import data as data_files
from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.canada_records import asked_fields, records
from footbridge.directory.records import Finding, Record
from footbridge.i18n import _
from footbridge.partners.directories.answers import NOTHING
from footbridge.partners.directories.asking import Key
from footbridge.partners.directories.paging import Item, Page, Walk
from footbridge.partners.directories.transport import Transport

BASE: Final = "https://data.211support.org/api/v2"


def key(reference: str) -> Key:
    """How the API wants a key; ``reference`` is ``env:NAME`` or ``file:PATH``."""
    return Key(reference, parameter="key")


@dataclass(slots=True)
class Canada:
    """One dataset, such as ``on``, in ``en`` or ``fr``. ``search`` replaces or adds to what is searched for."""

    transport: Transport
    dataset: str
    language: str = "en"
    search: Mapping[str, Any] = field(default_factory=dict)
    size: int = 500

    def read(self, updated_on: str | None = None) -> Iterator[Record | Finding]:
        """Records of all that is found, or of what was updated since a date ``YYYY-MM-DD``; raises DirectoryError."""
        place = f"{self.transport.host}: POST /search"
        tally = Tally(place)
        organizations: set[str] = set()
        walk = Walk(lambda number: self._page(number, updated_on), _identity, place)
        for item in walk.items():
            yield from records(item, place, tally, organizations)
        yield from walk.findings
        if organizations and not self._has_area():
            yield Finding("api.area-of-all", place, found=self.dataset)
        yield from tally.counted()

    def _has_area(self) -> bool:
        return any(name in self.search for name in ("Communities", "Latitude", "SearchType"))

    def _area(self) -> dict[str, Any]:
        if "Communities" in self.search:
            return {"SearchType": "coverage"}
        if self._has_area():
            return {"SearchType": "proximity"}
        everything = _everything()
        latitude, longitude = everything["centres"].get(self.dataset.casefold(), everything["centres"][""])
        point = {"Latitude": latitude, "Longitude": longitude, "Distance": everything["distance"]}
        return {"SearchType": "proximity", **point}

    def _page(self, number: int, updated_on: str | None) -> Page:
        body: dict[str, Any] = {
            **self._area(),
            "Search": "term",
            "Term": "*",
            "SortOrder": "name",
            **{name: _number(name, said) for name, said in self.search.items()},
            "Fields": ",".join(asked_fields()),
            "Dataset": self.dataset,
            "Lang": self.language,
            "MapIDs": "on",
            "PageIndex": number,
            "PageSize": self.size,
        }
        if updated_on:
            body["updatedOn"] = updated_on
        route = f"POST /search (page {number + 1})"
        answer = self.transport.post("search", body, route=route)
        if answer.status in NOTHING or answer.content is None:
            return Page([], last=True)
        content = answer.content
        listed = content.get("Records") if isinstance(content, dict) else None
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise DirectoryError(
                _(
                    "{host}: {route} gives no list of records. Check the URL and dataset.",
                    host=self.transport.host,
                    route=route,
                )
            )
        return Page(listed, _count(content.get("RecordCount")))


def _everything() -> Mapping[str, Any]:
    rows: Mapping[str, Any] = data_files.read_json("mappings", "directory", "canada.json")["everything"]
    return rows


def _number(name: str, said: Any) -> Any:  # noqa: ANN401 - a value of JSON
    """The value of a member of the search; what is a number there comes as text out of a URL."""
    if name not in _everything()["numbers"] or not isinstance(said, str):
        return said
    try:
        return float(said)
    except ValueError:
        return said


def _count(said: Any) -> int | None:  # noqa: ANN401 - a number, or a number as text
    text = str(said).strip()
    return int(text) if text.isdecimal() else None


def _identity(item: Item) -> str:
    found = next((item[name] for name in ("id", "ResourceAgencyNum") if item.get(name)), None)
    return str(found) if found else repr(sorted(item.items(), key=str))
