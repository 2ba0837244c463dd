"""URLs in HL7's own namespace."""

import pytest

FHIR = "http://hl7.org/fhir"


@pytest.mark.parametrize(
    "url",
    [
        f"{FHIR}/StructureDefinition/Patient", f"{FHIR}/task-status", f"{FHIR}/sid/us-ssn", f"{FHIR}/sid/icd-10-cm",
        f"{FHIR}/sid/passport-USA", f"{FHIR}/SearchParameter/Patient-name", f"{FHIR}path/System.String",
        f"{FHIR}/5.0/StructureDefinition/extension-Patient.name", f"{FHIR}/R4/patient.html",
        f"{FHIR}/uv/of-a-guide-that-is-not-loaded/CodeSystem/x", "http://terminology.hl7.org/CodeSystem/bogus",
        "https://hospital.test/bogus",
    ],
)  # fmt: skip
def test_what_is_defined_registered_or_not_ours_to_judge(found, task, url):
    assert found(task | {"identifier": [{"system": url, "value": "x"}]}) == set()


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/bogus", "us/core",  "/StructureDefinition/Bogus", "/StructureDefinition/Patient|4.0.1", "/sid/bogus", "/Patient/1",
        "/us/core/CodeSystem/bogus", "/us/sdoh-clincalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes", "/us/sdoh-clinicalcare/Questionnaire/bogus",
    ],
)  # fmt: skip
def test_what_nothing_defines(found, task, path):
    rows = found(task | {"identifier": [{"system": FHIR + path, "value": "x"}]})
    assert rows == {("uri.undefined", "Task.identifier[0].system")}


def test_a_definition_may_have_a_url_of_its_own(found):
    own = {"resourceType": "ValueSet", "url": f"{FHIR}/ValueSet/new-one", "status": "draft"}
    assert found(own) == set()


def test_a_definition_in_the_same_document_counts(found):
    here = {
        "resourceType": "CodeSystem",
        "id": "c",
        "url": f"{FHIR}/CodeSystem/c1",
        "status": "draft",
        "content": "complete",
    }
    uses = {
        "resourceType": "ValueSet",
        "status": "draft",
        "compose": {"include": [{"system": f"{FHIR}/CodeSystem/c1"}]},
    }
    assert ("uri.undefined", "ValueSet.compose.include[0].system") in found(uses)
    assert "uri.undefined" not in {rule for rule, _ in found(uses | {"contained": [here]})}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "urn:uuid:0c9a8d6e-5f3b-4a38-9e5f-8f8f8f8f8f8f", "resource": uses},
        {"fullUrl": "urn:uuid:1c9a8d6e-5f3b-4a38-9e5f-8f8f8f8f8f8f", "resource": here},
    ]}  # fmt: skip
    assert "uri.undefined" not in {rule for rule, _ in found(bundle)}
    for odd in (7, [7], {"url": 7}):
        assert "uri.undefined" in {rule for rule, _ in found(uses | {"contained": odd})}
