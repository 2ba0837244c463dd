"""Bindings that hang on another element, such as the category (R5's additional bindings with a ``usage``).

https://hl7.org/fhir/R5/elementdefinition-definitions.html#ElementDefinition.binding.additional. Each row that applies
is checked like a binding of its purpose (rules binding.required, binding.extensible); also for resources in Bundles.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.binding import Binding

Code = tuple[str, str]
FIRM = frozenset({"required", "extensible"})


@dataclass(frozen=True, slots=True, eq=False)
class CategoryBinding:
    """``names`` is the path, below the resource, of the element that decides; ``by_code`` its codes' bindings."""

    names: tuple[str, ...]
    by_code: dict[Code, tuple[Binding, ...]]

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Apply the bindings of the codes that the deciding element has."""
        found = NONE
        for code in _codes(scope.resource, self.names):
            for binding in self.by_code.get(code, ()):
                found = (*found, *binding.check(spot, scope))
        return found


def _codes(resource: dict[str, Any], names: tuple[str, ...]) -> tuple[Code, ...]:
    """The codes of every concept at a path, each once, in their order."""
    rows: list[Any] = [resource]
    for name in names:
        below = [row.get(name) for row in rows if isinstance(row, dict)]
        rows = [one for value in below for one in (value if isinstance(value, list) else [value])]
    codings = [one for row in rows if isinstance(row, dict) for one in _list(row.get("coding"))]
    found = [
        (one["system"], one["code"])
        for one in codings
        if isinstance(one, dict) and isinstance(one.get("system"), str) and isinstance(one.get("code"), str)
    ]
    return tuple(dict.fromkeys(found))


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - JSON is any value
    return value if isinstance(value, list) else []


def make(element: Element, build: Build) -> Iterator[Rule]:
    """One rule for each element that decides."""
    tables: dict[tuple[str, ...], dict[Code, list[Binding]]] = {}
    for row in (element.facts.get("binding") or {}).get("additional") or ():
        if row.get("purpose") not in FIRM or not row.get("valueSet"):
            continue
        binding = Binding(row["valueSet"], row["purpose"], build.profile)
        for usage in row.get("usage") or ():
            names, codes = _usage(usage)
            for code in codes:
                tables.setdefault(names, {}).setdefault(code, []).append(binding)
    for names, table in tables.items():
        yield CategoryBinding(names, {code: tuple(rows) for code, rows in table.items()})


def _usage(usage: dict[str, Any]) -> tuple[tuple[str, ...], tuple[Code, ...]]:
    """The path and the codes of one usage: ``ServiceRequest.category`` with a concept."""
    path = str((usage.get("code") or {}).get("code", ""))
    return tuple(path.split(".")[1:]), _codes({"at": usage.get("valueCodeableConcept")}, ("at",))
