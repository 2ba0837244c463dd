"""A choice of types whose slices are those types: what a differential that names some of them leaves of the others.

https://hl7.org/fhir/R4/profiling.html#slicing: ``valueQuantity`` in a differential is short for the slice of
``value[x]`` of that type.
"""

from collections.abc import Iterator

from footbridge.validation.definitions.facts import Element
from footbridge.validation.snapshot.tree import Node

BY_TYPE = {"discriminator": [{"type": "type", "path": "$this"}], "rules": "open"}


def by_type(node: Node, over: Node) -> None:
    """What slices of a choice by type leave of the others, as the HL7 validator has it.

    Without a word of the choice itself, none; where the differential speaks of it, all, even of a closed slicing.
    """
    if not over.told and all(row.element.get("type") for row in over.slices):
        close(node, {code for row in over.slices for code in codes_of(row.element)})
    elif (over.element.get("slicing") or {}).get("rules") == "closed" and all(
        row.get("type") == "type" for row in over.element["slicing"].get("discriminator", ())
    ):
        node.element["slicing"] = {**node.element["slicing"], "rules": "open"}


def close(node: Node, names: set[str]) -> None:
    """Leave a choice that nothing slices yet the types that its slices name."""
    if "slicing" in node.element or node.slices:
        return
    node.element["type"] = [row for row in node.element.get("type", ()) if row["code"] in names]
    node.element["slicing"] = {**BY_TYPE, "rules": "closed"}


def codes_of(element: Element) -> Iterator[str]:
    """The codes of the types of an element."""
    return (str(row.get("code")) for row in element.get("type", ()))
