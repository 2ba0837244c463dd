"""What every package gives, wherever it is kept: its name, its index, and the facts of one resource."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from footbridge.i18n import _
from footbridge.validation.definitions.facts import facts_of
from footbridge.validation.definitions.shape import fault_of
from footbridge.validation.definitions.term_facts import code_system_facts, value_set_facts
from footbridge.validation.packages.errors import PackageError

_FACTS_OF = {"StructureDefinition": facts_of, "ValueSet": value_set_facts, "CodeSystem": code_system_facts}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a package's index.

    Attributes:
        kind: its resource type, e.g. ``StructureDefinition``.
        url: its canonical URL; empty for a resource that has none.
        file: where the package keeps it.
        version: its business version, the package's where it has none.
        about: for a StructureDefinition the type that it defines or constrains; for a CodeSystem that supplements
            another one, the canonical of that.
        role: for a StructureDefinition its kind and derivation, e.g. ``resource constraint``.
    """

    kind: str
    url: str
    file: str
    version: str
    about: str = ""
    role: str = ""


class Package(ABC):
    """A package of definitions; nothing is parsed before it is asked for."""

    name: str
    version: str
    dependencies: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.name}#{self.version}"

    @functools.cached_property
    def index(self) -> Mapping[tuple[str, str], tuple[Entry, ...]]:
        """Entries by (resource type, canonical URL), those of the highest version first."""
        table: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.entries():
            table.setdefault((entry.kind, entry.url), []).append(entry)
        return {
            key: tuple(sorted(rows, key=lambda row: version_key(row.version), reverse=True))
            for key, rows in table.items()
        }

    def find(self, kind: str, url: str, version: str | None = None) -> Entry | None:
        """The entry of that canonical, the newest where no version is asked; None where there is none."""
        for entry in self.index.get((kind, url), ()):
            if version is None or same_version(entry.version, version):
                return entry
        return None

    def of_kind(self, kind: str) -> Iterator[Entry]:
        """Every entry of one resource type."""
        return (entry for entry in self.entries() if entry.kind == kind)

    @functools.cached_property
    def supplements(self) -> Mapping[str, tuple[Entry, ...]]:
        """The CodeSystems that supplement another one, by the URL of that."""
        return by_supplemented(self.of_kind("CodeSystem"))

    @abstractmethod
    def entries(self) -> Iterable[Entry]:
        """Every resource of the package."""

    @abstractmethod
    def facts(self, entry: Entry) -> dict[str, Any]:
        """The facts of a StructureDefinition, ValueSet or CodeSystem; of another kind, the resource itself.

        Raises PackageError when the file cannot be read.
        """


def by_supplemented(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """CodeSystems that supplement another one, by the URL of that."""
    table: dict[str, tuple[Entry, ...]] = {}
    for entry in entries:
        if entry.about:
            url = entry.about.partition("|")[0]
            table[url] = (*table.get(url, ()), entry)
    return table


def facts_for(entry: Entry, resource: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a resource, with its entry's version where it tells none; of other kinds the resource itself.

    Raises PackageError for a definition that is malformed.
    """
    make = _FACTS_OF.get(entry.kind)
    if make is None:
        return dict(resource)
    if (fault := fault_of(resource)) is not None:
        raise PackageError(_("The {kind} {url} cannot be used: {fault}", kind=entry.kind, url=entry.url, fault=fault))
    facts = make(resource)
    if entry.version:
        facts.setdefault("version", entry.version)
    return facts


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """A key that orders versions: numbers by value, a release after its own pre-releases."""
    release, _, label = version.partition("-")
    parts = [(1, int(part), "") if part.isascii() and part.isdigit() else (0, 0, part) for part in release.split(".")]
    return (*parts, (0, 0, label) if label else (0, 1, ""))


def same_version(have: str, wanted: str) -> bool:
    """Whether a version is the one wanted; ``4.0`` asks for any patch of it (https://hl7.org/fhir/R4/references.html#canonical)."""
    return have == wanted or have.startswith(wanted + ".")
