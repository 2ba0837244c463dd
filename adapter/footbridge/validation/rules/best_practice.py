"""What is only good practice: a resource has a narrative (rule narrative.missing; invariant dom-6).

The options say how severe that is, and invariants that are marked as good practice
(http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice). https://hl7.org/fhir/R4/narrative.html
"""

import functools
from dataclasses import dataclass

from footbridge.model.issues import Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.options import BestPractice
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

SEVERITIES: dict[BestPractice, Severity] = {"hint": "information", "warning": "warning", "error": "error"}


@dataclass(frozen=True, slots=True)
class NarrativePresent:
    """A resource that is not contained has a text with a div."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look for it."""
        severity = SEVERITIES.get(scope.run.options.best_practice)
        if severity is None or scope.root is not scope.resource:
            return NONE
        text = spot.value.get("text")
        if isinstance(text, dict) and "div" in text:
            return NONE
        return _of_root(spot.slot.type, severity) if spot.parent is None else _missing(spot, severity)


def _missing(where: Spot | str, severity: Severity) -> Findings:
    return finding(
        "narrative.missing", where, "The resource has no narrative; people may not be able to read it.",
        severity=severity, code="invariant", spec="narrative.html",
    )  # fmt: skip


_of_root = functools.lru_cache(maxsize=1024)(_missing)  # by the names of types, the places of resources by themselves
