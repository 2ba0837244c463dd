"""SearchParameters as such (rules searchparameter.*; https://hl7.org/fhir/R4/searchparameter.html).

searchparameter.composite   a composite parameter has two components or more
searchparameter.code        the code has a character that means something in a search
searchparameter.expression  the FHIRPath expression is not valid on the types that are searched
searchparameter.derived     what the parameter changes of the one that it is derived from
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.data import read_json
from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import fault_among
from footbridge.validation.rules.rows import Row, rows_of, text_of
from footbridge.validation.rules.structure_definition.head import expression_fault

SPEC = "searchparameter.html"
MEANT = "$|,:."


@dataclass(frozen=True, slots=True)
class SearchParameterContent:
    """A SearchParameter in itself, and against that which it is derived from."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at components, code, expression and origin."""
        return list(self._faults(spot, scope))

    def _faults(self, spot: Spot, scope: Scope) -> Iterator[Issue]:
        parameter = spot.value
        if parameter.get("type") == "composite" and len(rows_of(parameter.get("component"))) < 2:
            words = "A search parameter of type composite must have two components or more."
            yield from _told("searchparameter.composite", spot, words)
        code, expression = text_of(parameter.get("code")), text_of(parameter.get("expression"))
        if code is not None and any(one in code for one in MEANT):
            words = "The code has a character that means something else in a search."
            yield from _told("searchparameter.code", spot, words, "warning")
        bases = parameter.get("base")
        roots = [one for one in bases if isinstance(one, str)] if isinstance(bases, list) else []
        if expression is not None and (fault := _fault(expression, roots)):
            yield from _told("searchparameter.expression", spot.child("expression"), fault)
        origin = text_of(parameter.get("derivedFrom"))
        if origin is not None:
            yield from _derived(parameter, scope.run.engine.definitions.resource("SearchParameter", origin), spot)


def _fault(expression: str, roots: list[str]) -> str | None:
    """What is wrong with the expression as such, or on all of the types that are searched."""
    if fault := expression_fault(expression, roots):
        return fault
    fault = fault_among(expression, roots)
    return fault and f"The FHIRPath expression is not valid: {fault}."


def _derived(parameter: Row, origin: Row | None, spot: Spot) -> Iterator[Issue]:
    rule = "searchparameter.derived"
    if origin is None and (kind := standard_type(str(parameter.get("derivedFrom")))) is not None:
        if parameter.get("type") != kind:
            yield from _told(rule, spot, "The type is not that of the parameter that this one is derived from.")
        return
    if origin is None:
        words = "The parameter that this one is derived from is not at hand: nothing is compared."
        yield from _told(rule, spot, words, "warning")
        return
    others, own = origin.get("base"), parameter.get("base")
    wider = isinstance(others, list) and isinstance(own, list) and any(base not in others for base in own)
    if wider and "Resource" not in (others or ()):
        yield from _told(rule, spot, "The parameter has a base that the one that it is derived from does not have.")
    if parameter.get("type") != origin.get("type"):
        yield from _told(rule, spot, "The type is not that of the parameter that this one is derived from.")
    if parameter.get("expression") != origin.get("expression"):
        words = "The expression is not that of the parameter that this one is derived from."
        yield from _told(rule, spot, words, "warning")


def standard_type(url: str) -> str | None:
    """The type of a search parameter of R4 by its URL; None where R4 has none."""
    return _standard().get(url.partition("|")[0])


@functools.cache
def _standard() -> dict[str, str]:
    table = read_json("profiles", "search-parameter-types.json")
    return {table["base"] + name: kind for kind, names in table["types"].items() for name in names}


def _told(rule: str, where: Spot | str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
