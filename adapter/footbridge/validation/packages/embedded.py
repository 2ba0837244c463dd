"""The packages that ship with Footbridge: ``profiles/ID#VERSION/``, facts only, a file a type or profile.

A folder holds ``package.json`` (name, version, dependencies, licence) and ``index.json``: for every resource
type, rows of ``[canonical, file, version, type, role]``, the last three left out where they say nothing new.
Only the files that a validation asks for are opened. ``scripts/build_profiles.py`` makes the folders.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import Any

import orjson

from footbridge.data import folder
from footbridge.i18n import _
from footbridge.validation.packages.errors import PackageError
from footbridge.validation.packages.package import Entry, Package, by_supplemented, same_version

WITH_ABOUT = 3  # longer rows tell what a definition is about


class EmbeddedPackage(Package):
    """One package of facts under ``profiles/``."""

    def __init__(self, place: Traversable) -> None:
        self._place = place
        manifest = self._parsed("package.json")
        self.name = str(manifest["name"])
        self.version = str(manifest["version"])
        self.dependencies: Mapping[str, str] = manifest.get("dependencies", {})

    @functools.cached_property
    def _rows(self) -> Mapping[str, Mapping[str, list[str]]]:
        """Rows by resource type and canonical; each canonical stands once in an embedded package."""
        return {kind: {row[0]: row for row in rows} for kind, rows in self._parsed("index.json").items()}

    def find(self, kind: str, url: str, version: str | None = None) -> Entry | None:
        """The entry of that canonical; None where there is none, or not of that version."""
        row = self._rows.get(kind, {}).get(url)
        if row is None:
            return None
        entry = self._entry(kind, row)
        return entry if version is None or same_version(entry.version, version) else None

    def entries(self) -> Iterable[Entry]:
        """Every resource of the package."""
        return (self._entry(kind, row) for kind, rows in self._rows.items() for row in rows.values())

    def of_kind(self, kind: str) -> Iterator[Entry]:
        """Every entry of one resource type."""
        return (self._entry(kind, row) for row in self._rows.get(kind, {}).values())

    @functools.cached_property
    def supplements(self) -> Mapping[str, tuple[Entry, ...]]:
        """The CodeSystems that supplement another one, by the URL of that; only their rows are looked at."""
        rows = self._rows.get("CodeSystem", {}).values()
        return by_supplemented(self._entry("CodeSystem", row) for row in rows if len(row) > WITH_ABOUT)

    def _entry(self, kind: str, row: list[str]) -> Entry:
        url, file, *rest = row
        return Entry(kind, url, file, *(rest or (self.version,)))

    def facts(self, entry: Entry) -> dict[str, Any]:
        """The facts of an entry, as its file has them."""
        return self._parsed(entry.file)

    def _parsed(self, name: str) -> dict[str, Any]:
        try:
            content = orjson.loads(self._place.joinpath(*name.split("/")).read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise PackageError(
                _("The embedded file {name} cannot be read: install footbridge again.", name=name)
            ) from error
        assert isinstance(content, dict)  # noqa: S101 - our own build wrote it
        return content


@functools.cache
def embedded_packages() -> Mapping[str, EmbeddedPackage]:
    """Every embedded package by its ``ID#VERSION``."""
    return {
        place.name: EmbeddedPackage(place)
        for place in sorted(folder("profiles").iterdir(), key=lambda place: place.name)
        if "#" in place.name and place.is_dir()
    }
