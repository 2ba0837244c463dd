"""SearchParameters as such (rule searchparameter.composite; https://hl7.org/fhir/R4/searchparameter.html)."""

from dataclasses import dataclass

from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite parameter has components; no other has."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare type and components."""
        if spot.value.get("type") != "composite" or spot.value.get("component"):
            return NONE
        return finding(
            "searchparameter.composite", spot, "A search parameter of type composite must have components.",
            code="business-rule", spec="searchparameter.html",
        )  # fmt: skip
