"""URLs."""

import pytest

SYSTEM = "http://" + "example" + ".org/ids"


def test_example_urls_are_refused_unless_allowed(found, task):
    other = task | {"identifier": [{"system": SYSTEM, "value": "1"}]}
    assert found(other) == {("uri.example", "Task.identifier[0].system")}
    assert found(other, allow_example_urls=True) == set()


def test_a_canonical_is_absolute(found, task):
    assert found(task | {"instantiatesCanonical": "ActivityDefinition/1"}) == {
        ("uri.canonical", "Task.instantiatesCanonical")
    }


@pytest.mark.parametrize("kind", ["ValueSet", "Questionnaire", "CompartmentDefinition", "ImplementationGuide"])
def test_so_is_what_a_definition_is_called_by(found, kind):
    fault = ("uri.canonical", f"{kind}.url")
    for url, wrong in (("x", True), ("/x", True), ("#x", True), ("HTTP://a.test", True), ("urn:x:y", False)):
        assert (fault in found({"resourceType": kind, "url": url, "status": "draft"})) is wrong, url
    assert ("uri.canonical", "Contract.url") not in found({"resourceType": "Contract", "url": "x"})


def test_schemes_are_in_lower_case_and_lead_somewhere(found, task):
    for url in ("HTTP://a.test/x", "ht/tp://a.test", "http:", "Ahttp://a.test"):
        assert ("uri.canonical", "Task.instantiatesCanonical") in found(task | {"instantiatesCanonical": url}), url
    for url in ("ftp://a.test", "urn:oid:1.2.3.4", "https://a.test/x|1.0"):
        assert found(task | {"instantiatesCanonical": url}) == set()


def test_a_fragment_names_what_is_contained(found):
    form = {"resourceType": "Questionnaire", "id": "q", "status": "active"}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "#q"}
    assert found(response | {"contained": [form]}) == set()
    assert found(response) == {("uri.fragment", "QuestionnaireResponse.questionnaire")}


def test_which_urls_are_those_of_examples(found, task):
    for url in ("https://a." + "example.org/x", "http://acme.com"):
        assert ("uri.example", "Task.instantiatesUri") in found(task | {"instantiatesUri": url})
        assert ("uri.example", "Task.instantiatesCanonical") in found(task | {"instantiatesCanonical": url})
    for url in ("https://example.com/x", "http://example.net"):
        assert found(task | {"instantiatesUri": url}) == set()
        assert ("uri.example", "Task.instantiatesCanonical") in found(task | {"instantiatesCanonical": url})


def test_what_something_is_called_by_may_be_an_example(found, patient):
    url = "http://" + "example.org/fhir/Patient/1"
    bundle = {"resourceType": "Bundle", "type": "collection"}
    assert found(bundle | {"entry": [{"fullUrl": url, "resource": patient | {"id": "1"}}]}) == set()
    assert found({"resourceType": "ValueSet", "status": "draft", "url": url}) == set()
    assert found(patient | {"photo": [{"url": url}]}) == {("uri.example", "Patient.photo[0].url")}
