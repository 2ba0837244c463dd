"""A fixed value: the value must be this one, to the last element (rule profile.fixed)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.equality import same


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """The value is ``value``."""

    value: Any
    profile: str | None

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare; a fixed primitive has no extensions either."""
        extended = spot.extra.__class__ is dict and "extension" in spot.extra and spot.extra is not spot.value
        if not extended and same(spot.value, self.value):
            return NONE
        shown = f" '{self.value}'" if isinstance(self.value, str) else ""
        return finding(
            "profile.fixed", spot, f"The value is not the one{shown} that is fixed here.", code="value",
            profile=self.profile, spec="elementdefinition-definitions.html#ElementDefinition.fixed_x_",
        )  # fmt: skip


def make(element: Element, build: Build) -> Iterator[Rule]:
    """A fixed value that the type has not."""
    fixed = element.value("fixed")
    if fixed is not None and (build.new is None or build.new.value("fixed") != fixed):
        yield Fixed(fixed[1], build.profile)
