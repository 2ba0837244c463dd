"""A binding: codes must or should come from a value set (rules binding.required, binding.extensible, binding.maximum).

Membership that cannot be decided from what is loaded is reported as unchecked. For a CodeableConcept one coding in the
value set is enough.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.engine.elements import Element
from footbridge.validation.engine.plan import NONE, Findings, Rule
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.build import Build
from footbridge.validation.rules.errata import BINDINGS_NOT_MEANT
from footbridge.validation.rules.finding import finding

SPEC = "terminologies.html#strength"
CODED = frozenset(
    {"code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Age", "Duration", "Count", "Distance", "Money"}
)
RULES = {"required": "binding.required", "extensible": "binding.extensible", "maximum": "binding.maximum"}
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
            if verdict:
                return NONE
            undecided = undecided or verdict is None
        if undecided:
            scope.run.undecided(RULES[self.strength], spot, f"membership of {self.value_set}")
            return NONE
        return self._told("The code is not in the value set", spot)

    def _no_code(self, value: dict[str, Any], spot: Spot) -> Findings:
        """No code at all: text alone does not meet a required binding; it does an extensible one."""
        if self.strength != "required" or spot.slot.type != "CodeableConcept":
            return NONE
        if not value or value.keys() <= {"id", "extension"}:
            return NONE
        return self._told("There is no code, and one is required from the value set", spot)

    def _no_value(self, spot: Spot) -> Findings:
        """A code with extensions alone: not where one is required, unless they hold a later version's code."""
        rows = spot.extra.get("extension") if spot.extra.__class__ is dict else None
        urls = [row.get("url") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        if self.strength != "required" or any(isinstance(url, str) and OTHER_VERSION.match(url) for url in urls):
            return NONE
        return self._told("There is no code, and one is required from the value set", spot)

    def _told(self, words: str, spot: Spot) -> Findings:
        return finding(
            RULES[self.strength], spot, f"{words} {self.value_set} ({self.strength} binding).",
            severity="warning" if self.strength == "extensible" else "error", code="code-invalid",
            profile=self.profile, spec=SPEC,
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
    if binding.get("strength") in {"required", "extensible"} and binding.get("valueSet"):
        new = (binding["valueSet"], binding["strength"])
        if old is None or (old.get("valueSet"), old.get("strength")) != new:
            yield Binding(*new, build.profile)
    for row in binding.get("additional") or ():
        known = old is not None and row in (old.get("additional") or ())
        if row.get("purpose") == "maximum" and row.get("valueSet") and not known:
            yield Binding(row["valueSet"], "maximum", build.profile)
