"""Bindings that hang on the category."""

SYSTEM = "http://footbridge.test/cs"
VALUE_SET = {
    "resourceType": "ValueSet", "url": "http://footbridge.test/ValueSet/food", "status": "draft",
    "compose": {"include": [{"system": SYSTEM, "concept": [{"code": "food-box"}]}]},
}  # fmt: skip
ADDITIONAL = {
    "url": "http://hl7.org/fhir/tools/StructureDefinition/additional-binding",
    "extension": [
        {"url": "purpose", "valueCode": "required"},
        {"url": "valueSet", "valueCanonical": VALUE_SET["url"]},
        {"url": "usage", "valueUsageContext": {
            "code": {"system": "http://footbridge.test", "code": "ServiceRequest.category"},
            "valueCodeableConcept": {"coding": [{"system": SYSTEM, "code": "food"}]},
        }},
    ],
}  # fmt: skip


def request(category, code):
    coded = [{"coding": [{"system": SYSTEM, "code": name}]} for name in (category, code)]
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": {"reference": "Patient/1"},
        "category": [coded[0]], "code": coded[1],
    }  # fmt: skip


def test_it_applies_to_its_category_alone_and_in_bundles_too(found, profile_of):
    binding = {"strength": "example", "extension": [ADDITIONAL]}
    profile = profile_of("ServiceRequest", {"path": "ServiceRequest.code", "binding": binding})
    known = [VALUE_SET]
    assert found(request("food", "food-box"), profile, definitions=known) == set()
    assert found(request("housing", "roof"), profile, definitions=known) == set()
    assert found(request("food", "roof"), profile, definitions=known) == {("binding.required", "ServiceRequest.code")}
    claimed = request("food", "roof") | {"meta": {"profile": [profile["url"]]}}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "urn:uuid:6f6d8a4e-1c1f-4b0e-9b53-0d2a1f3c4b5a", "resource": claimed}
    ]}  # fmt: skip
    assert found(bundle, definitions=[profile, *known]) == {("binding.required", "Bundle.entry[0].resource.code")}
