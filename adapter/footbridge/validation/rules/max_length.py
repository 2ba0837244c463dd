"""The greatest length of a text (rule profile.max-length)."""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot


@dataclass(frozen=True, slots=True)
class MaxLength:
    """At most ``most`` characters."""

    most: int
    profile: str | None

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Count the characters."""
        if not isinstance(spot.value, str) or len(spot.value) <= self.most:
            return NONE
        return finding(
            "profile.max-length", spot,
            f"The text has {len(spot.value)} characters; at most {self.most} are allowed.", code="too-long",
            profile=self.profile, spec="elementdefinition-definitions.html#ElementDefinition.maxLength",
        )  # fmt: skip


def make(element: Element, build: Build) -> Iterator[Rule]:
    """A length that the type does not ask."""
    most = element.facts.get("maxLength")
    if isinstance(most, int) and (build.new is None or build.new.facts.get("maxLength") != most):
        yield MaxLength(most, build.profile)
