"""OperationDefinitions against the profiles of their Parameters (rule operation.profile).

https://hl7.org/fhir/R4/operationdefinition-definitions.html#OperationDefinition.inputProfile: the slices of
Parameters.parameter are the parameters of the operation, told by their fixed names.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import fhir_type
from footbridge.validation.rules.rows import HL7_EXTENSION, Row, extension_values, rows_of, text_of

SPEC = "operationdefinition.html"
ALLOWED = HL7_EXTENSION + "operationdefinition-allowed-type"
SIDES = {"inputProfile": "in", "outputProfile": "out"}


@dataclass(frozen=True, slots=True)
class OperationProfiles:
    """The two profiles of an operation."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Compare the parameters with the slices."""
        found: list[Issue] = []
        for name, use in SIDES.items():
            url = text_of(spot.value.get(name))
            if url is not None:
                found += _profile(url, use, spot.child(name), spot, scope)
        return found


def _profile(url: str, use: str, where: str, spot: Spot, scope: Scope) -> Iterator[Issue]:
    facts = scope.run.engine.definitions.structure(url)
    root = scope.run.engine.compiler.tree(url)
    if facts is None or root is None:
        yield from _told(where, "The profile of the parameters is not at hand.")
        return
    if facts.get("type") != "Parameters":
        yield from _told(where, "The profile must be one of Parameters.")
        return
    slices = dict(_slices(root))
    rows = rows_of(spot.value.get("parameter"))
    given = {str(row.get("name")): (at, row) for at, row in enumerate(rows) if row.get("use") == use}
    for name, (at, row) in given.items():
        here = f"{where}.parameter[{at}]"
        if name not in slices:
            yield from _told(here, "The profile has no such parameter.", "warning")
        else:
            yield from _parameter(row, slices[name], here)
    for name in slices:
        if name not in given:
            yield from _told(where, f"The profile has a parameter {name[:40]} that the operation has not.", "warning")


def _slices(root: Element) -> Iterator[tuple[str, Element]]:
    parameters = root.child("parameter")
    for one in parameters.slices if parameters is not None else ():
        name = one.child("name")
        fixed = (name.value("fixed") or name.value("pattern")) if name is not None else None
        if fixed is not None:
            yield str(fixed[1]), one


def _parameter(row: Row, one: Element, where: str) -> Iterator[Issue]:
    most = "*" if one.max is None else str(one.max)
    if (row.get("min"), str(row.get("max"))) != (one.min, most):
        yield from _told(where, "The profile has another cardinality for the parameter.")
    value, kind = one.child("value"), text_of(row.get("type"))
    codes = value.codes if value is not None and value.max != 0 else []
    allowed = {str(url).rpartition("/")[2] for url in extension_values(row, ALLOWED)} or {str(kind)}
    if codes and len(allowed) == 1 and kind is not None and _is_type(kind) and kind not in codes:
        yield from _told(where, "The profile does not allow the type of the parameter.")
    if kind is not None and not allowed.issuperset(codes):
        yield from _told(where, "The profile allows a type that the parameter has not.")


def _is_type(name: str) -> bool:
    """Whether a parameter of the type is in ``value[x]``, not in ``resource``."""
    kind = fhir_type(name)
    return kind is not None and kind.kind != "resource" and not kind.abstract


def _told(where: str, words: str, severity: Severity = "error") -> Findings:
    return finding("operation.profile", where, words, severity=severity, code="business-rule", spec=SPEC)
