"""The includes of ValueSets (rules valueset.*; https://hl7.org/fhir/R4/valueset.html).

valueset.system     an include names a fragment, a relative URL, or something that is no code system, as its system
valueset.contained  the contained code system that an include means is not there, or is there twice
valueset.content    the code system of an include has no codes that could be looked up
valueset.import     several value sets in one include
valueset.code       a concept that its code system does not have
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import Row, rows_of, text_of
from footbridge.validation.rules.uri_value import is_absolute
from footbridge.validation.rules.value_set_filter import filter_faults

SPEC = "valueset.html"


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
            for at, row in enumerate(rows_of(compose.get(name))):
                found += _row(row, f"{spot}.compose.{name}[{at}]", scope)
        return found


def _row(row: Row, where: str, scope: Scope) -> Iterator[Issue]:
    imported, system = row.get("valueSet"), text_of(row.get("system"))
    if system is None:
        if isinstance(imported, list) and len(imported) > 1:
            words = "Of several value sets in one include only the codes that all of them have are taken."
            yield from _told("valueset.import", where, words, "warning")
        return
    if not is_absolute(system):
        yield from _told("valueset.system", where, "The system of an include must be an absolute URL.")
        yield from _contained(system, row, where, scope)
        return
    if "|" in system:
        yield from _told("valueset.system", where, "The version of a system has an element of its own.")
    yield from _system(system, row, where, scope)
    for at, concept in enumerate(rows_of(row.get("concept"))):
        known = scope.run.engine.terminology.known_code(system, str(concept.get("code")))
        if known is False:
            yield from _told("valueset.code", f"{where}.concept[{at}]", f"{system} has no such code.", "warning")
    for at, one in enumerate(rows_of(row.get("filter"))):
        yield from filter_faults(system, one, f"{where}.filter[{at}]", scope)


def _contained(system: str, row: Row, where: str, scope: Scope) -> Iterator[Issue]:
    if not system.startswith("#"):
        return
    rows = [one for one in rows_of(scope.root.get("contained")) if one.get("id") == system[1:]]
    version = row.get("version")
    systems = [one for one in rows if one.get("resourceType") == "CodeSystem"]
    found = [one for one in systems if version is None or one.get("version") == version]
    if rows and not systems:
        yield from _told("valueset.contained", where, "What the include refers to is no code system.")
    elif not found:
        yield from _told("valueset.contained", where, "The code system that the include refers to is not contained.")
    elif len(found) > 1:
        yield from _told("valueset.contained", where, "The include refers to more than one contained code system.")


def _system(system: str, row: Row, where: str, scope: Scope) -> Iterator[Issue]:
    definitions = scope.run.engine.definitions
    version = text_of(row.get("version"))
    facts = definitions.code_system(f"{system}|{version}" if version else system)
    if facts is None:
        if definitions.entry("ValueSet", system) is not None:
            yield from _told("valueset.system", where, "The system of an include is a value set, not a code system.")
        return
    if facts.get("content") == "supplement":
        words = "A supplement is no system of its own: the include must name the system that is supplemented."
        yield from _told("valueset.system", where, words)
    elif facts.get("content") in {"not-present", "example"} and not row.get("concept"):
        yield from _told("valueset.content", where, "The code system of the include has no codes at hand.", "warning")


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
