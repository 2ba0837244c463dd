"""Faults of values: formats, codes, references, extensions, narrative, choices, claims."""

import re
from collections.abc import Iterator
from typing import Any

from benchmarks.mutants import Edit, Fault, Json, Steps, at, places, putting

BAD_DATES = ("2024-13-01", "2024-02-30", "2024-1-1", "24-01-01", "2024-01-01T25:00:00Z", "2024-01-01T10:00:00", "soon")
BAD_STRINGS = (
    " x",
    "x ",
    "two  blanks",
    "a\u0000b".replace("\u0000", "\u0001"),
    "   ",
    "<b>x</b>",
    "http://example.org/x",
)
BAD_REFERENCES = (
    "Observation/1", "Patient/1", "Nonsense/1", "Patient", "Patient/", "#missing", "Patient/a b", "patient/1",
    "https://fhir.hospital.test/Patient/1", "urn:uuid:nonsense", "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7",
    "Patient/1/_history/2", "http://example.org/Patient/1",
)  # fmt: skip
BAD_DIVS = (
    "<div>x</div>", '<div xmlns="http://www.w3.org/1999/xhtml"></div>', "x",
    '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>',
    '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x">x</p></div>',
    '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</div>',
    '<div xmlns="http://www.w3.org/1999/xhtml"><a name="x">x</a>&nbsp;</div>',
    '<div xmlns="http://www.w3.org/1999/xhtml">&unknown;</div>',
)  # fmt: skip
EXTENSIONS: tuple[tuple[str, Json], ...] = (
    ("unknown", {"url": "https://hospital.test/unknown", "valueString": "x"}),
    ("relative", {"url": "relative", "valueString": "x"}),
    ("misplaced", {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"text": "x"}}),
    ("wrong value", {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueString": "x"}),
    ("good", {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}),
    ("no value", {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}),
    ("no url", {"valueString": "x"}),
    ("not an extension", {"url": "http://hl7.org/fhir/StructureDefinition/Patient", "valueString": "x"}),
)
CODES = ("nonsense", "completed", "active", "final", "two words", "UPPER")
SYSTEMS = (
    "http://snomed.info/sct", "http://loinc.org", "http://terminology.hl7.org/CodeSystem/nonsense", "nonsense", "",
    "http://hl7.org/fhir/task-status", "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes",
    "http://hl7.org/fhir/ValueSet/task-status", "urn:oid:2.16.840.1.113883.6.96",
)  # fmt: skip
CLAIMS = (
    "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/Nonsense",
    "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-Goal",
    "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForPatient",
    "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient",
    "http://hl7.org/fhir/StructureDefinition/Observation",
    "http://hl7.org/fhir/StructureDefinition/vitalsigns",
    "nonsense",
)
CHOICES: dict[str, Json] = {
    "String": "x", "Boolean": True, "Integer": 1, "DateTime": "2024-01-01", "CodeableConcept": {"text": "x"},
    "Period": {"start": "2024-01-01"}, "Reference": {"reference": "Patient/1"}, "Quantity": {"value": 1},
    "Code": "x", "Markdown": "x", "Uri": "urn:x:y", "Date": "2024-01-01", "Instant": "2024-01-01T00:00:00Z",
    "Time": "10:00:00", "Decimal": 1.5, "PositiveInt": 1, "Range": {"low": {"value": 1}}, "Coding": {"code": "x"},
    "Attachment": {"title": "x"}, "Timing": {"code": {"text": "x"}}, "Ratio": {"numerator": {"value": 1}},
    "Age": {"value": 1, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}, "Nonsense": "x",
}  # fmt: skip
_CHOICE = re.compile(
    r"(value|onset|abatement|effective|occurrence|performed|deceased|multipleBirth|due|start|source)([A-Z]\w+)"
)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)?)?\Z")


def faults(resource: Json) -> Iterator[Fault]:
    """Every fault of value that a resource can be given."""
    for steps, value in places(resource):
        if isinstance(value, str) and steps:
            yield from _of_text(steps, value)
        elif isinstance(value, dict):
            yield from _of_object(steps, value)
    yield from _of_resource()


def _of_text(steps: Steps, value: str) -> Iterator[Fault]:
    key = steps[-1] if isinstance(steps[-1], str) else steps[-2]
    if key == "resourceType":
        return
    if _DATE.match(value) and len(value) > 4:
        for text in BAD_DATES:
            yield "bad date", steps, putting(steps, text)
        yield "date with less", steps, putting(steps, value[:7])
        yield "year alone", steps, putting(steps, value[:4])
    if key == "reference":
        for text in BAD_REFERENCES:
            yield "bad reference", steps, putting(steps, text)
    elif key == "div":
        for text in BAD_DIVS:
            yield "bad narrative", steps, putting(steps, text)
    elif key == "system":
        for text in SYSTEMS:
            yield "other system", steps, putting(steps, text)
    elif key == "code" or (" " not in value and value.islower() and ":" not in value):
        for text in CODES:
            yield "other code", steps, putting(steps, text)
    else:
        yield "other text", steps, putting(steps, "something else")
    for text in BAD_STRINGS:
        yield "bad string", steps, putting(steps, text)
    if key in {"url", "profile", "fullUrl"}:
        for text in CLAIMS:
            yield "other URL", steps, putting(steps, text)


def _of_object(steps: Steps, value: dict[str, Any]) -> Iterator[Fault]:
    for name, extension in EXTENSIONS:
        yield f"extension: {name}", steps, _adding(steps, "extension", extension)
    yield "modifier extension", steps, _adding(steps, "modifierExtension", EXTENSIONS[0][1])
    for key in list(value):
        yield from _of_choice(steps, key)
        if not isinstance(value[key], dict | list) and key != "resourceType" and not key.startswith("_"):
            yield (
                "primitive extension",
                (*steps, f"_{key}"),
                putting((*steps, f"_{key}"), {"extension": [EXTENSIONS[4][1]]}),
            )
            yield "value absent", (*steps, key), _absent(steps, key)
    if "start" in value and isinstance(value["start"], str):
        yield "end before start", steps, putting((*steps, "end"), "1999-01-01")
    if "value" in value and ("unit" in value or "code" in value):
        yield "unit unknown", steps, putting((*steps, "code"), "nonsense")
    if "reference" in value:
        yield "reference type", steps, putting((*steps, "type"), "Patient")
        yield "reference type", steps, putting((*steps, "type"), "nonsense")
        yield "display alone", steps, putting(steps, {"display": "x"}) if steps else _nothing
    if "coding" in value:
        yield "text alone", steps, putting(steps, {"text": "x"})
        yield "coding empty", (*steps, "coding"), putting((*steps, "coding"), [{"display": "x"}])
    if "system" in value and "code" in value:
        yield "display", steps, putting((*steps, "display"), "something else")
        yield "no system", steps, _without(steps, "system")
    yield "id", steps, putting((*steps, "id"), "a b")
    yield "id", steps, putting((*steps, "id"), "x" * 70)


def _of_choice(steps: Steps, key: str) -> Iterator[Fault]:
    match = _CHOICE.fullmatch(key)
    if match is None:
        return
    for name, value in CHOICES.items():
        if name != match[2]:
            yield "other choice", (*steps, key), _choosing(steps, key, match[1] + name, value)
            yield "second choice", (*steps, key), putting((*steps, match[1] + name), value)


def _of_resource() -> Iterator[Fault]:
    for claim in CLAIMS:
        yield "more claims", ("meta", "profile"), _claiming(claim)
    inner = {"resourceType": "Organization", "id": "inner", "name": "x"}
    yield "contained, unused", ("contained",), putting(("contained",), [inner])
    yield (
        "contained without id",
        ("contained",),
        putting(("contained",), [{"resourceType": "Organization", "name": "x"}]),
    )
    yield "contained in contained", ("contained",), putting(("contained",), [inner | {"contained": [inner]}])
    yield "contained with meta", ("contained",), putting(("contained",), [inner | {"meta": {"versionId": "1"}}])
    yield "contained, no type", ("contained",), putting(("contained",), [{"id": "inner"}])
    yield "resource type", ("resourceType",), putting(("resourceType",), "Basic")
    yield "resource type", ("resourceType",), putting(("resourceType",), "Nonsense")
    yield "language", ("language",), putting(("language",), "xx-nonsense-language")
    yield "implicit rules", ("implicitRules",), putting(("implicitRules",), "https://hospital.test/rules")


def _adding(steps: Steps, key: str, row: Json) -> Edit:
    def edit(resource: Json) -> None:
        at(resource, steps).setdefault(key, []).append(dict(row))

    return edit


def _without(steps: Steps, key: str) -> Edit:
    def edit(resource: Json) -> None:
        del at(resource, steps)[key]

    return edit


def _absent(steps: Steps, key: str) -> Edit:
    """A primitive with an extension in place of its value."""

    def edit(resource: Json) -> None:
        holder = at(resource, steps)
        del holder[key]
        holder["_" + key] = {"extension": [dict(EXTENSIONS[4][1])]}

    return edit


def _choosing(steps: Steps, old: str, new: str, value: Json) -> Edit:
    def edit(resource: Json) -> None:
        holder = at(resource, steps)
        del holder[old]
        holder[new] = value

    return edit


def _claiming(claim: str) -> Edit:
    def edit(resource: Json) -> None:
        resource.setdefault("meta", {}).setdefault("profile", []).append(claim)

    return edit


def _nothing(_: Json) -> None:
    """Change nothing: the resource itself is no reference."""
