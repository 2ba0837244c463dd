"""What every Observation should tell (rule observation.context; https://hl7.org/fhir/R4/observation.html#notes)."""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.best_practice import SEVERITIES

WANTED = {
    "performer": ("performer",),
    "subject": ("subject",),
    "time": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming"),
}


@dataclass(frozen=True, slots=True)
class ObservationContext:
    """Good practice: who, about whom, when."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look whether each of the three is there."""
        return list(_missing(spot, scope))


def _missing(spot: Spot, scope: Scope) -> Iterator[Issue]:
    severity = SEVERITIES.get(scope.run.options.best_practice)
    for what, names in WANTED.items() if severity is not None else ():
        if not any(name in spot.value or f"_{name}" in spot.value for name in names):
            yield from finding(
                "observation.context", spot, f"An observation should tell its {what}.",
                severity=severity or "warning", code="business-rule", spec="observation.html#notes",
            )  # fmt: skip
