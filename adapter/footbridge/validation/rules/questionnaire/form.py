"""A Questionnaire as the rules read it: items by linkId, extensions by URL."""

from collections.abc import Iterator
from typing import Any

from footbridge.validation.core.scope import Scope

Json = Any
Item = dict[str, Json]
HL7 = "http://hl7.org/fhir/StructureDefinition/"


def questionnaire_of(response: Item, scope: Scope) -> Item | None:
    """The Questionnaire that a response answers: contained, or among the definitions; None when not at hand."""
    canonical = response.get("questionnaire")
    if not isinstance(canonical, str) or not canonical:
        return None
    if canonical.startswith("#"):
        rows = response.get("contained")
        found = [row for row in rows_of(rows) if row.get("id") == canonical[1:]]
        return found[0] if found and found[0].get("resourceType") == "Questionnaire" else None
    return scope.run.engine.definitions.resource("Questionnaire", canonical.partition("#")[0])


def rows_of(value: Json) -> list[Item]:
    """The objects of a list; an empty list for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def link_id(item: Item) -> str:
    """An item's linkId; empty when it has none."""
    found = item.get("linkId")
    return found if isinstance(found, str) else ""


def all_items(holder: Item) -> Iterator[Item]:
    """Every item below a Questionnaire or an item."""
    waiting = rows_of(holder.get("item"))
    while waiting:
        item = waiting.pop(0)
        yield item
        waiting += rows_of(item.get("item"))


def extension(item: Item, name: str) -> Json:
    """The value of the extension of HL7's core with that name; None where there is none."""
    for row in rows_of(item.get("extension")):
        if row.get("url") == HL7 + name:
            return value_of(row)[1]
    return None


def value_of(holder: Item) -> tuple[str, Json]:
    """The type suffix and the value of ``value[x]``; empty and None without one."""
    for key, value in holder.items():
        if key.startswith("value") and key != "value":
            return key[5:], value
    return "", None
