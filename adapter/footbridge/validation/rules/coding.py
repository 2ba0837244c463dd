"""Codes of code systems that are loaded: do they exist, is their display theirs, is a unit one of UCUM.

https://hl7.org/fhir/R4/datatypes.html#Coding
coding.system   the system is relative, or no code system's URL (a value set's, one with https or more at its end)
coding.unknown  the code system is complete, and has no such code
coding.display  the display is none that the code system has for the code
coding.unit     the unit is none that UCUM allows
"""

from dataclasses import dataclass

from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding
from footbridge.validation.rules.uri_value import is_system

SPEC = "terminologies.html"
UCUM = "http://unitsofmeasure.org"
# Systems whose URL has nothing after it: no version, no slash.
WHOLE = (UCUM, "http://loinc.org", "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm")


@dataclass(frozen=True, slots=True)
class KnownCode:
    """A Coding's system, code and display."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look the code up."""
        value = spot.value
        system, code = value.get("system"), value.get("code")
        if system.__class__ is not str or not system:
            return NONE
        alone = spot.parent is None or spot.parent.slot.type != "CodeableConcept"
        if not is_system(system):
            return _no_system(spot, "The system of a code must be an absolute URL.", alone=alone)
        if code.__class__ is not str:
            return _misnamed(spot, system, scope) if alone else NONE
        version = value.get("version")
        if version.__class__ is str and scope.run.engine.definitions.code_system(f"{system}|{version}") is None:
            return NONE  # codes of a version that is not loaded cannot be judged
        known = scope.run.engine.terminology.known_code(system, code)
        if known is False:
            return finding(
                "coding.unknown", spot.child("code"), f"The code system {system} has no such code.",
                code="code-invalid", spec=SPEC,
            )  # fmt: skip
        if known is None and alone:
            return _misnamed(spot, system, scope)
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
        if not is_system(system):
            return _no_system(spot, "The system of a unit must be an absolute URL.", alone=True)
        if system != UCUM and (found := _misnamed(spot, system, scope)):
            return found
        if scope.run.engine.terminology.known_code(system, code) is not False:
            return NONE
        return finding(
            "coding.unit", spot.child("code"), f"The unit is none that {system} allows.", code="code-invalid", spec=SPEC
        )


def _no_system(spot: Spot, words: str, *, alone: bool) -> Findings:
    """What is no system: in a CodeableConcept, which may have other codings and a text, only bad form."""
    return finding(
        "coding.system", spot.child("system"), words, severity="error" if alone else "warning", code="code-invalid",
        spec=SPEC,
    )  # fmt: skip


def _misnamed(spot: Spot, system: str, scope: Scope) -> Findings:
    """A system that is a value set, or nearly the URL of a code system."""
    entry = scope.run.engine.definitions.entry
    if entry("ValueSet", system) is not None:
        return _no_system(spot, "The system is the URL of a value set, not of a code system.", alone=True)
    plain = "http:" + system[6:] if system[:6] == "https:" else ""
    if plain and (plain in WHOLE or entry("CodeSystem", plain) is not None):
        return _no_system(spot, "The URL of this code system starts with http:, not https:.", alone=True)
    if any(system.startswith(url) and system != url for url in WHOLE):
        return _no_system(spot, "The system is longer than the URL of the code system that it starts with.", alone=True)
    return NONE
