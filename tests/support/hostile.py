"""What a sender may write into each member of a prescription: a document with every member, and values for each.

The members are those of the published schema, so that a new one is tried without a word here.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

from footbridge.model.prescription.schema import json_schema

Json = Any
Path = tuple[str | int, ...]

_CODING = {"system": "http://snomed.info/sct", "code": "733423003"}
_LOINC = {"system": "http://loinc.org", "code": "88122-7"}
_BY_NAME: dict[str, Json] = {
    "Date": "2026-12-01",
    "Instant": "2026-11-03T10:15:00-05:00",
    "LanguageTag": "en-CA",
    "Uri": "urn:footbridge:test:a",
    "Text": "Some words.",
    "ShortText": "A word",
    "ContactPoint": {"system": "phone", "value": "+1 416 555 0142", "use": "work", "preferred": False},
}
_BY_PATH: dict[Path, Json] = {
    ("kind",): "warm-connection",
    ("jurisdiction",): "us",
    ("client", "birthDate"): "1951-04-12",
    ("client", "safeToContact"): True,
    ("requester", "role"): "clinician",
    ("needs", 0, "category"): "food-insecurity",
    ("needs", 0, "code"): {"system": "http://snomed.info/sct", "code": "733423003"},
    ("needs", 0, "evidence", "instrument"): _LOINC,
    ("needs", 0, "evidence", "question"): _LOINC,
    ("needs", 0, "evidence", "answer"): {"system": "http://loinc.org", "code": "LA28397-0"},
    ("needs", 0, "evidence", "date"): "2026-11-01",
    ("goals", 0, "code"): {"system": "http://snomed.info/sct", "code": "1078229009"},
    ("goals", 0, "need"): 0,
    ("strengths", 0, "code"): {"system": "urn:footbridge:test:codes", "code": "garden"},
    ("interests", 0, "code"): {"system": "urn:footbridge:test:codes", "code": "song"},
    ("barriers", 0, "category"): "food-insecurity",
    ("service", "code"): {"system": "http://snomed.info/sct", "code": "710925007"},
    ("service", "self"): False,
    ("supports", 0, "barrier"): 0,
    ("inTheirWords", 0, "said"): "2026-11-02T10:15:00-05:00",
    ("consent", "status"): "given",
    ("consent", "scope"): ["contact", "needs", "goals"],
    ("consent", "given"): "2026-11-01",
    ("followUp", "method"): "phone",
    ("followUp", "by"): "navigator",
    ("followUp", "questions"): ["did-it-happen"],
}


def whole_document() -> dict[str, Json]:
    """A valid prescription that has every member of the schema."""
    schema = json_schema()
    made: dict[str, Json] = _filled(schema, schema["$defs"], ())
    return made


def _filled(part: Json, named: Json, path: Path) -> Json:
    if path in _BY_PATH:
        made = copy.deepcopy(_BY_PATH[path])
        return made | {"display": "Some words"} if isinstance(made, dict) and "code" in made else made
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        if name == "Coding":
            return _CODING | {"display": "Some words"}
        return copy.deepcopy(_BY_NAME[name]) if name in _BY_NAME else _filled(named[name], named, path)
    if "properties" in part:
        return {name: _filled(member, named, (*path, name)) for name, member in part["properties"].items()}
    if part.get("type") == "array":
        return [_filled(part["items"], named, (*path, 0))]
    if "enum" in part:
        return part["enum"][0]
    return {"boolean": False, "integer": 0}[part["type"]]


def members(value: Json, path: Path = ()) -> Iterator[Path]:
    """Every place of a document, the whole of a part before what is in it."""
    inner: Iterator[tuple[str | int, Json]]
    inner = (
        iter(value.items()) if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else iter(())
    )
    for name, item in inner:
        yield (*path, name)
        yield from members(item, (*path, name))


def put(document: dict[str, Json], path: Path, value: Json) -> dict[str, Json]:
    """The document with another value at a place."""
    changed: dict[str, Json] = json.loads(json.dumps(document))
    holder: Json = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


TEXTS = (
    "", " ", "\t", "\n", "\r\n", " blank at both ends ", "a\r\nb", "a\rb", "a\tb", "a\x00b", "a\x0bb", "a\x1bb", "a\x7fb",
    "a\x85b", "\u200b", "\u200ba", "\ufeff", "\u00a0", "\u2028", "\u00ad", "\u2060", "e\u0301", "\u00e9", "\u202eabc\u202c",
    "\u05e9\u05dc\u05d5\u05dd", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0010ffff", "\ufffe", "\uffff", "\ue000",
    "\u0301", "<script>alert(1)</script>", "a & b < c > d", "]]>", "<!--", "&#0;", "{{7*7}}", "' OR 1=1 --", "x" * 255,
    "x" * 256, "x" * 10_000, "x" * 10_001, "\u2003a", "null", "0", "\ud7ff", "a\u2029b", "a\x1fb", "a\x9fb", "a\u2007b",
)  # fmt: skip
LANGUAGES = (
    "iw", "IW", "iw-IL", "in", "ji", "jw", "mo", "mo-MD", "sh", "sr-Latn", "en-GB-oed", "EN-gb-OED", "i-klingon", "i-enochian",
    "zh-min-nan", "zh-cmn", "zh-Hant-TW", "sgn-BE-FR", "no-bok", "art-lojban", "x-local", "x-a-b-c", "en-x-clinic", "qaa",
    "qaa-Qaaa-QM-x-southern", "de-1901", "sl-rozaj-biske-1994", "de-DE-u-co-phonebk", "en-a-myext-b-another", "es-419", "und",
    "mul", "zxx", "mis", "xx", "zz", "xyz", "abc", "english", "en_CA", "en-", "-en", "en--CA", "e", "en-ZZ", "en-BU", "en-UK",
    "en-Latn-Latn", "en-CA-CA", "en-a", "en-a-b", "a-DE", "ar-a-aaa-b-bbb-a-ccc", "de-419-DE", "cel-gaulish", "fr-FR-fr",
    "en-Qaaz", "en-Xxxx", "en-999", "heb", "eng", "fra", "cmn", "yue", "zh-yue", "abcd", "abcde", "abcdefgh", "en-u", "fr-x",
    "sgn-ase", "x-", "x", "i-default", "i-mingo", "i-notreal", "en-CA-", "fr\n", " fr", "fr-CA ", "be-1959acad", "en-scouse",
    "ja-Latn-hepburn-heploc", "ISO-8859-1", "1", "12", "en-12", "en-CA-1234", "en-u-attr-co-phonebk", "hy-arevela", "cls",
)  # fmt: skip
URIS = (
    "http://acme.com/ids", "https://acme.org/ids", "http://example.org/ids", "https://www.example.com/a", "http://example.net/a",
    "urn:oid:1.2", "urn:oid:1.2.3", "urn:oid:01.2.3", "urn:oid:3.1.2", "urn:oid:", "urn:oid:2.16.840.1.113883.4.1.",
    "URN:OID:1.2.3.4", "urn:OID:1.2.3.4", "urn:uuid:1", "urn:uuid:6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
    "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "urn:uuid:", "URN:UUID:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "http://hl7.org/fhir/StructureDefinition/Patient", "http://hl7.org/fhir/StructureDefinition/Nothing",
    "http://hl7.org/fhir/sid/us-ssn", "http://hl7.org/fhir/sid/us-sn", "http://hl7.org/fhir/sid/", "http://hl7.org/fhir",
    "http://hl7.org/fhir/us/core/CodeSystem/nothing", "http://hl7.org/fhir/ValueSet/administrative-gender",
    "http://hl7.org/fhir/administrative-gender", "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm",
    "http://hl7.org/fhir/us/sdoh-clincalcare/CodeSystem/x", "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "http://terminology.hl7.org/CodeSystem/v2-0203", "http://terminology.hl7.org/CodeSystem/nothing",
    "http://terminology.hl7.org/ValueSet/v3-ActCode", "http://snomed.info/sct", "http://snomed.info/sct/900000000000207008",
    "http://snomed.info/sct|http://x", "http://loinc.org", "https://loinc.org", "http://loinc.org/", "http://LOINC.org",
    "http://unitsofmeasure.org", "urn:ietf:bcp:47", "urn:ietf:bcp:13", "urn:iso:std:iso:3166", "urn:ietf:rfc:3986",
    "http://211hsis.org", "mailto:a@b.invalid", "tel:+15550100", "ftp://x.invalid/a", "HTTP://X.invalid/a", "x:y", "a.b:c",
    "a+b:c", "urn:", "urn:x", "urn:a:b c", "http://", "http:///x", "https:x", "http://x.invalid/\u00e9", "http://x.invalid/%zz",
    "http://x.invalid/a|1.0", "http://x.invalid/a#b", "http://[::1", "http://x.invalid/<a>", 'http://x.invalid/"q"',
    "http://x.invalid/a\\b", "http://x.invalid/{a}", "http://x.invalid/^", "http://x.invalid/\u200b", "#contained", "relative/a",
    "Patient/1", "javascript:alert(1)", "data:text/plain,x", "file:///etc/passwd", "http://x.invalid/" + "a" * 230,
    "http://x.invalid/" + "a" * 250, "http://terminology.hl7.org/CodeSystem/observation-category",
    "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes", "http://hl7.org/fhir/task-status",
    "http://www.nlm.nih.gov/research/umls/rxnorm", "http://www.ama-assn.org/go/cpt", "http://hl7.org/fhir/sid/cvx",
    "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn", "urn:footbridge:NamingSystem/resource",
    "urn:footbridge:NamingSystem/partner", "urn:footbridge:NamingSystem/directory-service", "urn:footbridge:CodeSystem/need",
    "urn:footbridge:CodeSystem/finding-type", "urn:iso:std:iso:4217", "https://www.usps.com/", "http://hl7.org/fhir/v2/0203",
)  # fmt: skip
CODES = ("a b", "a  b", " a", "a ", "a\tb", "amb", "AMB", "mg", "m]", "\u00e9", "\U0001f600", "\u200b", "x" * 255, "x" * 256, "<b>", "a\u00a0b",
         "a\u2028b", "a|b", "0", "-1", "#", "733423003", "LA28397-0", "{score}", "phone", "male", "Z59.41")  # fmt: skip
MOMENTS = (
    "2026-02-30", "2026-02-29", "2024-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "1799-12-31", "1800-01-01", "2199-12-31",
    "2200-01-01", "2026", "2026-11", "2026-13-01", "2026-11-31", "26-11-01", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00",
    "2026-11-01T23:59:60Z", "2016-12-31T23:59:60Z", "2026-11-01T24:00:00Z", "2026-11-01T10:00Z", "2026-11-01T10:00:00+14:00",
    "2026-11-01T10:00:00-12:00", "2026-11-01T10:00:00+14:30", "2026-11-01T10:00:00-14:00", "2026-11-01T10:00:00+15:00",
    "2026-11-01T10:00:00+00:60", "2026-11-01T10:00:00-00:00", "2026-11-01T10:00:00.123456789Z", "2026-11-01T10:00:00.1Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "1800-01-01T00:00:00+14:00", "2199-12-31T23:59:59-14:00",
    "2026-02-30T10:00:00Z", "2026-11-01 10:00:00Z", "2026-11-01t10:00:00z", "20261101", "\u0662\u0660\u0662\u0666-11-01", "tomorrow", "2026-W45-1",
    "2026-305", "2026-11-01T10:00:00 -05:00", "+12026-11-01", "-2026-11-01", "2026-11-01T10:00:00,5Z", "2026-11-01\n",
)  # fmt: skip
NUMBERS = (-1, 0, 1, 99, 100, 2**31, 2**63, 10**17, 1.0, 0.5, -0.0, 1e300)
TYPES: tuple[Json, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    1.5,
    "x",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": None},
    {"": ""},
    ["x"],
    [1],
    {"value": 1},
)
_CODES_OF_SYSTEMS = (
    ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "amb"),
    ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB"),
    ("http://terminology.hl7.org/CodeSystem/observation-category", "surveys"),
    ("http://unitsofmeasure.org", "m]"),
    ("http://unitsofmeasure.org", "mg"),
    ("http://unitsofmeasure.org", "{score}"),
    ("urn:ietf:bcp:47", "iw"),
    ("urn:ietf:bcp:47", "zz"),
    ("urn:ietf:bcp:13", "text"),
    ("urn:iso:std:iso:3166", "XX"),
    ("http://hl7.org/fhir/administrative-gender", "man"),
    ("http://hl7.org/fhir/task-status", "nothing"),
    ("http://terminology.hl7.org/CodeSystem/nothing", "x"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "z59"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "Z59.41"),
    ("http://snomed.info/sct", "1"),
    ("http://snomed.info/sct", "999999999999999999"),
    ("http://loinc.org", "99999-9"),
    ("http://hl7.org/fhir/ValueSet/administrative-gender", "male"),
    ("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdo"),
    ("http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes", "nothing"),
    ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknwon"),
    ("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
    ("http://example.org/codes", "a"),
    ("http://acme.com/codes", "a"),
    ("urn:oid:1.2", "a"),
    ("urn:oid:2.16.840.1.113883.6.96", "733423003"),
    ("http://hl7.org/fhir/StructureDefinition/Patient", "a"),
    ("http://www.ada.org/cdt", "D0120"),
    ("http://www.nlm.nih.gov/research/umls/rxnorm", "0"),
)
CODINGS: tuple[Json, ...] = (
    *({"system": system, "code": code} for system, code in _CODES_OF_SYSTEMS),
    {"system": "http://snomed.info/sct", "code": "733423003", "display": "Ins\u00e9curit\u00e9 alimentaire"},
    {"system": "http://snomed.info/sct", "code": "733423003", "display": "Quite another thing"},
    {"system": "http://loinc.org", "code": "88122-7", "display": "Ganz etwas anderes"},
    {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "wrong"},
    {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z59.41", "display": "x"},
    {"system": "urn:ietf:bcp:47", "code": "fr", "display": "Klingon"},
    {"system": "http://unitsofmeasure.org", "code": "mg", "display": "litre"},
)  # fmt: skip
VALUES: tuple[Json, ...] = (*TYPES, *TEXTS, *LANGUAGES, *URIS, *CODES, *MOMENTS, *NUMBERS)


def values_for(present: Json) -> tuple[Json, ...]:
    """What is tried in the place of this value: of the wrong type, and all that has the right one."""
    if isinstance(present, dict) and present.keys() >= {"system", "code"}:
        return (*TYPES, *CODINGS)
    if isinstance(present, str):
        return VALUES
    return (*TYPES, *NUMBERS)
