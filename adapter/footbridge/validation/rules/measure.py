"""Measures as such (rules measure.*; https://hl7.org/fhir/R4/measure.html).

measure.group      a Measure without groups, or groups and parts that no code tells apart
measure.library    a library that is not at hand
measure.criterion  an expression in CQL whose library or definition cannot be found
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import Row, rows_of, text_of

SPEC = "measure.html"
CQL = frozenset({"text/cql", "text/cql-identifier", "text/cql.identifier"})
ELM = "{urn:hl7-org:elm:r1}"


@dataclass(frozen=True, slots=True)
class MeasureContent:
    """Groups, populations, stratifiers and their criteria."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at each group."""
        return list(self._faults(spot, scope))

    def _faults(self, spot: Spot, scope: Scope) -> Iterator[Issue]:
        libraries: list[Row] = []
        named = spot.value.get("library")
        for canonical in named if isinstance(named, list) else ():
            library = scope.run.engine.definitions.resource("Library", canonical) if text_of(canonical) else None
            if library is None:
                words = "A library of the Measure is not at hand: its criteria are not all checked."
                yield from _told("measure.library", spot, words, "information")
            else:
                libraries.append(library)
        groups = rows_of(spot.value.get("group"))
        if not groups:
            yield from _told("measure.group", spot, "A Measure should have a group.", "warning")
        for at, group in enumerate(groups):
            where = spot.child("group", at)
            if len(groups) > 1 and "code" not in group:
                yield from _told("measure.group", where, "One of several groups should have a code.", "warning")
            if not rows_of(group.get("population")):
                yield from _told("measure.group", where, "A group should have a population.", "warning")
            yield from _parts(group, "population", where, libraries)
            yield from _parts(group, "stratifier", where, libraries)
            for number, row in enumerate(rows_of(group.get("stratifier"))):
                yield from _parts(row, "component", f"{where}.stratifier[{number}]", libraries)
        yield from _parts(spot.value, "supplementalData", str(spot), libraries)


def _parts(holder: Row, name: str, where: str, libraries: list[Row]) -> Iterator[Issue]:
    rows = rows_of(holder.get(name))
    for at, row in enumerate(rows):
        here = f"{where}.{name}[{at}]"
        if len(rows) > 1 and "code" not in row:
            yield from _told("measure.group", here, f"One of several rows of {name} should have a code.", "warning")
        criteria = row.get("criteria")
        if isinstance(criteria, dict) and text_of(criteria.get("language")) in CQL:
            yield from _criterion(text_of(criteria.get("expression")) or "", f"{here}.criteria", libraries)


def _criterion(expression: str, where: str, libraries: list[Row]) -> Iterator[Issue]:
    """``Name`` or ``Library.Name``: the definition is in the library's compiled form (ELM)."""
    if not libraries:
        yield from _told("measure.criterion", where, "The Measure names no library that is at hand.")
        return
    prefix, dot, name = expression.rpartition(".")
    found = [library for library in libraries if not dot or library.get("name") == prefix.strip('"')]
    if len(found) != 1:
        words = "Without the name of a library, the Measure may have only one."
        if dot:
            words = "The Measure has not just one library with this name."
        yield from _told("measure.criterion", where, words)
    for library in found[:1] if dot or len(found) == 1 else ():
        defined = _definitions(library)
        if defined is None:
            yield from _told("measure.criterion", where, "The library has no compiled form (ELM) that can be read.")
        elif (name if dot else expression).strip('"') not in defined:
            yield from _told("measure.criterion", where, "The library does not define this expression.")


def _definitions(library: Row) -> set[str] | None:
    """The names that a library's ELM defines; None where it has none in XML."""
    for row in rows_of(library.get("content")):
        if row.get("contentType") == "application/elm+xml" and isinstance(row.get("data"), str):
            try:
                parser = etree.XMLParser(resolve_entities=False, no_network=True)
                root = etree.fromstring(base64.b64decode(row["data"], validate=True), parser)
            except (ValueError, etree.XMLSyntaxError):
                return None
            return {str(node.get("name")) for node in root.iter(f"{ELM}def")}
    return None


def _told(rule: str, where: Spot | str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
