"""A profile's minimum and maximum number of values (rules profile.min, profile.max)."""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, ListRule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

SPEC = "conformance-rules.html#cardinality"


@dataclass(frozen=True, slots=True)
class Cardinality:
    """At least ``least`` and at most ``most`` values; ``most`` None for any number."""

    name: str
    least: int
    most: int | None
    profile: str | None

    def check_all(self, items: list[Spot], parent: Spot, _: Scope) -> Findings:
        """Count the values."""
        count = len(items)
        if count < self.least:
            return finding(
                "profile.min", parent, f"'{self.name}' occurs {count} times; at least {self.least} are required.",
                code="required" if count == 0 else "structure", profile=self.profile, spec=SPEC,
            )  # fmt: skip
        if self.most is not None and count > self.most:
            return finding(
                "profile.max", parent, f"'{self.name}' occurs {count} times; at most {self.most} are allowed.",
                code="structure", profile=self.profile, spec=SPEC,
            )  # fmt: skip
        return NONE


def make(element: Element, build: Build) -> Iterator[ListRule]:
    """Cardinalities that are narrower than the type's."""
    new = build.new
    least, most = element.min, element.max
    if new is not None and least <= new.min and (most is None or (new.max is not None and new.max <= most)):
        return
    yield Cardinality(element.name.removesuffix("[x]"), least, most, build.profile)
