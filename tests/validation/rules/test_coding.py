"""Codes of code systems that are loaded."""

import pytest

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        ({"system": CATEGORY, "code": "survey", "display": "Survey"}, set()),
        ({"system": CATEGORY, "code": "survey", "display": "SURVEY"}, set()),
        ({"system": CATEGORY, "code": "survey", "display": "Quiz"}, {("coding.display", "Task.code.coding[0].display")}),
        ({"system": CATEGORY, "code": "bogus"}, {("coding.unknown", "Task.code.coding[0].code")}),
        ({"system": CATEGORY, "code": "bogus", "version": "99"}, set()),
        ({"system": "http://snomed.info/sct", "code": "bogus-for-all-we-know"}, set()),
        ({"system": 5, "code": []}, {("structure.value", "Task.code.coding[0].system"),
                                     ("structure.value", "Task.code.coding[0].code")}),
    ],
)  # fmt: skip
def test_codes_and_displays_are_looked_up(found, task, coding, expected):
    issues = {row for row in found(task | {"code": {"coding": [coding]}}) if not row[0].startswith("terminology")}
    assert issues == expected


def test_units_come_from_their_system(found):
    base = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    quantity = {"value": 1, "system": CATEGORY, "code": "furlong"}
    assert found(base | {"valueQuantity": quantity}) == {("coding.unit", "Observation.value.ofType(Quantity).code")}
    ucum = {"system": "http://unitsofmeasure.org", "code": "mg/dL"}
    assert found(base | {"valueQuantity": quantity | ucum}) == set()


@pytest.mark.parametrize(
    "system",
    [
        "http://hl7.org/fhir/ValueSet/task-status", "https://loinc.org", "http://loinc.org/", "http://snomed.info/sct|x",
        "https://terminology.hl7.org/CodeSystem/observation-category", "HTTP://loinc.org", "relative",
        "javascript:x",
    ],
)  # fmt: skip
def test_what_is_no_code_system_is_wrong_outside_of_concepts(found, task, system):
    coding = {"system": system, "code": "x"}
    assert ("coding.system", "Task.meta.tag[0].system") in found(task | {"meta": {"tag": [coding]}})
    assert found(task | {"code": {"coding": [coding]}}) == set()
    base = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    quantity = {"valueQuantity": coding | {"value": 1}}
    assert ("coding.system", "Observation.value.ofType(Quantity).system") in found(base | quantity)


def test_race_and_ethnicity_are_known(found, task):
    race = {"system": "urn:oid:2.16.840.1.113883.6.238", "code": "2028-9", "display": "Asian"}
    assert found(task | {"code": {"coding": [race]}}) == set()
    rows = found(task | {"code": {"coding": [race | {"code": "bogus"}]}})
    assert rows == {("coding.unknown", "Task.code.coding[0].code")}


@pytest.mark.parametrize("content", ["supplement", "complete"])
def test_a_supplement_has_no_codes_of_its_own(found, task, content):
    base = {"resourceType": "CodeSystem", "url": "https://a.test/base", "status": "active", "content": "complete",
            "concept": [{"code": "x"}]}  # fmt: skip
    more = base | {"url": "https://a.test/more", "supplements": "https://a.test/base", "content": content}
    coded = [
        task | {"code": {"coding": [{"system": f"https://a.test/{name}", "code": "x"}]}} for name in ("base", "more")
    ]
    assert found(coded[0], definitions=[base, more]) == set()
    assert {rule for rule, _ in found(coded[1], definitions=[base, more])} == {"coding.system"}
