"""Lays what a differential says of one element over what its base says.

What the differential is silent about stays as the base has it; invariants add up
(https://hl7.org/fhir/R4/profiling.html#snapshot).
"""

from footbridge.validation.definitions.facts import Element

_REPLACED = (
    "min",
    "max",
    "type",
    "maxLength",
    "isModifier",
    "mustSupport",
    "sliceName",
    "sliceIsConstraining",
    "allowedUnits",
    "narrativeControl",
    "representation",
)
_NOT_OF_A_SLICE = ("slicing", "sliceName", "sliceIsConstraining")
_VALUED = ("fixed", "pattern", "minValue", "maxValue", "defaultValue")


def merged(base: Element, differential: Element) -> Element:
    """The element that a base and a differential make together; both stay as they were."""
    element = dict(base)
    for name in _REPLACED:
        if name in differential:
            element[name] = differential[name]
    for name in differential:
        stem = _stem(name)
        if stem is not None:
            for old in [old for old in element if _stem(old) == stem]:
                del element[old]
            element[name] = differential[name]
    if "binding" in differential:
        element["binding"] = _binding(base.get("binding", {}), differential["binding"])
    if "slicing" in differential:
        element["slicing"] = _slicing(base.get("slicing", {}), differential["slicing"])
    if "limits" in differential:
        element["limits"] = {**base.get("limits", {}), **differential["limits"]}
    element["constraint"] = _constraints(base, differential)
    return element


def slice_base(unsliced: Element, name: str) -> Element:
    """What a new slice starts from: the element that it is a slice of, optional until it says otherwise."""
    element = {key: value for key, value in unsliced.items() if key not in _NOT_OF_A_SLICE}
    return {**element, "sliceName": name, "min": 0}


def profiled_root(element: Element, root: Element) -> Element:
    """An element that is a profiled Extension: the profile's root says its cardinality and whether it modifies."""
    taken: Element = {name: root[name] for name in ("min", "max", "isModifier") if name in root}
    return {**element, **taken, "constraint": _constraints(element, root)}


def _binding(base: Element, differential: Element) -> Element:
    """A binding that names its value set takes the place of the base's; else it changes only the strength."""
    return differential if "valueSet" in differential else {**base, **differential}


def unlike(base: Element, own: Element) -> bool:
    """Whether a slicing of a profile is not that of its base, as the HL7 validator sees it.

    The discriminators of the base come first, others may follow; an open slicing may become any other.
    """
    rules, given = base.get("rules"), own.get("rules")
    if rules in ("closed", "openAtEnd") and given not in (None, rules) and (rules, given) != ("closed", "openAtEnd"):
        return True
    first, then = base.get("discriminator") or [], own.get("discriminator") or []
    told = [[(row.get("type"), row.get("path")) for row in rows] for rows in (first, then)]
    return bool(then) and told[1][: len(told[0])] != told[0] and told[0] != [("value", "url")]


def _slicing(base: Element, differential: Element) -> Element:
    """What the base says of the order and the discriminators holds, unless the differential says something else."""
    return {**base, **differential}


def _constraints(base: Element, differential: Element) -> list[object]:
    rows = list(base.get("constraint", ()))
    keys = {key for key, _ in rows}
    for key, rule in differential.get("constraint", ()):
        if key not in keys:
            rows.append((key, rule))
        elif (key, rule) not in rows:
            rows = [(old, rule if old == key else own) for old, own in rows]
    return rows


def _stem(name: str) -> str | None:
    stem = next((stem for stem in _VALUED if name.lstrip("_").startswith(stem)), None)
    return "fixed" if stem == "pattern" else stem
