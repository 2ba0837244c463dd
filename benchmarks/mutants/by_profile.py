"""Faults against what a resource's profiles ask: cardinality, patterns, types, bindings, targets."""

from collections.abc import Iterator
from typing import Any

from benchmarks.mutants import Edit, Fault, Json, Steps, at, putting, removing

VALUES: dict[str, Json] = {
    "boolean": True, "integer": 1, "positiveInt": 1, "unsignedInt": 1, "decimal": 1.5, "string": "x", "markdown": "x",
    "code": "x", "id": "x", "uri": "urn:x:y", "url": "https://hospital.test/x", "canonical": "https://hospital.test/x",
    "date": "2024-01-01", "dateTime": "2024-01-01", "instant": "2024-01-01T00:00:00Z", "time": "10:00:00",
    "base64Binary": "eA==", "oid": "urn:oid:1.2.3", "uuid": "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7",
    "Reference": {"reference": "Patient/1"}, "CodeableConcept": {"text": "x"}, "Coding": {"display": "x"},
    "Period": {"start": "2024-01-01"}, "Identifier": {"value": "x"}, "Quantity": {"value": 1},
    "Annotation": {"text": "x"},
    "HumanName": {"text": "x"}, "Address": {"text": "x"}, "ContactPoint": {"value": "x", "system": "phone"},
    "Attachment": {"title": "x"}, "Range": {"low": {"value": 1}}, "Timing": {"code": {"text": "x"}},
    "Narrative": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    "Money": {"value": 1}, "Age": {"value": 1}, "Duration": {"value": 1}, "Count": {"value": 1},
    "Ratio": {"numerator": {"value": 1}, "denominator": {"value": 1}}, "SimpleQuantity": {"value": 1},
}  # fmt: skip
TARGETS = ("Patient", "Observation", "Organization", "Goal", "Task", "Condition", "Practitioner", "Location", "Group")


def faults(resource: Json, structure: dict[str, Any]) -> Iterator[Fault]:
    """Every fault against one structure that a resource can be given."""
    for element in structure.get("snapshot", ()):
        path = element["path"].split(".")[1:]
        if not path:
            continue
        for holder in _holders(resource, tuple(path[:-1])):
            yield from _of_element(resource, holder, path[-1], element)


def _holders(resource: Json, path: tuple[str, ...]) -> Iterator[Steps]:
    """The places of every object at a path."""
    found: list[Steps] = [()]
    for name in path:
        deeper: list[Steps] = []
        for steps in found:
            for key, value in at(resource, steps).items():
                if key == name or (name.endswith("[x]") and key.startswith(name[:-3])):
                    rows = enumerate(value) if isinstance(value, list) else ()
                    deeper += [(*steps, key, index) for index, row in rows if isinstance(row, dict)]
                    deeper += [(*steps, key)] if isinstance(value, dict) else []
        found = deeper
    yield from found


def _of_element(resource: Json, holder: Steps, name: str, element: dict[str, Any]) -> Iterator[Fault]:
    base = element.get("base", {})
    many = base.get("max", element["max"]) not in {"0", "1"}
    keys = [(kind, _key(name, kind["code"])) for kind in element.get("type", ())]
    present = [(kind, key) for kind, key in keys if key in at(resource, holder)]
    if not present and "sliceName" not in element and name not in {"extension", "modifierExtension", "id"}:
        label = "forbidden element" if element["max"] == "0" else "element added"
        for kind, key in keys:
            if kind["code"] in VALUES:
                value = VALUES[kind["code"]]
                yield label, (*holder, key), putting((*holder, key), [value] if many else value)
    for kind, key in present:
        yield from _of_present(resource, (*holder, key), kind, element)


def _of_present(resource: Json, steps: Steps, kind: dict[str, Any], element: dict[str, Any]) -> Iterator[Fault]:
    value = at(resource, steps)
    if element["min"]:
        yield "required element removed", steps, removing(steps)
    if isinstance(value, list) and element["max"] == "1":
        yield "one too many", steps, _doubling(steps)
    rows = [(*steps, index) for index in range(len(value))] if isinstance(value, list) else [steps]
    for row in rows:
        if any(key.startswith(("fixed", "pattern")) for key in element):
            yield "pattern broken", row, putting(row, VALUES.get(kind["code"], "x"))
        if kind["code"] == "Reference" and isinstance(at(resource, row), dict):
            for target in TARGETS:
                yield "other target", row, putting((*row, "reference"), f"{target}/1")
        if element.get("binding", {}).get("strength") in {"required", "extensible"}:
            yield from _of_binding(resource, row)


def _of_binding(resource: Json, row: Steps) -> Iterator[Fault]:
    value = at(resource, row)
    if isinstance(value, str):
        yield "code not bound", row, putting(row, "unknown")
    elif isinstance(value, dict) and isinstance(value.get("coding"), list):
        yield "code not bound", row, putting((*row, "coding"), [{"system": "http://loinc.org", "code": "1234-5"}])
        yield "code not bound", row, putting((*row, "coding"), [{"system": "https://hospital.test/codes", "code": "x"}])


def _doubling(steps: Steps) -> Edit:
    def edit(resource: Json) -> None:
        rows = at(resource, steps)
        rows.append(rows[0])

    return edit


def _key(name: str, kind: str) -> str:
    return name[:-3] + kind[:1].upper() + kind[1:] if name.endswith("[x]") else name
