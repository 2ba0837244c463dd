"""Ids: of a resource (rule id.extended), of elements within a resource (rule id.duplicate)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

# Their elements' ids stand once in the differential and once in the snapshot.
DEFINITIONS = frozenset({"StructureDefinition"})
INNER = frozenset({"contained", "resource"})


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A resource's id has no extensions."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Look for ``_id``."""
        if "_id" not in spot.value:
            return NONE
        return finding(
            "id.extended",
            spot.child("id"),
            "A resource's id has no extensions.",
            code="invalid",
            spec="resource.html#id",
        )


@dataclass(frozen=True, slots=True)
class ElementIds:
    """No two elements of a resource have the same id."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare the ids of all elements."""
        seen: set[str] = set()
        if spot.value.get("resourceType") in DEFINITIONS:
            return NONE
        for identity in _ids(spot.value):
            if identity in seen:
                return finding(
                    "id.duplicate", spot, "Two elements of the resource have the same id.", code="invalid",
                    spec="element.html#id",
                )  # fmt: skip
            seen.add(identity)
        return NONE


def _ids(resource: dict[str, Any]) -> Iterator[str]:
    """The ids of the elements below a resource, without resources in it."""
    waiting: list[Any] = [
        value for key, value in resource.items() if key not in INNER and value.__class__ in {dict, list}
    ]
    while waiting:
        at = waiting.pop()
        if at.__class__ is list:
            waiting += [row for row in at if row.__class__ is dict]
            continue
        identity = at.get("id")
        if identity.__class__ is str:
            yield identity
        for key, value in at.items():
            if (value.__class__ is dict or value.__class__ is list) and key not in INNER:
                waiting.append(value)
