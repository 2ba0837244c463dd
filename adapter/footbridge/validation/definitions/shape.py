"""Whether a definition has the JSON that the engine reads: the right kind of value in each member that it looks at.

A definition that has not is refused as a whole, by the place of its first fault; what it says cannot be relied on.
"""

import re
from collections.abc import Mapping
from typing import Any

Json = Any
STRINGS = [str]
_ROW = {
    "system": str,
    "version": str,
    "valueSet": STRINGS,
    "concept": [{"code": str, "display": str}],
    "filter": [{"property": str, "op": str, "value": str}],
}
_EXTENSIONS: list[Any] = [{"url": str}]
_EXTENSIONS[0]["extension"] = _EXTENSIONS
_ADDITIONAL = {
    "purpose": str,
    "valueSet": str,
    "usage": [{"code": {"code": str}, "valueCodeableConcept": {"coding": [{"system": str, "code": str}]}}],
}
_BINDING = {"strength": str, "valueSet": str, "extension": _EXTENSIONS, "additional": [_ADDITIONAL]}
_TYPE: dict[str, Any] = {
    "code": str,
    "profile": STRINGS,
    "targetProfile": STRINGS,
    "aggregation": STRINGS,
    "versioning": str,
}
_TYPE["extension"] = _EXTENSIONS
_ELEMENT = {
    "id": str,
    "path": str,
    "sliceName": str,
    "extension": _EXTENSIONS,
    "min": int,
    "max": re.compile(r"\d{1,9}|\*", re.ASCII),
    "maxLength": int,
    "contentReference": str,
    "base": {"path": str, "min": int, "max": str},
    "type": [_TYPE],
    "binding": _BINDING,
    "slicing": {"rules": str, "ordered": bool, "discriminator": [{"type": str, "path": str}]},
    "constraint": [{"key": str, "severity": str, "expression": str}],
    "isModifier": bool,
    "mustSupport": bool,
}
_CONCEPT: dict[str, Any] = {"code": str, "display": str, "property": [{"code": str}], "designation": [{"value": str}]}
_CONCEPT["concept"] = [_CONCEPT]
_CONTAINS: dict[str, Any] = {"system": str, "version": str, "code": str, "display": str}
_CONTAINS["contains"] = [_CONTAINS]
SHAPES: dict[str, Any] = {
    "StructureDefinition": {
        "url": str,
        "version": str,
        "name": str,
        "type": str,
        "kind": str,
        "baseDefinition": str,
        "derivation": str,
        "context": [{"type": str, "expression": str}],
        "contextInvariant": STRINGS,
        "snapshot": {"element": [_ELEMENT]},
        "differential": {"element": [_ELEMENT]},
    },
    "ValueSet": {
        "url": str,
        "version": str,
        "compose": {"inactive": bool, "include": [_ROW], "exclude": [_ROW]},
        "expansion": {"contains": [_CONTAINS]},
    },
    "CodeSystem": {
        "url": str,
        "version": str,
        "content": str,
        "supplements": str,
        "caseSensitive": bool,
        "property": [{"code": str, "type": str}],
        "concept": [_CONCEPT],
    },
}
REQUIRED = {id(_ELEMENT): "path", id(_TYPE): "code"}
_NAMES = {str: "a text", int: "a whole number", bool: "true or false"}


def fault_of(definition: Mapping[str, Any]) -> str | None:
    """What is wrong with a definition, in a sentence; None where nothing is, or nothing is known of its type."""
    shape = SHAPES.get(str(definition.get("resourceType")))
    return None if shape is None else _fault(definition, shape, str(definition["resourceType"]))


def _fault(value: Json, shape: Any, where: str) -> str | None:  # noqa: ANN401 - a shape is a type, a list, a dict
    if isinstance(shape, dict):
        return _fault_in_object(value, shape, where)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where} must be a list."
        return next((told for at, row in enumerate(value) if (told := _fault(row, shape[0], f"{where}[{at}]"))), None)
    if isinstance(shape, re.Pattern):
        good = value.__class__ in {str, int} and shape.fullmatch(str(value)) is not None
        return None if good else f"{where} must be a whole number as text, or '*'."
    return None if value.__class__ is shape else f"{where} must be {_NAMES[shape]}."


def _fault_in_object(value: Json, shape: dict[str, Any], where: str) -> str | None:
    if not isinstance(value, Mapping):
        return f"{where} must be an object."
    needed = REQUIRED.get(id(shape))
    if needed is not None and needed not in value and f"_{needed}" not in value:
        return f"{where} must have '{needed}'."
    for name, part in shape.items():
        if name in value and (told := _fault(value[name], part, f"{where}.{name}")):
            return told
    return None
