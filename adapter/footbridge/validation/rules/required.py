"""An element that its type requires is missing (rule structure.required)."""

from footbridge.validation.engine.plan import Findings, TypePlan
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding


def missing(spot: Spot, name: str, plan: TypePlan) -> Findings:
    """The type's minimum is 1, and there is none."""
    return finding(
        "structure.required", spot, f"'{name}' is missing; {plan.name} requires it.", code="required",
        spec="conformance-rules.html#cardinality",
    )  # fmt: skip
