"""What the source of an import withholds, for the other sources (``privacy.withheld``): of what is staged.

Entries stand by the id of the record that withholds. It takes what the records show of themselves only: no name that
was dropped, no value but as a digest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from footbridge.directory.importing.staging import Staged, Staging
from footbridge.directory.privacy.withheld import NOTHING, About, Entry, about, entry

Entries = dict[str, list[Entry]]


def entries_of(staged: Staging) -> Entries:
    """What the staged records withhold: once they are resolved (``relations``), before other sources have a say."""
    marked = staged.marked()
    if not marked:
        return {}
    around = _Around(staged, marked)
    found: Entries = defaultdict(list)
    for row in marked:
        for one in around.entries(row):
            found[row.id].append(one)
    return dict(found)


class _Around:
    """The marked records with those that they are tied to, read together."""

    def __init__(self, staged: Staging, marked: Iterable[Staged]) -> None:
        self._rows = {row.id: row for row in marked}
        services = {row.id for row in self._rows.values() if row.kind == "service"}
        places = {row.id for row in self._rows.values() if row.kind == "location"}
        links = {row.id: row for row in self._rows.values() if row.kind == "service_at_location"}
        links |= {row.id: row for row in staged.where("location", sorted(places))}
        services |= {row.service for row in links.values() if row.service}
        links |= {row.id: row for row in staged.where("service", sorted(services))}
        ids = {one for row in links.values() for one in (row.service, row.location) if one}
        self._read(staged, ids)
        self._read(staged, {row.organization for row in self._rows.values() if row.organization})
        self._at: dict[str, list[str]] = defaultdict(list)  # locations by service
        self._of: dict[str, list[str]] = defaultdict(list)  # services by location
        self._link_signs: dict[str, frozenset[str]] = defaultdict(frozenset)
        for link in links.values():
            if link.service and link.location:
                self._at[link.service].append(link.location)
                self._of[link.location].append(link.service)
                self._link_signs[link.service] |= _about(link).signs
        self._about = {key: _about(row) for key, row in self._rows.items()}
        self._hidden = {row.id for row in self._rows.values() if row.kind == "location" and _is_withheld(row)}

    def _read(self, staged: Staging, ids: set[str]) -> None:
        new = sorted(ids - self._rows.keys())
        self._rows |= {row.id: row for row in staged.where("id", new)}

    def entries(self, row: Staged) -> list[Entry]:
        """What one record withholds: as itself, or as the services at a location."""
        secrets = orjson.loads(row.secrets) if row.secrets else []
        if row.kind == "organization":
            of = self._about[row.id]
            return [entry(of, NOTHING, secrets, place=row.withholds, shelter=row.withholds)] if _is_known(of) else []
        if row.kind == "service":
            services = [row.id]
        elif row.kind == "location":
            services = list(dict.fromkeys(self._of[row.id])) or [""]
        else:
            services = [row.service or ""]
        made = [self._entry(one, row, secrets) for one in services]
        return [one for one in made if one is not None]

    def _entry(self, service: str, row: Staged, secrets: list[str]) -> Entry | None:
        """What a record withholds of a service ("": of no service) and its organization."""
        places = self._at[service] if service else []
        if row.kind == "service":
            secrets = [*secrets, *(one for key in places for one in self._secrets(key))]
        own = self._about.get(service, NOTHING)
        signs = own.signs.union(self._link_signs[service], *(self._about.get(key, NOTHING).signs for key in places))
        owner = self._owner(self._rows.get(service)) or self._owner(row)
        withholds = self._withholds(service) or self._withholds(owner) or (row.kind == "location" and row.withholds)
        all_of_it = bool(places) and all(key in self._hidden for key in places)
        of = About(own.names, signs)
        owners = self._about.get(owner or "", NOTHING)
        if not _is_known(of) and not _is_known(owners):
            return None
        return entry(of, owners, secrets, place=all_of_it, shelter=withholds and all_of_it)

    def _secrets(self, key: str) -> list[str]:
        row = self._rows.get(key)
        return orjson.loads(row.secrets) if row is not None and row.secrets else []

    def _withholds(self, key: str | None) -> bool:
        row = self._rows.get(key or "")
        return row is not None and row.kind != "location" and row.withholds

    @staticmethod
    def _owner(row: Staged | None) -> str | None:
        return None if row is None else row.organization


def _is_known(of: About) -> bool:
    return bool(of.names or of.signs)


def _data(row: Staged) -> Mapping[str, Any]:
    return orjson.loads(row.data) if row.data else {}


def _about(row: Staged) -> About:
    return about(_data(row))


def _is_withheld(row: Staged) -> bool:
    return _data(row).get("address_withheld") is True
