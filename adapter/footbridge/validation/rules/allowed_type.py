"""A choice or a resource of a type that the profile does not allow (rule profile.type)."""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.validation.core.build import Build
from footbridge.validation.core.children import plan_of
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

OPEN = frozenset({"Resource", "DomainResource", "Element", "BackboneElement"})


@dataclass(frozen=True, slots=True)
class AllowedType:
    """The value is of one of these types; a resource may be of one derived from them, a datatype not."""

    types: frozenset[str]
    profile: str | None

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare the type of the slot, or of the resource in it."""
        if spot.slot.type in self.types:
            return NONE
        plan = plan_of(spot)
        if plan is None or (plan.kind == "resource" and not self.types.isdisjoint(plan.ancestors)):
            return NONE
        wanted = ", ".join(sorted(self.types))
        return finding(
            "profile.type", spot, f"{plan.name} is not allowed here; the profile allows {wanted}.",
            code="structure", profile=self.profile, spec="profiling.html",
        )  # fmt: skip


def make(element: Element, build: Build) -> Iterator[Rule]:
    """Types that a profile takes away."""
    new = build.new
    if build.profile is None or not element.types or "." not in element.path:
        return
    types = frozenset(element.codes)
    if types & OPEN or (new is not None and types >= frozenset(new.codes)):
        return
    yield AllowedType(types, build.profile)
