"""What several families of functions share."""

from footbridge.validation.fhirpath.equality import identity
from footbridge.validation.fhirpath.runtime import Code, Decide, Frame
from footbridge.validation.fhirpath.values import Items, truth


def decider(code: Code) -> Decide:
    """The decision of a criterion: its own, or its collection taken as a boolean."""
    if code.decide is not None:
        return code.decide
    many = code.many

    def decide(frame: Frame) -> bool | None:
        return truth(many(frame))

    return decide


def distinct_items(items: Items) -> Items:
    """The items in order, repeats left out."""
    if len(items) < 2:
        return items
    seen = set()
    kept = []
    for item in items:
        key = identity(item)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept
