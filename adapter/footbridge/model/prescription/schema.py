"""The published JSON Schema (draft 2020-12), made from the model.

It enforces member by member what the model enforces, and of the rules that span members those that a
schema can say. Its patterns mean the same to Python and to ECMA-262 in Unicode mode. What no schema says:
members given twice, indices into lists, the order of days, codes.
"""

import copy
from typing import Any

from footbridge.data import read_json
from footbridge.model.prescription.document import Prescription
from footbridge.model.prescription.values import (
    CODE_PATTERN,
    DATE_PATTERN,
    INSTANT_PATTERN,
    LANGUAGE_PATTERN,
    TEXT_PATTERN,
    URI_PATTERN,
)
from footbridge.uris import own_uri

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SURROGATES = r"\uD800-\uDFFF"  # a parser in Unicode mode never sees one alone in UTF-8; others would refuse emoji
_LONG, _SHORT = 10_000, 255
_NAMED_STRINGS: dict[str, tuple[str, Schema]] = {
    "Text": (
        "Text: not blank; no control characters except line feed, carriage return and tab.",
        {"pattern": TEXT_PATTERN},
    ),
    "ShortText": (
        "Short text: not blank; no control characters except line feed, carriage return and tab.",
        {"pattern": TEXT_PATTERN},
    ),
    "Uri": ("An absolute URI.", {"pattern": URI_PATTERN}),
    "Code": ("A code: no spaces at the ends, no double spaces.", {"pattern": CODE_PATTERN}),
    "LanguageTag": ("A BCP 47 language tag.", {"pattern": LANGUAGE_PATTERN}),
    "Date": ("A day of the calendar, 1800 to 2199.", {"format": "date", "pattern": DATE_PATTERN}),
    "Instant": (
        "An instant with seconds and an offset, 1800 to 2199, to the microsecond at most.",
        {"format": "date-time", "pattern": INSTANT_PATTERN},
    ),
}


def json_schema() -> Schema:
    """The schema, made anew; the caller may change it."""
    raw = Prescription.model_json_schema(by_alias=True)
    parts = {name: _cleaned(part) for name, part in sorted(raw.pop("$defs").items())}
    whole = _cleaned(raw)
    _add_cross_rules(whole, parts)
    return {
        "$schema": DIALECT,
        "$id": own_uri("schema/prescription"),
        "title": "Social prescription",
        **whole,
        "examples": [read_json("examples", "01-good-food-box.json")],
        "$defs": {**parts, **_string_parts()},
    }


def _cleaned(part: Schema) -> Schema:
    """A part without pydantic's titles, without null, its strings referred to by name."""
    kept = {key: value for key, value in part.items() if key not in {"title", "properties"}}
    kept["properties"] = {name: _member(member) for name, member in part["properties"].items()}
    return kept


def _member(member: Schema) -> Schema:
    """One member; null is no value, for a member without a value is left out."""
    said = {key: value for key, value in member.items() if key not in {"anyOf", "title"}}
    if said.get("default", ()) in (None, []):
        del said["default"]
    for choice in member.get("anyOf", ()):
        if choice != {"type": "null"}:
            said = choice | said
    if "items" in said:
        said["items"] = _string(said["items"])
    return _string(said)


def _string(said: Schema) -> Schema:
    """A string with a pattern or a format becomes a reference to the named one."""
    name = _name(said)
    if name is None:
        return said
    own = {key: value for key, value in said.items() if key in {"description", "x-fhir", "default"}}
    return {"$ref": f"#/$defs/{name}", **own}


def _name(said: Schema) -> str | None:
    if said.get("type") != "string" or "enum" in said:
        return None
    if said.get("pattern") == TEXT_PATTERN:
        return "Text" if said["maxLength"] == _LONG else "ShortText"
    for name, (_, shape) in _NAMED_STRINGS.items():
        key = "format" if "format" in shape else "pattern"
        if said.get(key) == shape[key]:
            return name
    raise ValueError(f"a string of the model has no name in the schema: {said}")


def _string_parts() -> dict[str, Schema]:
    lengths = {"Text": _LONG, "ShortText": _SHORT, "Uri": _SHORT, "Code": _SHORT, "LanguageTag": 35}
    parts: dict[str, Schema] = {}
    for name, (description, shape) in _NAMED_STRINGS.items():
        pattern = shape["pattern"].replace(_SURROGATES, "")
        parts[name] = {"description": description, "type": "string", **shape, "pattern": pattern}
        if name in lengths:
            parts[name] |= {"minLength": 1, "maxLength": lengths[name]}
    return parts


def _add_cross_rules(whole: Schema, parts: dict[str, Schema]) -> None:
    """The rules of ``rules`` that a schema can say; the name of each stands in its ``$comment``."""
    parts["Client"]["anyOf"] = [_non_empty("identifiers"), {"required": ["name", "birthDate"]}]
    parts["PersonName"]["anyOf"] = [{"required": ["family"]}, _non_empty("given")]
    parts["Address"]["anyOf"] = [
        _non_empty("line"),
        *({"required": [name]} for name in ("city", "state", "postalCode", "country")),
    ]
    parts["Requester"]["anyOf"] = [{"properties": {"role": {"const": "person"}}}, {"required": ["name"]}]
    parts["Service"]["anyOf"] = [
        {"properties": {"self": {"const": False}}},
        {"not": {"anyOf": [{"required": [name]} for name in ("partner", "directoryId", "organization")]}},
    ]
    whole["allOf"] = copy.deepcopy(_WHOLE)


def _non_empty(name: str) -> Schema:
    return {"required": [name], "properties": {name: {"minItems": 1}}}


_WHOLE: list[Schema] = [
    {
        "$comment": "consent-missing, consent-not-given, consent-scope, self-directed-kind",
        "if": {"required": ["kind"], "properties": {"kind": {"enum": ["warm-connection", "navigator"]}}},
        "then": {
            "required": ["consent"],
            "properties": {
                "consent": {"properties": {"status": {"const": "given"}, "scope": {"contains": {"const": "needs"}}}},
                "service": {"properties": {"self": {"const": False}}},
            },
        },
    },
    {
        "$comment": "follow-up-unsafe",
        "if": {
            "required": ["client"],
            "properties": {
                "client": {"required": ["safeToContact"], "properties": {"safeToContact": {"const": False}}}
            },
        },
        "then": {"properties": {"followUp": {"properties": {"method": {"const": "in-person"}}}}},
    },
]
