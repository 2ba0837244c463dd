"""An element that its type requires is missing (rule structure.required)."""

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings, TypePlan
from footbridge.validation.core.spot import Spot


def missing(spot: Spot, name: str, plan: TypePlan) -> Findings:
    """The type's minimum is 1, and there is none."""
    return finding(
        "structure.required", spot, f"'{name}' is missing; {plan.name} requires it.", code="required",
        spec="conformance-rules.html#cardinality",
    )  # fmt: skip
