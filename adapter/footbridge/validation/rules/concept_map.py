"""ConceptMaps as such (rules conceptmap.*; https://hl7.org/fhir/R4/conceptmap.html).

conceptmap.scope      source or target is no value set
conceptmap.system     a group does not name its code systems, or one of them cannot be looked up
conceptmap.code       a code that its code system, or the value set of the map, does not have
conceptmap.display    a display that the code system does not have for the code
conceptmap.duplicate  a code is mapped to the same code twice
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import Row, rows_of, text_of

SPEC = "conceptmap.html"
SCOPES = {"source": ("sourceUri", "sourceCanonical"), "target": ("targetUri", "targetCanonical")}


@dataclass(frozen=True, slots=True)
class MapContent:
    """The groups of a ConceptMap."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at scopes, systems and codes."""
        return list(self._faults(spot, scope))

    def _faults(self, spot: Spot, scope: Scope) -> Iterator[Issue]:
        scopes: dict[str, str | None] = {}
        for side, names in SCOPES.items():
            url = next((text for name in names if (text := text_of(spot.value.get(name)))), None)
            scopes[side] = url if url and scope.run.engine.definitions.value_set(url) else None
            if url and scopes[side] is None and _is_other(url, scope):
                yield from _told("conceptmap.scope", spot.child(side), f"The {side} of a map must be a value set.")
        for at, group in enumerate(rows_of(spot.value.get("group"))):
            yield from _Group(group, spot.child("group", at), scopes, scope).faults()


def _is_other(url: str, scope: Scope) -> bool:
    entry = scope.run.engine.definitions.entry
    return any(entry(kind, url) is not None for kind in ("CodeSystem", "StructureDefinition", "ConceptMap"))


@dataclass(frozen=True, slots=True)
class _Group:
    group: Row
    where: str
    scopes: dict[str, str | None]
    scope: Scope

    def faults(self) -> Iterator[Issue]:
        for side in SCOPES:
            yield from self._system(side)
        for at, row in enumerate(rows_of(self.group.get("element"))):
            here = f"{self.where}.element[{at}]"
            yield from self._code(row, here, "source")
            met: set[tuple[object, ...]] = set()
            for number, target in enumerate(rows_of(row.get("target"))):
                self.scope.tick(1)
                place = f"{here}.target[{number}]"
                yield from self._code(target, place, "target")
                identity = (text_of(target.get("code")), repr(target.get("dependsOn")), repr(target.get("product")))
                if identity[0] is not None and identity in met:
                    yield from _told(
                        "conceptmap.duplicate", place, "The code is mapped to this code already.", "warning"
                    )
                met.add(identity)

    def _system(self, side: str) -> Iterator[Issue]:
        system = text_of(self.group.get(side))
        if system is None:
            yield from _told("conceptmap.system", self.where, f"Without a {side} system no code is checked.", "warning")
            return
        facts = self.scope.run.engine.definitions.code_system(system)
        if facts is None and self.scopes[side] is None:
            where = f"{self.where}.{side}"
            yield from _told(
                "conceptmap.system", where, "The code system is not at hand: no code is checked.", "warning"
            )
        elif facts is None or facts.get("content") == "not-present":
            words = f"The codes of the {side} system are not at hand: they are not checked."
            yield from _told("conceptmap.system", self.where, words, "information")
        elif facts.get("content") not in {"complete", None}:
            where = f"{self.where}.{side}"
            yield from _told("conceptmap.system", where, "Not every code of the system is at hand.", "warning")

    def _code(self, row: Row, where: str, side: str) -> Iterator[Issue]:
        code, system = text_of(row.get("code")), text_of(self.group.get(side))
        if code is None or system is None:
            return
        place = f"{where}.code"
        terminology = self.scope.run.engine.terminology
        version = text_of(self.group.get(f"{side}Version"))
        facts = self.scope.run.engine.definitions.code_system(f"{system}|{version}" if version else system)
        if facts is None or facts.get("content") != "complete":
            return
        if terminology.known_code(system, code) is False:
            yield from _told("conceptmap.code", place, f"The {side} system has no such code.")
            return
        value_set = self.scopes[side]
        if value_set and terminology.member(value_set, system, code) is False:
            yield from _told("conceptmap.code", place, f"The code is not in the {side} value set of the map.")
        displays = terminology.displays(system, code)
        if displays and (text := text_of(row.get("display"))) and text.lower() not in {one.lower() for one in displays}:
            yield from _told("conceptmap.display", place, "The system has another display for the code.", "warning")


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
