"""A binding: codes must or should come from a value set.

The rules binding.required, .extensible, .preferred and .maximum go by its strength; binding.unknown tells of a value
set that is not at hand.

Membership that cannot be decided from what is loaded is reported as unchecked. For a CodeableConcept one coding in the
value set is enough.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Severity
from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.errata import BINDINGS_NOT_MEANT
from footbridge.validation.rules.without_system import listed_without_system

FEW = 10  # codes that a message lists
SPEC = "terminologies.html#strength"
CODED = frozenset(
    {"code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Age", "Duration", "Count", "Distance", "Money"}
)
RULES = {
    "required": "binding.required",
    "extensible": "binding.extensible",
    "maximum": "binding.maximum",
    "preferred": "binding.preferred",
}
SEVERITIES: dict[str, Severity] = {"extensible": "warning", "preferred": "information"}
# An element of another version of FHIR, as an extension: https://hl7.org/fhir/R4/versions.html#extensions
OTHER_VERSION = re.compile(r"http://hl7\.org/fhir/\d\.\d/StructureDefinition/extension-")
Code = tuple[str | None, str, str | None]


@dataclass(frozen=True, slots=True)
class Binding:
    """Codes come from ``value_set``, as firmly as ``strength`` says."""

    value_set: str
    strength: str
    profile: str | None

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look every code up; one member is enough."""
        value = spot.value
        if value is None or (value.__class__ is str and value.isspace()):
            return self._no_value(spot)
        if value.__class__ is str:
            codes: list[Code] = [(None, value, None)]
        elif value.__class__ is dict:
            codes = list(_codes(value))
            if not codes:
                return self._no_code(value, spot)
        else:
            return NONE
        return self._look_up(codes, spot, scope)

    def _look_up(self, codes: list[Code], spot: Spot, scope: Scope) -> Findings:
        member = scope.run.engine.terminology.member
        undecided = False
        for system, code, version in codes:
            verdict = member(self.value_set, system, code, version)
            if verdict or (code and not system and system is not None and self._lists(code, scope)):
                return NONE
            undecided = undecided or verdict is None
        if undecided:
            if self.strength == "preferred":
                return NONE
            fault = self._fault(scope)
            scope.run.undecided(RULES[self.strength], spot, f"membership of {self.value_set}")
            return NONE if fault is None else fault(spot)
        allowed = scope.run.engine.terminology.few(self.value_set, FEW) if self.strength == "required" else ()
        return self._told("The code is not in the value set", spot, allowed)

    def _lists(self, code: str, scope: Scope) -> bool:
        """Whether a code without a system is listed where one is required."""
        facts = scope.run.engine.definitions.value_set(self.value_set)
        return self.strength == "required" and listed_without_system(facts, code, scope)

    def _fault(self, scope: Scope) -> Callable[[Spot], Findings] | None:
        """What is wrong with a binding that cannot be decided: it leads to no value set, or the set to itself."""
        if self.strength != "required":
            return None
        definitions, bare = scope.run.engine.definitions, self.value_set.partition("|")[0]
        if definitions.value_set(self.value_set) is None and definitions.value_set(bare) is None:
            if definitions.entry("CodeSystem", bare) is not None:
                return lambda spot: self._told("The binding names a code system, not a value set:", spot)
            return self._unknown
        if scope.run.engine.terminology.is_circular(self.value_set):
            return lambda spot: self._told("The value set imports itself, so that nothing is in", spot)
        return None

    def _unknown(self, spot: Spot) -> Findings:
        return finding(
            "binding.unknown", spot, f"The value set {self.value_set} is not at hand: the code is not checked.",
            severity="warning", code="not-found", profile=self.profile, spec=SPEC,
        )  # fmt: skip

    def _no_code(self, value: dict[str, Any], spot: Spot) -> Findings:
        """No code at all: neither text nor an extension (data-absent-reason, say) meets a required binding.

        They do an extensible one. Of a concept with nothing in it structure.empty tells.
        """
        if self.strength in SEVERITIES or spot.slot.type != "CodeableConcept" or not value:
            return NONE
        return self._told("There is no code, and one is required from the value set", spot)

    def _no_value(self, spot: Spot) -> Findings:
        """A code with extensions alone: not where one is required, unless they hold a later version's code."""
        rows = spot.extra.get("extension") if spot.extra.__class__ is dict else None
        urls = [row.get("url") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        if self.strength != "required" or any(isinstance(url, str) and OTHER_VERSION.match(url) for url in urls):
            return NONE
        return self._told("There is no code, and one is required from the value set", spot)

    def _told(self, words: str, spot: Spot, allowed: tuple[str, ...] = ()) -> Findings:
        listed = f" Allowed: {', '.join(allowed)}." if allowed else ""
        return finding(
            RULES[self.strength], spot, f"{words} {self.value_set} ({self.strength} binding).{listed}",
            severity=SEVERITIES.get(self.strength, "error"), code="code-invalid",
            profile=self.profile, spec=SPEC,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unbound:
    """A binding that names no value set."""

    profile: str | None

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Tell that nothing is checked."""
        return finding(
            "binding.unknown", spot, "The binding names no value set: the code is not checked.",
            severity="information", code="not-found", profile=self.profile, spec=SPEC,
        )  # fmt: skip


def _codes(value: dict[str, Any]) -> Iterator[Code]:
    """The codes of a Coding, CodeableConcept or Quantity; a concept's coding without a code has an empty one."""
    rows = value.get("coding") if "coding" in value else [value]
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and (isinstance(row.get("code"), str) or "coding" in value):
            system, code, version = row.get("system"), row.get("code"), row.get("version")
            yield (
                system if isinstance(system, str) else "",
                code if isinstance(code, str) else "",
                version if isinstance(version, str) else None,
            )


def make(element: Element, build: Build) -> Iterator[Rule]:
    """The binding of an element, where the type does not ask the same."""
    binding = element.facts.get("binding")
    if not binding or (build.type and build.type not in CODED):
        return
    if (element.path, binding.get("valueSet")) in BINDINGS_NOT_MEANT:
        return
    old = None if build.new is None else build.new.facts.get("binding")
    strengths = {"required", "extensible"} if build.profile is None else {"required", "extensible", "preferred"}
    if binding.get("strength") in {"required", "extensible"} and not binding.get("valueSet") and old is None:
        yield Unbound(build.profile)
    if binding.get("strength") in strengths and binding.get("valueSet"):
        new = (binding["valueSet"], binding["strength"])
        if old is None or (old.get("valueSet"), old.get("strength")) != new:
            yield Binding(*new, build.profile)
    for row in binding.get("additional") or ():
        known = old is not None and row in (old.get("additional") or ())
        purpose = row.get("purpose")
        if purpose in {"maximum", "required"} and row.get("valueSet") and not row.get("usage") and not known:
            yield Binding(row["valueSet"], purpose, build.profile)
