"""Ids: of a resource (rule id.extended), of elements within a resource (rule id.duplicate)."""

from dataclasses import dataclass

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

# Their elements' ids stand once in the differential and once in the snapshot.
DEFINITIONS = frozenset({"StructureDefinition"})


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A resource's id has no extensions."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Look into ``_id``."""
        extra = spot.value.get("_id")
        if extra is None or (extra.__class__ is dict and "extension" not in extra):
            return NONE
        return finding(
            "id.extended",
            spot.child("id"),
            "A resource's id has no extensions.",
            code="invalid",
            spec="resource.html#id",
        )


def element_id(spot: Spot, scope: Scope) -> Findings:
    """No two elements of a resource have the same id; called for each element that has one."""
    identity = spot.value["id"]
    if identity.__class__ is not str or scope.resource is spot.value:
        return NONE
    if identity not in scope.ids:
        scope.ids.add(identity)
        return NONE
    if scope.resource.get("resourceType") in DEFINITIONS:
        return NONE
    return finding(
        "id.duplicate", spot, "Another element of the resource has the same id.", code="invalid", spec="element.html#id"
    )
