"""CapabilityStatements as such (rule capability.search).

https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.resource.searchParam.type
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import rows_of, text_of
from footbridge.validation.rules.search_parameter import standard_type


@dataclass(frozen=True, slots=True)
class CapabilitySearch:
    """The search parameters that a server has."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Compare each with its definition."""
        return list(self._faults(spot, scope))

    def _faults(self, spot: Spot, scope: Scope) -> Iterator[Issue]:
        for at, rest in enumerate(rows_of(spot.value.get("rest"))):
            for number, resource in enumerate(rows_of(rest.get("resource"))):
                for place, row in enumerate(rows_of(resource.get("searchParam"))):
                    scope.tick(1)
                    url = text_of(row.get("definition"))
                    parameter = scope.run.engine.definitions.resource("SearchParameter", url) if url else None
                    kind = parameter.get("type") if parameter is not None else standard_type(url or "")
                    if kind is not None and kind != row.get("type"):
                        yield from finding(
                            "capability.search", f"{spot}.rest[{at}].resource[{number}].searchParam[{place}]",
                            "The definition of the search parameter has another type.", code="business-rule",
                            spec="capabilitystatement.html",
                        )  # fmt: skip
