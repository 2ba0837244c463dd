"""FHIR's terminology functions: https://hl7.org/fhir/R4/fhirpath.html#functions.

The Context answers them. Without an answer the evaluation stops with Undecided: a rule that hangs on an
unknown value set is unchecked, never passed.
"""

from typing import Any

from footbridge.validation.fhirpath.errors import Undecided
from footbridge.validation.fhirpath.nodes import Node
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.values import Item, Items, text


def _concept(item: Item) -> tuple[Any, str]:
    """An item as the JSON of a code, Coding or CodeableConcept, with its type's name."""
    if isinstance(item, Node):
        return item.value, item.type.name
    return item, "string"


@function("memberOf", 1, boolean=True, takes="coded")
def member_of(items: Items, frame: Frame, value_set: Items) -> bool | None:
    """Whether the single code, Coding or CodeableConcept is in the value set."""
    url = text(value_set, "memberOf()")
    if url is None or len(items) != 1:
        return None
    concept, type_name = _concept(items[0])
    hook = frame.run.context.member_of
    verdict = None if hook is None or concept is None else hook(concept, type_name, url)
    if verdict is None:
        raise Undecided(f"membership of the value set {url}")
    return verdict


def _subsumes(general: Items, special: Items, frame: Frame) -> bool | None:
    if len(general) != 1 or len(special) != 1:
        return None
    hook = frame.run.context.subsumes
    verdict = None if hook is None else hook(_concept(general[0])[0], _concept(special[0])[0])
    if verdict is None:
        raise Undecided("subsumption in a code system")
    return verdict


@function("subsumes", 1, boolean=True)
def subsumes(items: Items, frame: Frame, other: Items) -> bool | None:
    """Whether the input is the same concept as the argument or more general."""
    return _subsumes(items, other, frame)


@function("subsumedBy", 1, boolean=True)
def subsumed_by(items: Items, frame: Frame, other: Items) -> bool | None:
    """Whether the argument is the same concept as the input or more general."""
    return _subsumes(other, items, frame)
