"""The concepts of a CodeSystem and their properties (https://hl7.org/fhir/R4/codesystem.html#properties).

codesystem.concept      a concept of HL7's without display or definition
codesystem.designation  a designation that nothing tells from the display
codesystem.property     a property that is defined twice, in another way than FHIR does, or not as it is used
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.data import read_json
from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import HL7_EXTENSION, Row, extension_value, is_hl7s, rows_of, text_of, value_of

SPEC = "codesystem.html#properties"
OWN = "http://hl7.org/fhir/concept-properties#"
VALUE_SET = HL7_EXTENSION + "codesystem-property-valueset"
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class CodeSystemConcepts:
    """Every concept, and the properties that they may have."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at the definitions of the properties, then at each concept."""
        system = spot.value
        rows = rows_of(system.get("property"))
        found = list(_properties(rows, spot, scope))
        defined = {str(row.get("code")): row for row in rows}
        walk = _Concepts(system, defined, scope, frozenset(_codes(system)) if rows else frozenset())
        return [*found, *walk.below(system, str(spot), 0)]


def _codes(holder: Row) -> Iterator[str]:
    waiting = [holder]
    while waiting:
        for row in rows_of(waiting.pop().get("concept")):
            yield str(row.get("code"))
            waiting.append(row)


def _properties(rows: list[Row], spot: Spot, scope: Scope) -> Iterator[Issue]:
    codes: set[Any] = set()
    uris: set[Any] = set()
    for at, row in enumerate(rows):
        where, code, uri = spot.child("property", at), text_of(row.get("code")), text_of(row.get("uri"))
        if code is not None and code in codes:
            yield from _told(where, "Another property has this code.")
        if uri is not None and uri in uris:
            yield from _told(where, "Another property has this uri.")
        codes.add(code)
        uris.add(uri)
        yield from _named(row, code, where) if uri is None else _by_uri(row, code, uri, where, scope)
        yield from _coded(row, code, uri, where, scope)


def _named(row: Row, code: str | None, where: str) -> Iterator[Issue]:
    """A property without a uri."""
    kind = _types().get(str(code))
    if kind is None:
        yield from _told(where, "Without a uri nobody knows what the property means.", "information")
        return
    yield from _told(where, f"The property is FHIR's only with the uri {OWN}{code}.", "warning")
    if row.get("type") not in (None, kind):
        yield from _told(where, f"FHIR's property {code} has the type {kind}.", "warning")


def _by_uri(row: Row, code: str | None, uri: str, where: str, scope: Scope) -> Iterator[Issue]:
    if ":" not in uri:
        yield from _told(where, "The uri of a property must be absolute.")
        return
    base, _, name = uri.partition("#")
    if not name:
        level: Severity = "warning" if row.get("type") == "code" else "information"
        yield from _told(where, "The uri of the property leads to no definition.", level)
    elif uri.startswith(OWN):
        yield from _own(row, code, name, where)
    elif scope.run.engine.definitions.code_system(base) is None:
        yield from _told(where, "The code system that the uri names is not at hand.", "warning")
    elif scope.run.engine.terminology.known_code(base, name) is False:
        level = "error" if base.startswith("http://hl7.org/fhir/") else "warning"
        yield from _told(where, "The code system that the uri names has no such property.", level)


def _own(row: Row, code: str | None, name: str, where: str) -> Iterator[Issue]:
    kind = _types().get(name)
    if kind is None:
        yield from _told(where, f"FHIR has no property {name} of concepts.")
        return
    if row.get("type") not in (None, kind):
        yield from _told(where, f"FHIR's property {name} has the type {kind}.")
    if code in _types() and code != name:
        yield from _told(where, f"FHIR's property {name} has not the code {code}.")


def _coded(row: Row, code: str | None, uri: str | None, where: str, scope: Scope) -> Iterator[Issue]:
    """A property whose values are codes says of which value set."""
    if row.get("type") != "code" or (uri or OWN).startswith(OWN):
        return
    value_set = extension_value(row, VALUE_SET)
    if not isinstance(value_set, str):
        yield from _told(where, "Without a value set the codes are taken for those of this system.", "information")
    elif scope.run.engine.definitions.value_set(value_set) is None:
        yield from _told(where, f"The value set of the property {str(code)[:40]} is not at hand.", "warning")


@dataclass(frozen=True, slots=True)
class _Concepts:
    """One walk over the concepts; ``codes`` are all codes, where the system defines properties."""

    system: Row
    defined: dict[str, Row]
    scope: Scope
    codes: frozenset[str]

    def below(self, holder: Row, where: str, depth: int) -> Iterator[Issue]:
        if depth > DEEPEST:
            return
        for at, row in enumerate(rows_of(holder.get("concept"))):
            self.scope.tick(1)
            here = f"{where}.concept[{at}]"
            yield from self._texts(row, here)
            for number, designation in enumerate(rows_of(row.get("designation"))):
                yield from self._designation(row, designation, f"{here}.designation[{number}]")
            for number, one in enumerate(rows_of(row.get("property"))):
                yield from self._property(one, f"{here}.property[{number}]")
            yield from self.below(row, here, depth + 1)

    def _texts(self, row: Row, where: str) -> Iterator[Issue]:
        if not is_hl7s(self.system.get("url")) or "supplements" in self.system:
            return
        for name in ("display", "definition"):
            if not row.get(name):
                yield from finding(
                    "codesystem.concept", where, f"Every concept of HL7 should have a {name}.", severity="warning",
                    code="business-rule", spec="codesystem.html",
                )  # fmt: skip

    def _designation(self, concept: Row, row: Row, where: str) -> Iterator[Issue]:
        if "use" in row or not concept.get("display") or row.get("language") not in (None, self.system.get("language")):
            return
        yield from finding(
            "codesystem.designation", where, "Neither use nor language tells this designation from the display.",
            severity="warning", code="business-rule", spec="codesystem.html",
        )  # fmt: skip

    def _property(self, row: Row, where: str) -> Iterator[Issue]:
        code = str(row.get("code"))
        suffix, value = value_of(row)
        defined = self.defined.get(code)
        kind = _types().get(code) if defined is None else defined.get("type")
        if defined is None:
            yield from _told(where, "CodeSystem.property does not define this property.", "warning")
        if not suffix or not isinstance(kind, str):
            return
        if suffix.lower() != kind.lower():
            yield from _told(where, f"The property has values of type {kind}.")
        elif kind == "code" and isinstance(value, str):
            yield from self._code(code, value, defined, where)

    def _code(self, name: str, value: str, defined: Row | None, where: str) -> Iterator[Issue]:
        uri = str((defined or {}).get("uri") or "")
        value_set = extension_value(defined, VALUE_SET) if defined else None
        if isinstance(value_set, str):
            if self.scope.run.engine.terminology.member(value_set, None, value) is False:
                yield from _told(where, "The code is not in the value set of the property.")
            return
        own = uri.removeprefix(OWN) if uri.startswith(OWN) else name
        if defined is None or (own not in _within() and own in _types()):
            return
        if value not in self.codes:
            level: Severity = "error" if own in _within() and uri.startswith(OWN) else "warning"
            yield from _told(where, "The code is none of this system.", level)


def _types() -> dict[str, str]:
    """FHIR's own properties of concepts, and the types of their values."""
    found: dict[str, str] = _table()["types"]
    return found


def _within() -> list[str]:
    """Those whose values are codes of the same system."""
    found: list[str] = _table()["within"]
    return found


@functools.cache
def _table() -> dict[str, Any]:
    return dict(read_json("profiles", "concept-properties.json"))


def _told(where: str, words: str, severity: Severity = "error") -> Findings:
    return finding("codesystem.property", where, words, severity=severity, code="business-rule", spec=SPEC)
