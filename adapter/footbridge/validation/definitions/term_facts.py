"""Takes the facts out of a ValueSet or a CodeSystem: its codes and the rules that pick them, and no prose.

Value set: ``{"url", "version", "compose"?: {"inactive"?, "include": [...], "exclude": [...]}, "expansion"?}``.
An include has ``system``, ``version``, ``filter`` and ``valueSet`` as FHIR spells them, and ``concept`` as a
table of code to display (an empty display where there is none). ``expansion`` is a list of
``{"system", "version"?, "codes": {code: display}}``.

Code system: ``{"url", "version", "content", "caseSensitive"?, "supplements"?, "hierarchyMeaning"?, "valueSet"?,
"property"?: {code: type}, "concept": {code: display | {"display"?, "concept"?, "property"?, "designation"?}}}``;
a concept that has nothing but its display is written as that text. ``property`` of a concept is a list of
``[code, value]``; ``designation`` a list of texts, ``[language, text]`` where a language is told.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Facts = dict[str, Any]

_INCLUDE = ("system", "version", "filter", "valueSet")


def value_set_facts(resource: Mapping[str, Any]) -> Facts:
    """The facts of one ValueSet."""
    facts: Facts = {name: resource[name] for name in ("url", "version") if name in resource}
    if resource.get("experimental") is True:
        facts["experimental"] = True
    compose = resource.get("compose")
    if isinstance(compose, dict) and compose.get("include"):
        kept: Facts = {"inactive": False} if compose.get("inactive") is False else {}
        for part in ("include", "exclude"):
            if rows := [_include(row) for row in _rows(compose.get(part))]:
                kept[part] = rows
        facts["compose"] = kept
    if isinstance(resource.get("expansion"), dict):
        facts["expansion"] = _expansion(resource["expansion"])
    return facts


def _include(row: Mapping[str, Any]) -> Facts:
    facts: Facts = {name: row[name] for name in _INCLUDE if name in row}
    if "concept" in row:
        facts["concept"] = {one["code"]: one.get("display", "") for one in _rows(row["concept"]) if "code" in one}
    return facts


def _expansion(expansion: Mapping[str, Any]) -> list[Facts]:
    by_system: dict[tuple[str, str | None], dict[str, str]] = {}
    waiting = list(_rows(expansion.get("contains")))
    while waiting:
        row = waiting.pop()
        waiting.extend(_rows(row.get("contains")))
        if "code" in row and row.get("abstract") is not True:
            codes = by_system.setdefault((row.get("system", ""), row.get("version")), {})
            codes[row["code"]] = row.get("display", "")
    return [
        {"system": system, **({"version": version} if version else {}), "codes": codes}
        for (system, version), codes in by_system.items()
    ]


def code_system_facts(resource: Mapping[str, Any], properties: Iterable[str] | None = None) -> Facts:
    """The facts of one CodeSystem; ``properties`` names those to keep, None keeps all of them."""
    names = ("url", "version", "content", "caseSensitive", "supplements", "hierarchyMeaning", "valueSet", "language")
    facts: Facts = {name: resource[name] for name in names if name in resource}
    wanted = None if properties is None else frozenset(properties)
    kinds = {
        str(row.get("code")): row.get("type")
        for row in _rows(resource.get("property"))
        if wanted is None or row.get("code") in wanted
    }
    if kinds:
        facts["property"] = kinds
    if concepts := _concepts(resource.get("concept"), wanted):
        facts["concept"] = concepts
    return facts


def _concepts(rows: object, wanted: frozenset[str] | None) -> Facts:
    found: Facts = {}
    for row in _rows(rows):
        if not isinstance(row.get("code"), str):
            continue
        concept: Facts = {"display": row["display"]} if "display" in row else {}
        if values := [
            [one["code"], _value(one)]
            for one in _rows(row.get("property"))
            if "code" in one and (wanted is None or one["code"] in wanted)
        ]:
            concept["property"] = values
        if other := [_designation(one) for one in _rows(row.get("designation")) if one.get("value")]:
            concept["designation"] = other
        if children := _concepts(row.get("concept"), wanted):
            concept["concept"] = children
        found[row["code"]] = concept["display"] if list(concept) == ["display"] else concept
    return found


def _designation(row: Mapping[str, Any]) -> str | list[str]:
    return [row["language"], row["value"]] if "language" in row else str(row["value"])


def is_supplement(facts: Facts) -> bool:
    """Whether a code system only adds to another, whatever it says of its content; it has no codes of its own."""
    return facts.get("content") == "supplement" or "supplements" in facts


def _value(row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a property's value has any type
    value = next((row[name] for name in row if name.startswith("value")), None)
    return value.get("code") if isinstance(value, dict) else value


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
