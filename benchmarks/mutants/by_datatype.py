"""Faults of FHIR's data types: what a careless writer gets wrong in a date, a coding, a reference, an attachment."""

from collections.abc import Iterator
from typing import Any

from benchmarks.mutants import Edit, Fault, Json, Steps, at, places, putting, removing

DATES = (
    "2024/01/01", "01-01-2024", "20240101", "2024-W01", "2023-02-29", "2024-02-29", "0000-01-01", "1492-10-12",
    "9999-12-31", "2024-01-01T10:00Z", "2024-01-01 10:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T10:00:00+25:00",
    "2024-01-01T10:00:00.123456789Z", "2024-12-31T23:59:60Z", "2024-01-01T10:00:00z", "2024-01-01T10:00:00+0100",
    "2024-01-01T10:00:00-14:00", "2024-00-10", "2024-1", "2024-01-32", "T10:00:00", "2024-01-01T", " 2024-01-01",
    "2024-01-01Z", "-2024-01-01", "12024-01-01", "2024-01-01T10:61:00Z", "today", "2024-01-01T10:00:00 Z",
)  # fmt: skip
STRINGS = (
    "\t", "\n", "x\ny", "x\ty", "\u00a0", "\u00a0x", "x\u200b", "\ufeffx", "&nbsp;", "<script>alert(1)</script>",
    "x" * 2000, "\u0007", "caf\u00e9", "\U0001f600", "<", "a < b", "null", "%20",
)  # fmt: skip
IDS = ("under_score", "a/b", "a b", "", "x" * 64, "x" * 65, "\u00e9", "1", "a.b-c", ".", "#x", "urn:uuid:1", " a")
URIS = (
    "http://", "http:", "http//x", "www.hospital.test", "https://hospital.test/a b", "https://hospital.test/{id}",
    "urn:oid:", "urn:oid:1.2.3.", "urn:oid:9.1", "urn:uuid:", "urn:uuid:0B25F1C4-53B3-4B4C-8C1B-3F5BD6A40AE7",
    "mailto:x@hospital.test", "ftp://hospital.test", "HTTP://HL7.ORG/x", "http://hl7.org/fhir/nonsense",
    "http://hl7.org/fhir/us/core/nonsense", "http://terminology.hl7.org/nonsense", "urn:ietf:rfc:3986", "#", "#x",
    "http://hl7.org/fhir/StructureDefinition/nonsense", "urn:nonsense", "http://loinc.org/", "https://loinc.org",
    "http://www.hl7.org/fhir/x", "javascript:alert(1)", "/relative", "../up", "x|1.0", "https://hospital.test|",
)  # fmt: skip
REFERENCES: tuple[tuple[str, Json], ...] = (
    ("identifier alone", {"identifier": {"system": "https://hospital.test/ids", "value": "1"}}),
    ("identifier empty", {"identifier": {}}),
    ("type alone", {"type": "Patient"}),
    ("type alone", {"type": "Observation", "display": "x"}),
    ("type alone", {"type": "Organization", "identifier": {"value": "x"}}),
    ("type against URL", {"reference": "Patient/1", "type": "Group"}),
    ("type as URL", {"reference": "Patient/1", "type": "http://hl7.org/fhir/StructureDefinition/Patient"}),
    ("type as URL", {"type": "http://hl7.org/fhir/StructureDefinition/Patient", "display": "x"}),
    ("conditional", {"reference": "Patient?identifier=x"}),
    ("operation", {"reference": "Patient/1/$everything"}),
    ("urn:oid", {"reference": "urn:oid:1.2.3"}),
    ("fragment of another", {"reference": "Patient/1#part"}),
    ("container", {"reference": "#"}),
    ("empty", {"reference": ""}),
    ("long id", {"reference": "Patient/" + "x" * 65}),
    ("underscore", {"reference": "Patient/a_b"}),
    ("trailing slash", {"reference": "Patient/1/"}),
    ("leading slash", {"reference": "/Patient/1"}),
    ("three parts", {"reference": "Patient/1/2"}),
    ("abstract", {"reference": "Resource/1"}),
    ("a data type", {"reference": "Address/1"}),
    ("hl7.org", {"reference": "http://hl7.org/fhir/Patient/1"}),
    ("blank in URL", {"reference": "https://hospital.test/Patient/a b"}),
    ("canonical in its place", {"reference": "http://hl7.org/fhir/StructureDefinition/Patient"}),
    ("string in its place", "Patient/1"),
    ("resource in its place", {"resourceType": "Patient", "id": "x"}),
    ("coding in its place", {"coding": [{"code": "x"}]}),
)
VALUES: dict[str, Json] = {
    "String": "x", "Code": "x", "Boolean": True, "Integer": 1, "Reference": {"display": "x"},
    "CodeableConcept": {"text": "x"}, "Nonsense": "x", "Markdown": "x", "Uri": "urn:x:y", "Canonical": "urn:x:y",
    "Id": "x", "PositiveInt": 1, "Decimal": 1.5, "Date": "2024-01-01", "DateTime": "2024-01-01", "Time": "10:00:00",
    "Coding": {"display": "x"}, "Quantity": {"value": 1}, "Period": {"start": "2024"}, "Address": {"text": "x"},
}  # fmt: skip
CODINGS: tuple[tuple[str, dict[str, Json]], ...] = (
    ("https system", {"system": "https://snomed.info/sct"}),
    ("slash after system", {"system": "http://loinc.org/"}),
    ("unknown version", {"version": "0.0.0"}),
    ("user selected", {"userSelected": "yes"}),
    ("code with blank", {"code": "a b"}),
    ("code padded", {"code": " x"}),
    ("code as number", {"code": 12}),
    ("display empty", {"display": ""}),
    ("value set as system", {"system": "http://hl7.org/fhir/ValueSet/yesnodontknow"}),
    ("system with blank", {"system": "http://hospital.test/a b"}),
    ("HL7 v2", {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "nonsense"}),
    ("HL7 v3", {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "nonsense"}),
    ("data absent", {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}),
    ("null flavor", {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK", "display": "x"}),
    ("own system", {"system": "https://hospital.test/codes", "code": "x"}),
    ("oid system", {"system": "2.16.840.1.113883.6.1"}),
    ("fragment", {"system": "#local", "code": "x"}),
    ("ICD-10", {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z59.0"}),
    ("unknown sid", {"system": "http://hl7.org/fhir/sid/nonsense", "code": "x"}),
)
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "nonsense"}


def faults(resource: Json) -> Iterator[Fault]:
    """Every fault of a data type that a resource can be given."""
    for steps, value in places(resource):
        if not steps:
            continue
        if isinstance(value, str):
            yield from _of_text(steps, value)
        elif isinstance(value, dict):
            yield from _of_object(steps, value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            for number in (0, -7, 1e10, 2147483648, 3.14159, 1e-30):
                yield "other number", steps, putting(steps, number)
    yield from _of_identity()


def _of_text(steps: Steps, value: str) -> Iterator[Fault]:
    key = steps[-1] if isinstance(steps[-1], str) else steps[-2]
    if key in {"resourceType", "reference", "div"}:
        return
    if value[:4].isdigit() and value[4:5] == "-":
        for text in DATES:
            yield "other date", steps, putting(steps, text)
    elif ":" in value and " " not in value:
        for text in URIS:
            yield "other URI", steps, putting(steps, text)
        yield "URI in other case", steps, putting(steps, value.upper())
        yield "https for http", steps, putting(steps, value.replace("http:", "https:"))
        yield "slash at the end", steps, putting(steps, value + "/")
        yield "version at the end", steps, putting(steps, value + "|9.9.9")
        yield "letter more at the end", steps, putting(steps, value + "x")
    for text in STRINGS:
        yield "odd string", steps, putting(steps, text)
    yield "text in other case", steps, putting(steps, value.swapcase())
    yield "padded", steps, putting(steps, f" {value} ")
    yield "as a list", steps, putting(steps, [value])
    yield "as an object", steps, putting(steps, {"value": value})


def _of_object(steps: Steps, value: dict[str, Any]) -> Iterator[Fault]:
    if "reference" in value:
        for name, other in REFERENCES:
            yield f"reference: {name}", steps, putting(steps, other)
        for kind in ("Patient", "Organization", "Nonsense", "http://hl7.org/fhir/StructureDefinition/Task"):
            yield "reference: type added", (*steps, "type"), putting((*steps, "type"), kind)
    if "system" in value and "code" in value:
        for name, change in CODINGS:
            yield f"coding: {name}", steps, putting(steps, value | change)
        yield "coding: without code", (*steps, "code"), removing((*steps, "code"))
        yield "coding: twice", steps, _twice(steps)
    if "coding" in value:
        yield "concept: coding empty", (*steps, "coding"), putting((*steps, "coding"), [])
        yield "concept: coding of nothing", (*steps, "coding"), putting((*steps, "coding"), [{}])
        yield "concept: as a coding", steps, putting(steps, value["coding"][0] if value["coding"] else {})
        yield "concept: as a code", steps, putting(steps, "x")
        yield "concept: empty", steps, putting(steps, {})
        yield "concept: text empty", (*steps, "text"), putting((*steps, "text"), "")
    if "start" in value or "end" in value:
        yield "period: backwards", steps, putting(steps, {"start": "2024-02-01", "end": "2024-01-01"})
        yield "period: mixed", steps, putting(steps, {"start": "2024-02", "end": "2024-02-01T00:00:00Z"})
        yield "period: empty", steps, putting(steps, {})
    if "url" in value and any(key.startswith("value") or key == "extension" for key in value):
        yield from _of_extension(steps, value)
    if "contentType" in value or "data" in value:
        for name, more in (("size", {"size": 3, "data": "eA=="}), ("data", {"data": "not base64!"}),
                           ("type", {"contentType": "nonsense"}), ("hash", {"hash": "x"})):  # fmt: skip
            yield f"attachment: {name}", steps, putting(steps, value | more)
    if "value" in value and "system" in value and "code" not in value:
        yield "identifier: use", (*steps, "use"), putting((*steps, "use"), "nonsense")
        yield "identifier: rfc3986", (*steps, "system"), putting((*steps, "system"), "urn:ietf:rfc:3986")
        yield "identifier: relative", (*steps, "system"), putting((*steps, "system"), "hospital")


def _of_extension(steps: Steps, value: dict[str, Any]) -> Iterator[Fault]:
    key = next((name for name in value if name.startswith("value")), None)
    for name, other in VALUES.items():
        yield "extension value", steps, putting(steps, {"url": value["url"], f"value{name}": other})
    yield "extension: url alone", steps, putting(steps, {"url": value["url"]})
    yield "extension: url gone", (*steps, "url"), removing((*steps, "url"))
    inner = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    yield "extension: both", steps, putting(steps, value | {"extension": [inner], "valueString": "x"})
    if key is not None:
        yield "extension: two values", steps, putting(steps, value | {"valueString": "x", "valueBoolean": True})
    if isinstance(steps[-1], int):
        yield "extension: twice", steps, _twice(steps)


def _of_identity() -> Iterator[Fault]:
    for text in IDS:
        yield "resource id", ("id",), putting(("id",), text)
    for key, text in (("versionId", "a b"), ("lastUpdated", "2024-01-01"), ("source", "a b"), ("source", "x")):
        yield "meta", ("meta", key), _meta(key, text)
    for row in ({"system": "https://hospital.test/tags", "code": "x"}, {"code": "x"}, {"display": "x"}, {}, "x", LABEL):
        yield "meta tag", ("meta", "tag"), _meta("tag", [row])
        yield "meta security", ("meta", "security"), _meta("security", [row])
    for text in ("en", "en_US", "english", "EN-us", "zz", "x-own", "", "de-AT"):
        yield "language code", ("language",), putting(("language",), text)
    for key, other in (("fhir_comments", ["x"]), ("resourcetype", "x"), ("_status", {"id": "x"}), ("_id", {"id": "x"}),
                       ("Status", "x"), ("status ", "x"), ("$schema", "x"), ("@type", "x"), ("id_", "x")):  # fmt: skip
        yield "odd key", (key,), putting((key,), other)
    for kind in ("", "task", "Resource", "DomainResource", "Address", 7, None):
        yield "other resource type", ("resourceType",), putting(("resourceType",), kind)


def _meta(key: str, value: Json) -> Edit:
    def edit(resource: Json) -> None:
        resource.setdefault("meta", {})[key] = value

    return edit


def _twice(steps: Steps) -> Edit:
    def edit(resource: Json) -> None:
        rows = at(resource, steps[:-1])
        if isinstance(rows, list):
            rows.append(rows[int(steps[-1])])

    return edit
