"""Codes that cannot be right."""

import pytest

from footbridge.validation import Options, Validator
from footbridge.validation.packs.files import rules_of

SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
OURS = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
CLAIM = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-Condition"


@pytest.fixture
def condition():
    """A Condition of a code, in SDOH categories."""

    def made(system, code, *categories, guide=True):
        resource = {
            "resourceType": "Condition",
            "code": {"coding": [{"system": system, "code": code}]},
            "category": [{"coding": [{"system": OURS, "code": category}]} for category in categories],
        }
        return resource | ({"meta": {"profile": [CLAIM]}} if guide else {})

    return made


HERE = "Condition.code.coding[0]"


@pytest.mark.parametrize(
    ("rule", "system", "code"),
    [
        ("snomed-check-digit", SNOMED, "733423004"),
        ("snomed-not-a-concept", SNOMED, "754786014"),
        ("loinc-check-digit", "http://loinc.org", "88122-8"),
        ("code-form", SNOMED, "food"),
        ("code-form", ICD10, "Z"),
        ("retired", ICD10, "Z59.4"),
        ("system-spelling", "https://loinc.org", "A0080"),
    ],
)
def test_a_code_that_is_wrong_by_itself(condition, warned, rule, system, code):
    assert (f"terminology-hygiene.{rule}", HERE) in warned(condition(system, code, guide=False))


def test_a_good_code_passes(condition, warned):
    assert warned(condition(SNOMED, "733423003", "food-insecurity")) == []


def test_a_code_of_another_edition_is_told_in_the_guide_alone(condition, warned):
    british = "1000031000000108"
    rules = [rule for rule, _ in warned(condition(SNOMED, british, "food-insecurity"))]
    assert rules in (["terminology-hygiene.other-edition"], ["terminology-hygiene.snomed-check-digit"])
    assert "terminology-hygiene.other-edition" not in dict(warned(condition(SNOMED, british, guide=False)))


def test_a_code_and_a_category_that_do_not_belong_together(condition, warned):
    homeless = condition(SNOMED, "32911000", "food-insecurity")
    assert warned(homeless) == [("terminology-hygiene.other-category", HERE)]
    assert warned(condition(SNOMED, "32911000", "homelessness")) == []
    assert warned(condition(SNOMED, "32911000", "food-insecurity", "homelessness")) == []
    assert warned(condition(SNOMED, "32911000")) == []


def test_it_looks_into_bundles(condition, warned):
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7",
                "resource": condition(SNOMED, "32911000", "food-insecurity"),
            }
        ],
    }
    assert warned(bundle) == [("terminology-hygiene.other-category", "Bundle.entry[0].resource.code.coding[0]")]


def test_a_code_for_another_kind_of_resource(condition, warned):
    request = condition(SNOMED, "733423003", "food-insecurity") | {"resourceType": "ServiceRequest"}
    assert ("terminology-hygiene.other-role", "ServiceRequest.code.coding[0]") in warned(request)


def test_no_code_is_repeated(condition):
    for code in ("733423004", "32911000"):
        for issue in Validator().validate(condition(SNOMED, code, "food-insecurity")):
            assert code not in issue.message


@pytest.mark.parametrize("coding", [{}, {"system": 7, "code": []}, {"system": SNOMED}, {"code": "x"}, 7, None])
def test_malformed_codings_are_left_to_others(condition, warned, coding):
    resource = condition(SNOMED, "733423003", "food-insecurity")
    resource["code"]["coding"] = [coding]
    resource["category"].append(coding)
    warned(resource)


def test_it_can_be_switched_off(condition, warned):
    off = Validator(options=Options(packs=frozenset({"guide-intent"})))
    assert warned(condition(SNOMED, "733423004"), validator=off) == []


def test_ids_are_apart():
    rows = rules_of("terminology-hygiene")
    assert len({row["id"] for row in rows}) == len({row["finding"] for row in rows}) == len(rows)
