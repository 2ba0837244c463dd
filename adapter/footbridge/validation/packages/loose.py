"""Loose definitions: resources that a person hands over beside the packages, as already parsed JSON objects."""

from collections.abc import Iterable, Mapping
from typing import Any

from footbridge.i18n import _
from footbridge.validation.definitions.shape import fault_of
from footbridge.validation.packages.archive import entry_of
from footbridge.validation.packages.errors import PackageError
from footbridge.validation.packages.package import Entry, Package, facts_for


class LoosePackage(Package):
    """A nameless package of the resources given; a Bundle counts as the resources of its entries.

    Raises PackageError for a definition that is malformed.
    """

    def __init__(self, resources: Iterable[Mapping[str, Any]], *, name: str = "loose definitions") -> None:
        self.name = name
        self.version = ""
        self.dependencies: Mapping[str, str] = {}
        self._resources = [one for resource in resources for one in _opened(resource)]
        for one in self._resources:
            if (fault := fault_of(one)) is not None:
                raise PackageError(_("The definition {one} cannot be used: {fault}", one=one.get("url"), fault=fault))

    def entries(self) -> Iterable[Entry]:
        """Every resource handed over."""
        for number, resource in enumerate(self._resources):
            yield entry_of(resource, str(number), "")

    def facts(self, entry: Entry) -> dict[str, Any]:
        """The facts of an entry, taken out of its resource."""
        resource = self._resources[int(entry.file)]
        return facts_for(entry, resource)


def _opened(resource: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if resource.get("resourceType") != "Bundle":
        return [resource]
    entries = resource.get("entry")
    rows = entries if isinstance(entries, list) else []
    return [row["resource"] for row in rows if isinstance(row, dict) and isinstance(row.get("resource"), dict)]
