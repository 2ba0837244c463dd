"""A canonical that leads to a definition of another kind than it should (rule reference.canonical).

https://hl7.org/fhir/R4/references.html#canonical. One that leads to nothing that is loaded is let be; where
references are ignored it is a warning, but in StructureDefinitions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import CORE, Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

KINDS = ("StructureDefinition", "ValueSet", "CodeSystem")


@dataclass(frozen=True, slots=True)
class CanonicalTarget:
    """``types`` are the resource types that the canonical may lead to."""

    types: frozenset[str]
    profile: str | None

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look among contained resources and definitions."""
        value = spot.value
        if value.__class__ is not str or not value:
            return NONE
        kind = _contained_kind(value[1:], scope.root) if value[0] == "#" else _kind(value, scope)
        if kind is None or kind in self.types:
            return NONE
        return finding(
            "reference.canonical", spot, f"The canonical leads to a {kind}; it must lead to {_told(self.types)}.",
            severity="error" if _matters(scope) else "warning",
            code="invalid", profile=self.profile, spec="references.html#canonical",
        )  # fmt: skip


def _matters(scope: Scope) -> bool:
    """A definition of profiles cannot be used with it; elsewhere it counts as references do."""
    return scope.run.options.references != "ignore" or scope.resource.get("resourceType") == "StructureDefinition"


def _told(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))


def _kind(canonical: str, scope: Scope) -> str | None:
    known = scope.run.engine.definitions.entry
    return next((kind for kind in KINDS if known(kind, canonical) is not None), None)


def _contained_kind(identity: str, root: dict[str, Any]) -> str | None:
    rows = root.get("contained")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("id") == identity and isinstance(row.get("resourceType"), str):
            kind: str = row["resourceType"]
            return kind if kind.isalpha() else None
    return None


def make(element: Element, build: Build) -> Iterator[Rule]:
    """The targets of a canonical, where the type does not name the same."""
    if build.type and build.type != "canonical":
        return
    targets = _targets(element)
    if not targets or (build.new is not None and _targets(build.new) == targets):
        return
    names = frozenset(url.removeprefix(CORE) for url in targets)
    if all(name.isalpha() for name in names) and "Resource" not in names:
        yield CanonicalTarget(names, build.profile)


def _targets(element: Element) -> tuple[str, ...]:
    rows = zip(element.codes, element.types, strict=True)
    return tuple(url for code, row in rows if code == "canonical" for url in row.get("targetProfile") or ())
