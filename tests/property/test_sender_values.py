"""Whatever a sender writes into a member is accepted, or refused at a member: it is never a fault of Footbridge.

A seeded sample of members and values runs each time, all of them in ``make soak`` (some minutes).
"""

import pytest
from support.hostile import CODINGS, LANGUAGES, members, put, values_for, whole_document
from support.soak import some

from footbridge.errors import PrescriptionError
from footbridge.mapping import MappingContext, to_bundle
from footbridge.mapping.validate_input import accept
from footbridge.model.prescription.pointers import pointer_to
from footbridge.model.prescription.schema import json_schema
from footbridge.referrals.mapping_check import MappingCheck
from footbridge.validation import Validator

SAMPLE = 6  # values a member
WHOLE = whole_document()
MEMBERS = list(members(WHOLE))
VARIANTS = (
    {},
    {"jurisdiction": "ca", "kind": "navigator"},
    {"kind": "signpost"},
    {"jurisdiction": None, "language": "fr-CA"},
)


@pytest.fixture(scope="module")
def check():
    return MappingCheck(Validator())


def present(path):
    found = WHOLE
    for step in path:
        found = found[step]
    return found


def chosen(path):
    return some(values_for(present(path)), quick=SAMPLE, seed=pointer_to(path))


def refused(check, document):
    """The errors of a document; empty when it is accepted. Raises MappingFault for what would be answered 500."""
    try:
        accepted = accept(document)
        mapped = to_bundle(accepted.prescription, MappingContext(jurisdiction=accepted.jurisdiction))
        check.check(mapped.resources, mapped)
    except PrescriptionError as error:
        return [issue for issue in error.issues if issue.is_error]
    return []


def test_the_document_has_every_member_of_the_schema():
    named = json_schema()["$defs"]

    def walk(part, value):
        if "$ref" in part:
            part = named[part["$ref"].rpartition("/")[2]]
        for name, member in part.get("properties", {}).items():
            assert name in value
            walk(member, value[name])
        if part.get("type") == "array":
            assert value
            walk(part["items"], value[0])

    walk(json_schema(), WHOLE)


def test_the_document_itself_is_accepted(check):
    for variant in VARIANTS:
        assert refused(check, WHOLE | variant) == []


@pytest.mark.soak
@pytest.mark.parametrize("path", MEMBERS, ids=pointer_to)
def test_a_value_is_accepted_or_refused_at_a_member(check, path):
    for place, value in enumerate(chosen(path)):
        variant = VARIANTS[place % len(VARIANTS)]
        base = WHOLE if path[0] in variant else WHOLE | variant
        for issue in refused(check, put(base, path, value)):
            assert issue.pointer is not None
            assert issue.message


LANGUAGE_PLACES = [
    path for path in MEMBERS if path[-1] == "language" or path[:2] + path[3:] == ("client", "languages", "code")
]


@pytest.mark.parametrize("path", LANGUAGE_PLACES, ids=pointer_to)
@pytest.mark.parametrize(
    "tag", ["iw", "IW-il", "in", "ji", "jw", "mo-MD", "en-GB-oed", "i-klingon", "zh-min-nan", "en-BU"]
)
def test_a_deprecated_language_is_accepted_with_a_warning_wherever_it_stands(check, path, tag):
    document = put(WHOLE, path, tag)
    assert refused(check, document) == []
    warnings = {(issue.rule, issue.pointer) for issue in accept(document).warnings}
    assert ("prescription.language-deprecated", pointer_to(path)) in warnings


@pytest.mark.parametrize("path", LANGUAGE_PLACES, ids=pointer_to)
@pytest.mark.parametrize(
    "tag", ["xx", "eng", "abcdefgh", "en-CA-CA", "en-a", "i-notreal", "x-", "english", "de-419-DE"]
)
def test_what_is_no_language_is_refused_where_it_stands(check, path, tag):
    assert [issue.pointer for issue in refused(check, put(WHOLE, path, tag))] == [pointer_to(path)]


@pytest.mark.parametrize(
    "tag", ["x-clinic", "en-x-clinic", "zh-Hant-TW", "es-419", "de-1901", "sr-Latn", "fr-ca", "qaa", "EN"]
)
def test_a_registered_or_private_language_is_accepted_without_a_warning(check, tag):
    document = put(WHOLE, ("language",), tag)
    assert refused(check, document) == []
    assert not [issue for issue in accept(document).warnings if "language" in issue.rule]


def test_every_language_of_the_list_is_judged_alike_at_each_place():
    for tag in LANGUAGES:
        rules = {
            frozenset(issue.rule for issue in issues_at(put(WHOLE, path, tag), pointer_to(path)))
            for path in LANGUAGE_PLACES
        }
        assert len(rules) == 1, tag


def issues_at(document, pointer):
    try:
        found = accept(document).warnings
    except PrescriptionError as error:
        found = error.issues
    return [issue for issue in found if issue.pointer == pointer]


IDENTIFIERS = [
    path for path in MEMBERS if path[-1] == "system" and "value" in present(path[:-1]) and "contacts" not in path
]


@pytest.mark.parametrize("path", IDENTIFIERS, ids=pointer_to)
@pytest.mark.parametrize(
    "system",
    [
        "http://acme.com/ids",
        "https://www.example.org/a",
        "urn:oid:1.2",
        "urn:oid:01.2.3.4",
        "urn:uuid:1",
        "urn:uuid:6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
        "http://hl7.org/fhir/StructureDefinition/Nothing",
        "http://hl7.org/fhir/sid/us-sn",
        "x:y",
        "URN:OID:1.2.3.4",
    ],
)
def test_a_system_that_identifies_nothing_is_refused_where_it_stands(check, path, system):
    found = refused(check, put(WHOLE, path, system))
    assert [issue.pointer for issue in found] == [pointer_to(path)]


CODED = [
    path
    for path in MEMBERS
    if isinstance(present(path), dict) and "code" in present(path) and "system" in present(path)
]


@pytest.mark.parametrize("path", CODED, ids=pointer_to)
def test_a_code_that_its_system_lacks_is_refused_where_it_stands(check, path):
    coding = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "amb"}
    pointers = {issue.pointer for issue in refused(check, put(WHOLE, path, coding))}
    assert pointers
    assert all(pointer.startswith(pointer_to(path)) for pointer in pointers)


@pytest.mark.soak
@pytest.mark.parametrize("path", CODED, ids=pointer_to)
def test_a_coding_is_accepted_or_refused_within_it(check, path):
    for coding in some(CODINGS, quick=len(CODINGS) // 4, seed=pointer_to(path)):
        for issue in refused(check, put(WHOLE, path, coding)):
            assert issue.pointer.startswith(pointer_to(path))
