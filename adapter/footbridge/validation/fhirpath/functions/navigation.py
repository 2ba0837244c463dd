"""Tree navigation: https://hl7.org/fhirpath/N1/#tree-navigation. Children come in no promised order."""

from footbridge.validation.fhirpath.nodes import Node, all_children
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.values import Items


@function("children", returns="unordered")
def children(items: Items, frame: Frame) -> Items:
    """The direct children of each item."""
    found = [child for item in items if isinstance(item, Node) for child in all_children(item)]
    frame.run.spend(len(found))
    return found


@function("descendants", returns="unordered")
def descendants(items: Items, frame: Frame) -> Items:
    """All that lies below the items, level by level."""
    found: list[Node] = []
    level = children(items, frame)
    while level:
        found.extend(level)
        level = children(level, frame)
    return found
