"""An element that the type does not have (rule structure.unknown-element)."""

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings, TypePlan
from footbridge.validation.core.spot import Spot

LONGEST_NAME = 64


def unknown(spot: Spot, key: str, plan: TypePlan) -> Findings:
    """A name that is no element of the type. The name is told only when it can be one of FHIR's."""
    plain = key.isascii() and key.lstrip("_").isalnum() and len(key) <= LONGEST_NAME
    shown = key if plain else "..."
    return finding(
        "structure.unknown-element", f"{spot}.{shown}", f"'{shown}' is no element of {plan.name}.", code="structure",
        spec="json.html",
    )  # fmt: skip
