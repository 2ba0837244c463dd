"""ValueSets as such (rules valueset.*; https://hl7.org/fhir/R4/valueset.html).

valueset.system   an include names a fragment or a relative URL as its system
valueset.filter   a filter that the code system does not allow
valueset.code     a concept that its code system does not have
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.engine.plan import Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

SPEC = "valueset.html"
SNOMED = "http://snomed.info/sct"
BY_CODE = frozenset({"is-a", "descendent-of", "is-not-a", "generalizes"})
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ValueSetCompose:
    """The include and exclude rows of a ValueSet."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at each row."""
        compose = spot.value.get("compose")
        if not isinstance(compose, dict):
            return ()
        found: list[Issue] = []
        for name in ("include", "exclude"):
            for at, row in enumerate(_rows(compose.get(name))):
                found += self._row(row, f"{spot}.compose.{name}[{at}]", scope)
        return found

    def _row(self, row: dict[str, Any], where: str, scope: Scope) -> Iterator[Issue]:
        system = row.get("system")
        if not isinstance(system, str):
            return
        if ":" not in system:
            yield from _told("valueset.system", where, "The system of an include must be an absolute URL.")
            return
        for at, concept in enumerate(_rows(row.get("concept"))):
            known = scope.run.engine.terminology.known_code(system, str(concept.get("code")))
            if known is False:
                yield from _told(
                    "valueset.code", f"{where}.concept[{at}]", f"{system} has no such code.", severity="warning"
                )
        for at, one in enumerate(_rows(row.get("filter"))):
            yield from _filter(system, one, f"{where}.filter[{at}]", scope)


def _filter(system: str, row: dict[str, Any], where: str, scope: Scope) -> Iterator[Issue]:
    value, operator, name = row.get("value"), row.get("op"), row.get("property")
    if not isinstance(value, str) or not isinstance(operator, str) or not isinstance(name, str):
        return
    known = scope.run.engine.terminology.known_code
    if operator in BY_CODE or (name in {"concept", "parent", "child"} and operator == "="):
        wrong = not value.isdigit() if system == SNOMED else known(system, value) is False
        if wrong:
            yield from _told("valueset.filter", where, "The filter's value is no code of the system.")
        return
    facts = scope.run.engine.definitions.code_system(system)
    kind = _kind(facts or {}, name)
    if kind == "boolean" and operator == "=" and value not in {"true", "false"}:
        yield from _told("valueset.filter", where, "The filter's value must be true or false.")


def _kind(facts: dict[str, Any], name: str) -> str | None:
    rows = facts.get("property")
    if isinstance(rows, dict):
        found = rows.get(name)
        return found.get("type") if isinstance(found, dict) else found
    return next((row.get("type") for row in _rows(rows) if row.get("code") == name), None)


def _rows(value: Any) -> Rows:  # noqa: ANN401 - JSON is any value
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _told(rule: str, where: str, words: str, severity: str = "error") -> Findings:
    level = "warning" if severity == "warning" else "error"
    return finding(rule, where, words, severity=level, code="business-rule", spec=SPEC)  # type: ignore[arg-type]
