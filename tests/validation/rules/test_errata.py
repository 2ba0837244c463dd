"""Published mistakes."""

from footbridge.validation.fhirpath import compile as compiled
from footbridge.validation.rules.errata import MEANT, meant


def test_every_reading_compiles_and_differs_from_the_published_text():
    for published, reading in MEANT.items():
        assert compiled(reading)
        assert meant(published) == reading != published


def test_a_reference_without_a_url_breaks_no_rule(found, task):
    assert found(task | {"for": {"display": "x"}}) == set()


def test_a_reference_whose_url_is_absent_breaks_no_rule(found, task):
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert found(task | {"for": {"_reference": {"extension": [absent]}}}) == set()


def test_a_vital_sign_may_have_a_period(found):
    code = {"system": "http://loinc.org", "code": "29463-7"}
    category = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}
    weight = {"resourceType": "Observation", "status": "final", "category": [{"coding": [category]}],
              "code": {"coding": [code]}, "subject": {"reference": "Patient/1"},
              "valueQuantity": {"value": 70, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}}  # fmt: skip
    assert found(weight | {"effectivePeriod": {"start": "2024"}}) == set()
    assert ("invariant.vs-1", "Observation.effective.ofType(dateTime)") in found(weight | {"effectiveDateTime": "2024"})
