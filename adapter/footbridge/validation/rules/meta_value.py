"""The labels of a resource (rule meta.security; https://hl7.org/fhir/R4/security-labels.html)."""

from dataclasses import dataclass

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import rows_of


@dataclass(frozen=True, slots=True)
class SecurityLabels:
    """Each security label once."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare them with each other."""
        met: set[tuple[str, str]] = set()
        for at, row in enumerate(rows_of(spot.value.get("security"))):
            label = (str(row.get("system")), str(row.get("code")))
            if "code" in row and label in met:
                return finding(
                    "meta.security", spot.child("security", at), "The resource has this security label already.",
                    code="business-rule", spec="security-labels.html",
                )  # fmt: skip
            met.add(label)
        return NONE
