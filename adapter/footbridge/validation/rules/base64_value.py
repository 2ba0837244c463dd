"""Base64 with blanks (rule base64.blanks; https://hl7.org/fhir/R4/datatypes.html#base64Binary)."""

from dataclasses import dataclass

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot


@dataclass(frozen=True, slots=True)
class UnbrokenBase64:
    """Base64 without blanks, which not every reader takes."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Look for a blank."""
        if spot.value.__class__ is not str or spot.value.isalnum() or len(spot.value.split()) < 2:
            return NONE
        return finding(
            "base64.blanks", spot, "Base64 should have no blanks; not every reader takes them.", severity="warning",
            code="value", spec="datatypes.html#base64Binary",
        )  # fmt: skip
