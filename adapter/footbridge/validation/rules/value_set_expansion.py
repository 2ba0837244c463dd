"""The expansion of a ValueSet against its definition (rules valueset.expansion, valueset.parameter).

https://hl7.org/fhir/R4/valueset.html#expansion. Codes are compared where the definition lists them, or takes all of a
system that is at hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import Row, rows_of, text_of, value_of

SPEC = "valueset.html#expansion"
USED = "used-codesystem"
PARAMETER = "http://hl7.org/fhir/tools/StructureDefinition/valueset-parameter"
Codes = set[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ValueSetExpansion:
    """An expansion: how it was made, and whether its codes are those of the definition."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at its parameters, its counts and its codes."""
        found = list(_parameters(spot))
        expansion = spot.value.get("expansion")
        if isinstance(expansion, dict):
            found += _expansion(expansion, spot.value, spot.child("expansion"), scope)
        return found


def _expansion(expansion: Row, value_set: Row, where: str, scope: Scope) -> Iterator[Issue]:
    if not expansion.get("identifier"):
        yield from _told(where, "An identifier helps to tell one expansion from another.", "information")
    rows = list(_contained(expansion))
    parameters = rows_of(expansion.get("parameter"))
    if rows and not parameters:
        yield from _told(where, "Without parameters nobody knows how the expansion was made.", "warning")
    told = dict.fromkeys(str(value_of(row)[1]) for row in parameters if row.get("name") == USED)
    used = [canonical.partition("|")[0] for canonical in told]
    for system in dict.fromkeys(str(row.get("system")) for row in rows if not row.get("version")):
        if used.count(system) > 1:
            yield from _told(where, "Two versions of one code system are said to have been used.")
        elif system not in used:
            words = "The expansion does not tell which version of its code system was used."
            yield from _told(where, words, "warning")
    total, offset = expansion.get("total"), expansion.get("offset")
    if isinstance(total, int) and isinstance(offset, int) and offset + len(rows) > total:
        yield from _told(where, "Offset and codes are more than the total.", "warning")
    yield from _codes(rows, value_set, where, scope)


def _contained(holder: Row) -> Iterator[Row]:
    waiting = [holder]
    while waiting:
        for row in rows_of(waiting.pop().get("contains")):
            yield row
            waiting.append(row)


def _codes(rows: list[Row], value_set: Row, where: str, scope: Scope) -> Iterator[Issue]:
    """The codes listed against those of the definition, where all of these can be told."""
    wanted = _defined(value_set, scope)
    if wanted is None:
        return
    given = {(str(row.get("system")), str(row.get("code"))) for row in rows if row.get("code")}
    if wanted - given:
        yield from _told(where, "The expansion lacks a code that the value set has.", "warning")
    if given - wanted:
        yield from _told(where, "The expansion has a code that the value set does not have.", "warning")


def _defined(value_set: Row, scope: Scope) -> Codes | None:
    compose = value_set.get("compose")
    if not isinstance(compose, dict) or compose.get("exclude"):
        return None
    found: Codes = set()
    for row in rows_of(compose.get("include")):
        system, listed = text_of(row.get("system")), rows_of(row.get("concept"))
        if system is None or row.get("filter") or row.get("valueSet"):
            return None
        codes = {str(one.get("code")) for one in listed} or scope.run.engine.terminology.all_codes(system)
        if codes is None:
            return None
        found |= {(system, code) for code in codes}
    return found


def _parameters(spot: Spot) -> Iterator[Issue]:
    """Parameters of the value set itself, which HL7's tools define by an extension."""
    for at, row in enumerate(rows_of(spot.value.get("extension"))):
        if row.get("url") != PARAMETER:
            continue
        parts = {str(part.get("url")): value_of(part)[1] for part in rows_of(row.get("extension"))}
        where, name = spot.child("extension", at), str(parts.get("name"))
        if not name.startswith("p-"):
            yield from _parameter(where, "The name of a parameter should start with p-.", "information")
        if f"%{name}" not in str(spot.value.get("compose")):
            yield from _parameter(where, "No filter uses the parameter.", "warning")


def _parameter(where: str, words: str, severity: Severity) -> Findings:
    return finding("valueset.parameter", where, words, severity=severity, code="business-rule", spec="valueset.html")


def _told(where: str, words: str, severity: Severity = "error") -> Findings:
    return finding("valueset.expansion", where, words, severity=severity, code="business-rule", spec=SPEC)
