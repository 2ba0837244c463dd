"""The least and greatest value (rules profile.min-value, profile.max-value).

Numbers, dates and times are compared as such; quantities by value where their units are the same, or are UCUM
units that convert. A limit in a duration is counted from today.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Severity
from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.comparison import Incomparable, order


@dataclass(frozen=True, slots=True, eq=False)
class ValueRange:
    """The value is not below (``lower``) or not above the limit."""

    limit: Any
    type: str
    lower: bool
    profile: str | None

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare."""
        try:
            sign = order(spot.value, self.limit, self.type, lower=self.lower)
        except Incomparable as problem:
            severity: Severity = "warning" if problem.mild else "error"
            return self._told(spot, f"The value cannot be compared with the limit: {problem}.", severity)
        if sign is None or (sign >= 0 if self.lower else sign <= 0):
            return NONE
        word = "below the least" if self.lower else "above the greatest"
        return self._told(spot, f"The value is {word} that is allowed.")

    def _told(self, spot: Spot, words: str, severity: Severity = "error") -> Findings:
        return finding(
            "profile.min-value" if self.lower else "profile.max-value", spot, words, severity=severity, code="value",
            profile=self.profile, spec="elementdefinition-definitions.html#ElementDefinition.minValue_x_",
        )  # fmt: skip


def make(element: Element, build: Build) -> Iterator[Rule]:
    """Limits that the type has not."""
    for prefix, lower in (("minValue", True), ("maxValue", False)):
        limit = element.value(prefix)
        if limit is not None and (build.new is None or build.new.value(prefix) != limit):
            yield ValueRange(limit[1], limit[0][:1].lower() + limit[0][1:], lower, build.profile)
