"""The form of references, and whether they lead anywhere."""

import pytest


def test_a_reference_is_a_url(found, task):
    assert found(task | {"for": {"reference": "Patient/a b"}}) == {("reference.form", "Task.for")}


def test_what_is_outside_is_looked_for_only_on_request(found, task):
    other = task | {"for": {"reference": "Patient/1"}}
    assert found(other) == set()
    assert found(other, references="exists", fetch=lambda _: None) == {("reference.unresolved", "Task.for")}
    known = {"resourceType": "Patient", "id": "1"}
    assert found(other, references="exists", fetch=lambda _: known) == set()


def test_a_fragment_must_be_contained(found, task):
    assert found(task | {"for": {"reference": "#nobody"}}) == {("invariant.ref-1", "Task.for")}


def test_the_container_is_there_for_contained_resources_alone(found, task):
    held = {"resourceType": "Task", "id": "t", "status": "requested", "intent": "order", "focus": {"reference": "#"}}
    assert found(task | {"contained": [held], "focus": {"reference": "#t"}}) == set()
    assert found(task | {"focus": {"reference": "#"}}) == {("reference.unresolved", "Task.focus")}


def test_the_stated_type_is_that_of_the_target(found, task):
    for url in ("Patient/1", "https://fhir.hospital.test/Patient/1", "Patient/1/_history/2"):
        assert found(task | {"focus": {"reference": url, "type": "Patient"}}) == set()
        for stated in ("Group", "Bogus", "http://hl7.org/fhir/StructureDefinition/Patient"):
            rows = found(task | {"focus": {"reference": url, "type": stated}})
            assert rows == {("reference.stated-type", "Task.focus")}
    held = {"contained": [{"resourceType": "Device", "id": "d"}], "focus": {"reference": "#d", "type": "Patient"}}
    assert found(task | held) == {("reference.stated-type", "Task.focus")}


def test_a_type_without_a_url_is_not_compared(found, task):
    assert found(task | {"focus": {"reference": "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7", "type": "X"}}) == set()


def test_a_search_stands_for_an_id_in_a_transaction_alone(found, task):
    search = task | {"focus": {"reference": "Patient?identifier=1"}}
    assert found(search) == {("reference.conditional", "Task.focus")}
    assert found(bundle("batch", search)) == {("reference.conditional", "Bundle.entry[0].resource.focus")}
    assert found(bundle("transaction", search)) == set()
    without = task | {"focus": {"reference": "Patient?"}}
    assert found(bundle("transaction", without)) == {("reference.conditional", "Bundle.entry[0].resource.focus")}


@pytest.mark.parametrize("url", ["Patient/1", "https://fhir.hospital.test/Patient/1"])
def test_an_entry_with_references_needs_a_full_url(found, task, url):
    for kind in ("batch", "transaction"):
        rows = found(bundle(kind, task | {"focus": {"reference": url}}, full_url=None))
        assert rows == {("reference.full-url", "Bundle.entry[0].resource.focus")}
    assert found(bundle("batch", task, full_url=None)) == set()


def test_a_relative_reference_in_a_bundle_is_a_type_and_an_id(found, task):
    for url in ("Patient", "/Patient/1", "Patient/1/", "../Patient/1"):
        assert found(task | {"focus": {"reference": url}}) == set()
        rows = found(bundle("batch", task | {"focus": {"reference": url}}))
        assert rows == {("reference.form", "Bundle.entry[0].resource.focus")}, url


@pytest.mark.parametrize(
    "url", ["patient/1", "Bogus/1", "Patient/a_b", f"Patient/{'1' * 65}", "Patient/1/_history/a_b"]
)
def test_one_that_only_looks_like_it_is_warned_about(found, task, url):
    # as the HL7 validator, which counts the slashes
    sent = bundle("batch", task | {"focus": {"reference": url}})
    assert found(sent) == set()
    assert ("reference.form", "Bundle.entry[0].resource.focus") in found(sent, severity="warning")


def bundle(kind, resource, full_url="urn:uuid:5f3c6a1e-8f4e-4c5e-9a56-6d8f0f4d1c11"):
    """One entry that is sent to a server."""
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
    return {
        "resourceType": "Bundle", "type": kind, "entry": [entry | ({"fullUrl": full_url} if full_url else {})]
    }  # fmt: skip
