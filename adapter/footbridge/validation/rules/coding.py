"""Codes of code systems that are loaded: do they exist, is their display theirs, is a unit one of UCUM.

https://hl7.org/fhir/R4/datatypes.html#Coding
coding.system   the system is relative, or no code system's URL
coding.unknown  the code system is complete, and has no such code
coding.display  the display is none that the code system has for the code
coding.unit     the unit is none that UCUM allows
"""

from dataclasses import dataclass

from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

SPEC = "terminologies.html"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class KnownCode:
    """A Coding's system, code and display."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look the code up."""
        value = spot.value
        system, code = value.get("system"), value.get("code")
        if system.__class__ is not str or not system:
            return NONE
        if ":" not in system:
            return finding(
                "coding.system", spot.child("system"), "The system of a code must be an absolute URL.",
                severity="warning" if _of_concept(spot) else "error", code="code-invalid", spec=SPEC,
            )  # fmt: skip
        if code.__class__ is not str:
            return NONE
        version = value.get("version")
        if version.__class__ is str and scope.run.engine.definitions.code_system(f"{system}|{version}") is None:
            return NONE  # codes of a version that is not loaded cannot be judged
        known = scope.run.engine.terminology.known_code(system, code)
        if known is False:
            return finding(
                "coding.unknown", spot.child("code"), f"The code system {system} has no such code.",
                code="code-invalid", spec=SPEC,
            )  # fmt: skip
        display = value.get("display")
        if known is None or display.__class__ is not str:
            return NONE
        return self._display(system, code, display, spot, scope)

    def _display(self, system: str, code: str, display: str, spot: Spot, scope: Scope) -> Findings:
        texts = scope.run.engine.terminology.displays(system, code)
        if not texts or display.casefold() in {text.casefold() for text in texts}:
            return NONE
        return finding(
            "coding.display", spot.child("display"), f"The display is none that {system} has for the code.",
            severity="warning" if scope.run.options.display_warnings else "error", code="code-invalid", spec=SPEC,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A Quantity's code, where its system is UCUM."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look the unit up."""
        value = spot.value
        system, code = value.get("system"), value.get("code")
        if system.__class__ is not str or code.__class__ is not str:
            return NONE
        if scope.run.engine.terminology.known_code(system, code) is not False:
            return NONE
        return finding(
            "coding.unit", spot.child("code"), f"The unit is none that {system} allows.", code="code-invalid", spec=SPEC
        )


def _of_concept(spot: Spot) -> bool:
    """Whether a Coding is one of a CodeableConcept, which may have others and a text."""
    return spot.parent is not None and spot.parent.slot.type == "CodeableConcept"
