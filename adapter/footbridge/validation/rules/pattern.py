"""A pattern: the value must have at least what the pattern has (rule profile.pattern)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.equality import fits


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """The value has all that ``pattern`` has."""

    pattern: Any
    profile: str | None

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare part by part."""
        if fits(spot.value, self.pattern):
            return NONE
        return finding(
            "profile.pattern", spot, f"The value lacks {_told(self.pattern)}, which the profile's pattern asks for.",
            code="value", profile=self.profile,
            spec="elementdefinition-definitions.html#ElementDefinition.pattern_x_",
        )  # fmt: skip


def _told(pattern: Any) -> str:  # noqa: ANN401 - JSON is any value
    """A pattern in a few words: its codes where it has some."""
    codings = pattern.get("coding") if isinstance(pattern, dict) else None
    if isinstance(codings, list) and codings and isinstance(codings[0], dict):
        return f"the code {codings[0].get('system', '')}#{codings[0].get('code', '')}"
    return f"'{pattern}'" if isinstance(pattern, str) else "a part"


def make(element: Element, build: Build) -> Iterator[Rule]:
    """A pattern that the type has not."""
    pattern = element.value("pattern")
    if pattern is not None and (build.new is None or build.new.value("pattern") != pattern):
        yield Pattern(pattern[1], build.profile)
