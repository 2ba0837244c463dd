"""Takes the facts out of a StructureDefinition: what a validator needs, in FHIR's own names, and no prose.

The facts of one definition are a plain dict, and so is a profile's file under ``profiles/``::

    {"url", "version", "name", "type", "kind", "abstract", "derivation", "baseDefinition", "fhirVersion",
     "context"?, "contextInvariant"?, "imposes"?, "experimental"?, "state"?, "since"?, "until"?,
     "snapshot": [element, ...]      # or "differential", where the package has no snapshot
     "constraints": {key: {"severity", "expression", "source"?, "bestPractice"?}}}

An element keeps its path, cardinality, types, binding, fixed and pattern values, limits and slicing as FHIR
spells them (https://hl7.org/fhir/R4/elementdefinition.html); its ``constraint`` is the list of keys into
``constraints``. Extensions of a binding that bind further value sets become ``binding.additional``, whose
rows have the names of R5 (https://hl7.org/fhir/R5/elementdefinition-definitions.html#ElementDefinition.binding.additional).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Facts = dict[str, Any]
Element = dict[str, Any]

_HEAD = ("url", "version", "name", "type", "kind", "abstract", "derivation", "baseDefinition", "fhirVersion")
_PLAIN = (
    "id",
    "path",
    "representation",
    "sliceName",
    "sliceIsConstraining",
    "min",
    "max",
    "base",
    "maxLength",
    "contentReference",
    "isModifier",
    "mustSupport",
)
_VALUED = ("fixed", "pattern", "minValue", "maxValue", "defaultValue")
_HL7 = "http://hl7.org/fhir/StructureDefinition/"
_BEST_PRACTICE = _HL7 + "elementdefinition-bestpractice"
_IMPOSES = _HL7 + "structuredefinition-imposeProfile"
_FHIR_TYPE = _HL7 + "structuredefinition-fhir-type"
_REGEX = _HL7 + "regex"
_NARRATIVE = {"language": _HL7 + "narrative-language-control", "source": _HL7 + "narrative-source-control"}
# Limits of an element's value that R4 knows as extensions, R5 in part as elements of its own.
_R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition."
_MORE_LIMITS = {
    _HL7 + "minLength": "minLength",
    _HL7 + "maxDecimalPlaces": "maxDecimalPlaces",
    _HL7 + "maxSize": "maxSize",
    _HL7 + "regex": "regex",
    _R5 + "mustHaveValue": "mustHaveValue",
    _R5 + "valueAlternatives": "valueAlternatives",
}
_STANDARDS_STATUS = _HL7 + "structuredefinition-standards-status"
_VERSION_USE = _HL7 + "version-specific-use"
_BOUNDS = {"startFhirVersion": "since", "endFhirVersion": "until"}
_GONE = frozenset({"deprecated", "withdrawn", "retired"})
_ALLOWED_UNITS = _HL7 + "elementdefinition-allowedUnits"
_ADDITIONAL = frozenset(
    {_HL7 + "additional-binding", "http://hl7.org/fhir/tools/StructureDefinition/additional-binding"}
)
_LIMITS = {_HL7 + "elementdefinition-maxValueSet": "maximum", _HL7 + "elementdefinition-minValueSet": "minimum"}
_SYSTEM = "http://hl7.org/fhirpath/System."
_PRIMITIVE_VALUE = re.compile(r"[a-z]\w*\.value", re.ASCII)  # the one element that is no FHIR type
_NAMED = {"Resource.id": "id", "Extension.url": "uri"}
_SYSTEM_NAMES = {"DateTime": "dateTime"}


def facts_of(definition: Mapping[str, Any]) -> Facts:
    """The facts of one StructureDefinition; what is not shaped as FHIR says is left out, never raised."""
    facts: Facts = {name: definition[name] for name in _HEAD if name in definition}
    if isinstance(context := definition.get("context"), list):
        facts["context"] = [_context(row) for row in _rows(context)]
    if "contextInvariant" in definition:
        facts["contextInvariant"] = definition["contextInvariant"]
    facts |= _state(definition)
    imposed = [_value(row) for row in _extensions(definition, _IMPOSES)]
    if imposed:
        facts["imposes"] = imposed
    view = "snapshot" if _elements(definition, "snapshot") else "differential"
    constraints: dict[str, Facts] = {}
    facts[view] = [element_facts(row, constraints) for row in _elements(definition, view)]
    facts["constraints"] = constraints
    return facts


def element_facts(element: Mapping[str, Any], constraints: dict[str, Facts]) -> Element:
    """The facts of one ElementDefinition; its invariants are added to ``constraints``."""
    path = element.get("path")
    facts: Element = {name: element[name] for name in _PLAIN if name in element}
    facts.setdefault("id", path)
    if "isModifier" in facts and not facts["isModifier"]:
        del facts["isModifier"]
    if "mustSupport" in facts and not facts["mustSupport"]:
        del facts["mustSupport"]
    if "type" in element:
        facts["type"] = [_type_facts(row, element) for row in _rows(element["type"])]
    for name in element:
        if name.lstrip("_").startswith(_VALUED):
            facts[name] = element[name]
    if isinstance(element.get("slicing"), dict):
        slicing = element["slicing"]
        facts["slicing"] = {name: slicing[name] for name in ("discriminator", "ordered", "rules") if slicing.get(name)}
    if isinstance(element.get("binding"), dict):
        facts["binding"] = _binding_facts(element["binding"])
    if limits := _more_limits(element):
        facts["limits"] = limits
    units = [_value(row) for row in _extensions(element, _ALLOWED_UNITS)]
    if units:
        facts["allowedUnits"] = units[0]
    controls = {name: _value(row) for name, url in _NARRATIVE.items() for row in _extensions(element, url)}
    if controls:
        facts["narrativeControl"] = controls
    keys = [_constraint(row, constraints) for row in _rows(element.get("constraint"))]
    if keys:
        facts["constraint"] = list(dict.fromkeys(keys))
    return facts


def _context(row: Mapping[str, Any]) -> Facts:
    """A context of an extension, with the versions of FHIR that it is for."""
    return {name: row[name] for name in ("type", "expression") if name in row} | _versions(row)


def _versions(holder: Mapping[str, Any]) -> Facts:
    """The first and the last version of FHIR that something is for (``since``, ``until``)."""
    found: Facts = {}
    for row in _extensions(holder, _VERSION_USE):
        for part in _rows(row.get("extension")):
            if str(part.get("url")) in _BOUNDS:
                found[_BOUNDS[str(part["url"])]] = _value(part)
    return found


def _state(definition: Mapping[str, Any]) -> Facts:
    """That a definition is not to be used any more (``state``), and for which versions it is (``since``, ``until``)."""
    found: Facts = {"experimental": True} if definition.get("experimental") is True else {}
    for state in (definition.get("status"), *(_value(row) for row in _extensions(definition, _STANDARDS_STATUS))):
        if isinstance(state, str) and state in _GONE:
            found["state"] = state
    return found | _versions(definition)


def _more_limits(element: Mapping[str, Any]) -> Facts:
    """Further limits by name; ``valueAlternatives`` is a list of URLs of extensions."""
    found: Facts = {name: element[name] for name in ("mustHaveValue", "valueAlternatives") if name in element}
    for row in _rows(element.get("extension")):
        name = _MORE_LIMITS.get(str(row.get("url")))
        if name == "valueAlternatives":
            found.setdefault(name, []).append(_value(row))
        elif name is not None:
            found[name] = _value(row)
    return found


def _constraint(row: Mapping[str, Any], constraints: dict[str, Facts]) -> str:
    """Enter an invariant in the table and answer its key there: its own, or ``key~2`` where that means another."""
    facts: Facts = {name: row[name] for name in ("severity", "expression", "source") if name in row}
    if any(_value(flag) is True for flag in _extensions(row, _BEST_PRACTICE)):
        facts["bestPractice"] = True
    own = key = str(row.get("key", ""))
    count = 1
    while key in constraints and not _same_rule(constraints[key], facts):
        count += 1
        key = f"{own}~{count}"
    constraints.setdefault(key, facts)
    return key


def _same_rule(left: Facts, right: Facts) -> bool:
    return all(left.get(name) == right.get(name) for name in ("severity", "expression"))


def _type_facts(row: Mapping[str, Any], element: Mapping[str, Any]) -> Facts:
    code = row.get("code")
    facts: Facts = {"code": code}
    if isinstance(code, str) and code.startswith(_SYSTEM) and not _PRIMITIVE_VALUE.fullmatch(_base_path(element)):
        facts["code"] = _fhir_type_of_system(row, element, code.removeprefix(_SYSTEM))
    for name in ("profile", "targetProfile", "aggregation"):
        if row.get(name):
            facts[name] = row[name]
    if row.get("versioning", "either") != "either":
        facts["versioning"] = row["versioning"]
    for pattern in _extensions(row, _REGEX):
        facts["regex"] = _value(pattern)
    return facts


def _base_path(element: Mapping[str, Any]) -> str:
    base = element.get("base")
    return str(base.get("path") if isinstance(base, dict) else element.get("path"))


def _fhir_type_of_system(row: Mapping[str, Any], element: Mapping[str, Any], name: str) -> str:
    """R4 types ``id`` and ``url`` as FHIRPath's String; the FHIR type that they really have."""
    if (name_known := _NAMED.get(_base_path(element))) is not None:
        return name_known
    for told in _extensions(row, _FHIR_TYPE):
        return str(_value(told))
    return _SYSTEM_NAMES.get(name, name[:1].lower() + name[1:])


def _binding_facts(binding: Mapping[str, Any]) -> Facts:
    facts: Facts = {name: binding[name] for name in ("strength", "valueSet") if name in binding}
    rows = [_additional_of_r5(row) for row in _rows(binding.get("additional"))]
    for extension in _rows(binding.get("extension")):
        url = extension.get("url")
        if url in _ADDITIONAL:
            rows.append(_additional(extension))
        elif url in _LIMITS:
            rows.append({"purpose": _LIMITS[url], "valueSet": _value(extension)})
    if rows:
        facts["additional"] = rows
    return facts


def _additional_of_r5(row: Mapping[str, Any]) -> Facts:
    return {name: row[name] for name in ("purpose", "valueSet", "usage", "any") if name in row}


def _additional(extension: Mapping[str, Any]) -> Facts:
    facts: Facts = {}
    for part in _rows(extension.get("extension")):
        name = part.get("url")
        if name in {"purpose", "valueSet", "any"}:
            facts[str(name)] = _value(part)
        elif name == "usage":
            facts.setdefault("usage", []).append(_value(part))
    return facts


def _elements(definition: Mapping[str, Any], view: str) -> list[Mapping[str, Any]]:
    holder = definition.get(view)
    return list(_rows(holder.get("element"))) if isinstance(holder, dict) else []


def _rows(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))


def _extensions(holder: Mapping[str, Any], url: str) -> Iterator[dict[str, Any]]:
    yield from (row for row in _rows(holder.get("extension")) if row.get("url") == url)


def _value(extension: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an extension's value has any type
    return next((extension[name] for name in extension if name.startswith("value")), None)
