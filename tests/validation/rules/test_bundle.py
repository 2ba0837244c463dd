"""Bundles."""

import pytest

URN = "urn:uuid:6f6d8a4e-1c1f-4b0e-9b53-0d2a1f3c4b5a"
PATIENT = {"resourceType": "Patient", "id": "1", "active": True}


def bundle(kind, *entries, **more):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **more}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (bundle("collection", {"resource": PATIENT}), {("bundle.full-url", "Bundle.entry[0]")}),
        (bundle("collection", {"fullUrl": "Patient/1", "resource": PATIENT}), {("bundle.full-url", "Bundle.entry[0]")}),
        (bundle("collection", {"fullUrl": "http://a.test/Patient/2", "resource": PATIENT}),
         {("bundle.full-url-id", "Bundle.entry[0]")}),
        (bundle("collection", {"fullUrl": "http://a.test/Patient/1", "resource": PATIENT}), set()),
        (bundle("collection", {"fullUrl": URN, "resource": PATIENT}), set()),
        (bundle("searchset", {"fullUrl": URN, "resource": PATIENT, "search": {"mode": "outcome"}}),
         {("bundle.search", "Bundle.entry[0]")}),
        (bundle("collection", {"fullUrl": URN, "resource": PATIENT}, link=[{"relation": "next", "url": "http://a.test"}]),
         {("bundle.link", "Bundle.link[0]")}),
    ],
)  # fmt: skip
def test_each_fault_is_found_at_its_entry(found, resource, expected):
    assert found(resource) == expected


@pytest.mark.parametrize("kind", ["collection", "transaction", "batch-response", "history"])
def test_the_url_of_a_server_needs_the_id_of_its_resource(found, kind):
    entry = {
        "fullUrl": "http://a.test/Patient/1", "resource": {"resourceType": "Patient", "active": True},
        "request": {"method": "PUT", "url": "Patient/1"}, "response": {"status": "200"},
    }  # fmt: skip
    assert ("bundle.full-url-id", "Bundle.entry[0]") in found(bundle(kind, entry))
    entry["resource"] = PATIENT
    assert ("bundle.full-url-id", "Bundle.entry[0]") not in found(bundle(kind, entry))


def test_a_document_starts_with_a_composition(found):
    rules = {rule for rule, _ in found(bundle("document", {"fullUrl": URN, "resource": PATIENT}))}
    assert "bundle.first" in rules


def test_an_entry_is_checked_like_a_resource(found):
    wrong = PATIENT | {"gender": "bogus"}
    issues = found(bundle("collection", {"fullUrl": URN, "resource": wrong}))
    assert issues == {("binding.required", "Bundle.entry[0].resource.gender")}
