"""Where references lead: contained resources, entries of the Bundle around, what the caller fetches.

https://hl7.org/fhir/R4/bundle.html#references, https://hl7.org/fhir/R4/references.html#contained.
"""

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from footbridge.validation.fhirpath import fhir_type

if TYPE_CHECKING:
    from footbridge.validation.core.scope import Scope

Resource = dict[str, Any]
LONGEST = 500  # characters of a reference that is remembered
_REST = re.compile(
    r"(?:(?P<base>.*)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]+)?\Z"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A resource that a reference leads to, and where it stands."""

    resource: Resource
    root: Resource
    bundle: "BundleIndex | None"
    full_url: str | None = None
    bundled: bool = False


def type_in_url(reference: str) -> str | None:
    """The resource type that a RESTful reference names; None for any other form."""
    return _short_type_in_url(reference) if len(reference) <= LONGEST else _type_in_url(reference)


def _type_in_url(reference: str) -> str | None:
    match = _REST.match(reference.partition("#")[0])
    if match is None:
        return None
    kind = fhir_type(match["type"])
    return match["type"] if kind is not None and kind.kind == "resource" else None


_short_type_in_url = functools.lru_cache(maxsize=4096)(_type_in_url)


def type_in_path(reference: str) -> str | None:
    """The resource type before the last part of a reference's path, whatever that part looks like."""
    parts = reference.rstrip("/").split("/")
    at = -4 if len(parts) >= 4 and parts[-2] == "_history" else -2
    kind = fhir_type(parts[at]) if len(parts) >= -at else None
    return parts[at] if kind is not None and kind.kind == "resource" else None


def without_version(reference: str) -> str:
    """A reference without ``/_history/N`` and without fragment."""
    return reference.partition("#")[0].partition("/_history/")[0]


def version_in(reference: str) -> str:
    """The version that a reference asks for; an empty text where it asks for none."""
    return reference.partition("#")[0].partition("/_history/")[2]


FULL_URL = "http://hl7.org/fhir/StructureDefinition/parameters-fullUrl"


class BundleIndex:
    """The entries of a Bundle, or the resources of a Parameters, by fullUrl and by ``Type/id``."""

    def __init__(self, bundle: Resource, outer: "BundleIndex | None" = None) -> None:
        self.bundle = bundle
        self.outer = outer
        self.by_url: dict[str, list[Target]] = {}
        self.by_id: dict[str, list[Target]] = {}
        self._versions: dict[tuple[int, str], list[Target]] = {}
        rows = bundle.get("entry") if "entry" in bundle else bundle.get("parameter")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                self._add_parts(row)

    def _add_parts(self, row: Resource) -> None:
        if isinstance(row.get("resource"), dict):
            self._add(row)
        parts = row.get("part")
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict):
                self._add_parts(part)

    def _add(self, entry: Resource) -> None:
        resource, url = entry["resource"], entry.get("fullUrl") or _told_url(entry)
        url = url if isinstance(url, str) else None
        target = Target(resource, resource, self, url, bundled=True)
        if url is not None:
            self.by_url.setdefault(url, []).append(target)
        name, identity = resource.get("resourceType"), resource.get("id")
        if isinstance(name, str) and isinstance(identity, str):
            self.by_id.setdefault(f"{name}/{identity}", []).append(target)

    def find(self, reference: str, full_url: str | None) -> list[Target]:
        """The entries that a reference of an entry with that fullUrl may mean.

        One with ``/_history/N`` means only what has that version (https://hl7.org/fhir/R4/bundle.html#references).
        """
        plain = without_version(reference)
        found = self.by_url.get(plain) or self.by_url.get(reference)
        if found is None and full_url is not None and ":" not in plain:
            source = _REST.match(full_url)
            if source is not None and source["base"]:
                found = self.by_url.get(f"{source['base']}/{plain}")
        if found is None and ":" not in plain:
            found = self.by_id.get(plain)
        if found is None and self.outer is not None:
            return self.outer.find(reference, full_url)
        version = version_in(reference)
        return self._of_version(found, version) if found and version else found or []

    def exact(self, reference: str, full_url: str | None) -> list[Target]:
        """As ``find``, by fullUrl alone: a type and an id lead nowhere from an entry whose fullUrl is no server's.

        https://hl7.org/fhir/R4/bundle.html#references
        """
        found, plain = self.find(reference, full_url), without_version(reference)
        if ":" in plain or full_url is None or not found:
            return found
        source = _REST.match(full_url)
        wanted = f"{source['base']}/{plain}" if source is not None and source["base"] else None
        return [] if wanted is None or wanted not in self.by_url else found

    def _of_version(self, found: list[Target], version: str) -> list[Target]:
        """Those of one version; the same list each time, as for references without one."""
        key = (id(found), version)
        if key not in self._versions:
            self._versions[key] = [target for target in found if _version(target.resource) == version]
        return self._versions[key]


def _version(resource: Resource) -> Any:  # noqa: ANN401 - JSON is any value
    meta = resource.get("meta")
    return meta.get("versionId") if isinstance(meta, dict) else None


def _told_url(parameter: Resource) -> Any:  # noqa: ANN401 - JSON is any value
    """The fullUrl of a parameter's resource, which an extension tells."""
    rows = parameter.get("extension")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("url") == FULL_URL:
            return row.get("valueUri")
    return None


def resolve(reference: str, scope: "Scope") -> Target | None:
    """What a reference leads to within the document; None when that is not in it."""
    if reference.startswith("#"):
        return _contained(reference[1:], scope)
    if scope.bundle is None:
        return None
    found = scope.bundle.find(reference, scope.full_url)
    return found[0] if found else None


def _contained(identity: str, scope: "Scope") -> Target | None:
    root = scope.root
    if not identity:
        return Target(root, root, scope.bundle, scope.full_url)
    row = contained_in(root, scope).get(identity)
    return None if row is None else Target(row, root, scope.bundle, scope.full_url)


def contained_in(root: Resource, scope: "Scope") -> dict[str, Resource]:
    """What a resource contains, by id; of an id that stands twice the first."""
    known = scope.run.held.get(id(root))
    if known is not None:
        return known[1]
    found: dict[str, Resource] = {}
    rows = root.get("contained")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("id"), str):
            found.setdefault(row["id"], row)
    scope.run.held[id(root)] = (root, found)
    return found
