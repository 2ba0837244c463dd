"""What several families of functions share."""

from footbridge.validation.fhirpath.equality import Collection
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
    seen = Collection()
    return [item for item in items if seen.take(item)]


def last_of_each(items: Items) -> Items:
    """The items, of equal ones the last: so the HL7 validator leaves out repeats of complex ones."""
    return distinct_items(items[::-1])[::-1]
