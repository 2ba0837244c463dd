"""An element that the type does not have (rule structure.unknown-element)."""

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings, TypePlan
from footbridge.validation.core.spot import Spot

LONGEST_NAME = 64


def beside_xhtml(spot: Spot) -> Findings:
    """``_div``: XHTML has neither an id nor extensions beside it (https://hl7.org/fhir/R4/narrative.html#xhtml)."""
    return _told(f"{spot}._div", "'_div' is no element of Narrative.")


def unknown(spot: Spot, key: str, plan: TypePlan) -> Findings:
    """A name that is no element of the type. The name is told only when it can be one of FHIR's."""
    plain = key.isascii() and key.lstrip("_").isalnum() and len(key) <= LONGEST_NAME
    shown = key if plain else "..."
    return _told(f"{spot}.{shown}", f"'{shown}' is no element of {plan.name}.")


def _told(where: str, words: str) -> Findings:
    return finding("structure.unknown-element", where, words, code="structure", spec="json.html")
