"""Codes of code systems that are loaded: do they exist, is their display theirs, is a unit one of UCUM.

https://hl7.org/fhir/R4/datatypes.html#Coding
coding.system   the system is relative, or no code system's URL (a value set's, one with https or more at its end)
coding.unknown  the code system is complete, and has no such code
coding.display  the display is none that the code system has for the code
coding.unit     the unit is none that UCUM allows, or holds a note in braces
coding.version  the code system is at hand in another version
coding.unit-text  the unit's text lacks a note that its code has
coding.use      the code is not to be used any more, or spelled in another way
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.definitions.term_facts import is_supplement
from footbridge.validation.rules.uri_value import is_system

SPEC = "terminologies.html"
UCUM = "http://unitsofmeasure.org"
ENGLISH = "en"  # of a resource that tells no language, as the HL7 validator reads it
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
            if code.__class__ is str and "system" not in value and "_system" not in value:
                return _no_system(spot, "A code without a system has no defined meaning.", alone=False)
            return NONE
        alone = spot.parent is None or spot.parent.slot.type != "CodeableConcept"
        if not is_system(system):
            return _no_system(spot, "The system of a code must be an absolute URL.", alone=alone)
        if code.__class__ is not str:
            return _misnamed(spot, system, scope) if alone else NONE
        version = value.get("version")
        if version.__class__ is str and scope.run.engine.definitions.code_system(f"{system}|{version}") is None:
            return _other_version(system, spot, scope)  # codes of a version that is not loaded cannot be judged
        known = scope.run.engine.terminology.known_code(system, code)
        if known is False:
            return finding(
                "coding.unknown", spot.child("code"), f"The code system {system} has no such code.",
                code="code-invalid", spec=SPEC,
            )  # fmt: skip
        if known is None and _is_supplement(system, scope):
            words = "The system is a supplement; the code is of the system that it supplements."
            return _no_system(spot, words, alone=True)
        if known is None and alone and (misnamed := _misnamed(spot, system, scope)):
            return misnamed
        if known is None and _is_fragment(system, code, scope):
            return finding(
                "coding.use", spot.child("code"), f"The part of {system} that is at hand has no such code.",
                severity="warning", code="code-invalid", spec=SPEC,
            )  # fmt: skip
        found: Findings = NONE
        if known and scope.run.engine.terminology.is_odd(system, code):
            found = list(_use(system, code, spot, scope))
        display = value.get("display")
        if known is None or display.__class__ is not str:
            return found
        shown = self._display(system, code, display, spot, scope)
        return [*found, *shown] if found else shown

    def _display(self, system: str, code: str, display: str, spot: Spot, scope: Scope) -> Findings:
        terminology = scope.run.engine.terminology
        texts = terminology.wordings(system, code, language_of(scope))
        nothing_known = not texts and terminology.displays(system, code) is None
        if nothing_known or display.casefold() in {text.casefold() for text in texts}:
            return NONE
        return finding(
            "coding.display", spot.child("display"), f"The display is none that {system} has for the code.",
            severity="warning" if scope.run.options.display_warnings else "error", code="code-invalid", spec=SPEC,
        )  # fmt: skip


def language_of(scope: Scope) -> str:
    """The language of a resource, else that of the nearest one around it."""
    spot: Spot | None = scope.spot
    while spot is not None:
        if "language" in spot.value and spot.value["language"].__class__ is str:
            return str(spot.value["language"])
        spot = spot.parent
    return ENGLISH


def _use(system: str, code: str, spot: Spot, scope: Scope) -> Iterator[Issue]:
    """How a code that exists is used."""
    terminology = scope.run.engine.terminology
    if terminology.is_inactive(system, code):
        yield from finding(
            "coding.use", spot, "The code is not to be used any more, says its code system.", severity="warning",
            code="business-rule", spec=SPEC,
        )  # fmt: skip
    spelled = terminology.spelled(system, code)
    if spelled is not None and spelled != code:
        yield from finding(
            "coding.use", spot.child("code"), f"The code system spells the code {spelled}.", severity="information",
            code="business-rule", spec=SPEC,
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
        if scope.run.engine.terminology.known_code(system, code) is not False or code.isspace():
            if system != UCUM or "{" not in code:
                return NONE
            return list(_note(code, value.get("unit"), spot))
        return finding(
            "coding.unit", spot.child("code"), f"The unit is none that {system} allows.", code="code-invalid", spec=SPEC
        )


def _note(code: str, unit: object, spot: Spot) -> Iterator[Issue]:
    """A note in braces, which is no part of the unit; the unit as people read it should have it too."""
    yield from finding(
        "coding.unit", spot, "A note in braces says nothing about the unit to those who compare units.",
        severity="information", code="business-rule", spec=SPEC,
    )  # fmt: skip
    note = code.partition("{")[2].partition("}")[0]
    if isinstance(unit, str) and note not in unit:
        yield from finding(
            "coding.unit-text", spot, "The unit as people read it does not have the note of the code.",
            severity="information", code="business-rule", spec=SPEC,
        )  # fmt: skip


def _no_system(spot: Spot, words: str, *, alone: bool) -> Findings:
    """What is no system: in a CodeableConcept, which may have other codings and a text, only bad form."""
    return finding(
        "coding.system", spot.child("system"), words, severity="error" if alone else "warning", code="code-invalid",
        spec=SPEC,
    )  # fmt: skip


def _other_version(system: str, spot: Spot, scope: Scope) -> Findings:
    """A version that is not at hand, of a system that is."""
    if scope.run.engine.definitions.code_system(system) is None:
        return NONE
    return finding(
        "coding.version", spot, "The code system is not at hand in the version that the code names.",
        severity="information", code="not-found", spec=SPEC,
    )  # fmt: skip


def _is_fragment(system: str, code: str, scope: Scope) -> bool:
    """Whether a system of which a part is at hand does not have a code in that part."""
    facts = scope.run.engine.definitions.code_system(system)
    if facts is None or facts.get("content") != "fragment" or not facts.get("concept"):
        return False
    return scope.run.engine.terminology.spelled(system, code) is None


def _is_supplement(system: str, scope: Scope) -> bool:
    facts = scope.run.engine.definitions.code_system(system)
    return facts is not None and is_supplement(facts)


def _misnamed(spot: Spot, system: str, scope: Scope) -> Findings:
    """A system that is a value set, or nearly the URL of a code system."""
    entry = scope.run.engine.definitions.entry
    if "build.fhir.org" in system or (system.startswith("http://hl7.org/fhir/") and system.endswith(".html")):
        return _no_system(spot, "The system is a web page about a code system.", alone=True)
    if entry("ValueSet", system) is not None:
        return _no_system(spot, "The system is the URL of a value set, not of a code system.", alone=True)
    plain = "http:" + system[6:] if system[:6] == "https:" else ""
    if plain and (plain in WHOLE or entry("CodeSystem", plain) is not None):
        return _no_system(spot, "The URL of this code system starts with http:, not https:.", alone=True)
    if any(system.startswith(url) and system != url for url in WHOLE):
        return _no_system(spot, "The system is longer than the URL of the code system that it starts with.", alone=True)
    return NONE
