"""Slices."""

import pytest

SYSTEM = "http://footbridge.test/cs"


@pytest.fixture
def sliced(profile_of):
    def make(rules="open", *, ordered=False):
        slicing = {"discriminator": [{"type": "value", "path": "system"}], "rules": rules, "ordered": ordered}
        return profile_of(
            "Patient",
            {"path": "Patient.telecom", "slicing": slicing},
            {"id": "Patient.telecom:phone", "path": "Patient.telecom", "sliceName": "phone", "min": 1, "max": "1"},
            {"id": "Patient.telecom:phone.system", "path": "Patient.telecom.system", "min": 1, "fixedCode": "phone"},
            {"id": "Patient.telecom:phone.value", "path": "Patient.telecom.value", "min": 1},
            {"id": "Patient.telecom:email", "path": "Patient.telecom", "sliceName": "email", "max": "1"},
            {"id": "Patient.telecom:email.system", "path": "Patient.telecom.system", "min": 1, "fixedCode": "email"},
        )

    return make


def telecom(*kinds):
    return {"telecom": [{"system": kind, "value": "x"} for kind in kinds]} if kinds else {}


@pytest.mark.parametrize(
    ("kinds", "rules", "ordered", "expected"),
    [
        (("phone",), "open", False, set()),
        (("fax", "phone"), "open", False, set()),
        ((), "open", False, {("slicing.min", "Patient")}),
        (("phone", "phone"), "open", False, {("slicing.max", "Patient")}),
        (("phone", "fax"), "closed", False, {("slicing.closed", "Patient.telecom[1]")}),
        (("email", "phone"), "open", True, {("slicing.order", "Patient.telecom[1]")}),
        (("fax", "phone"), "openAtEnd", False, set()),
    ],
)
def test_values_are_sorted_counted_and_ordered(found, sliced, patient, kinds, rules, ordered, expected):
    assert found(patient | telecom(*kinds), sliced(rules, ordered=ordered)) == expected


def test_a_value_is_checked_as_its_slice_asks(found, sliced, patient):
    rows = {"telecom": [{"system": "phone", "use": "home"}]}
    assert found(patient | rows, sliced()) == {("profile.min", "Patient.telecom[0]")}


def test_slices_by_type(found, profile_of):
    profile = profile_of(
        "Observation",
        {"path": "Observation.value[x]", "slicing": {"discriminator": [{"type": "type", "path": "$this"}], "rules": "open"}},
        {"id": "Observation.value[x]:valueString", "path": "Observation.value[x]", "sliceName": "valueString",
         "type": [{"code": "string"}], "maxLength": 2},
    )  # fmt: skip
    base = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert found(base | {"valueInteger": 1}, profile) == set()
    assert found(base | {"valueString": "abc"}, profile) == {("profile.max-length", "Observation.value.ofType(string)")}


def test_slices_by_the_profile_of_what_is_referred_to(found, profile_of, patient):
    target = profile_of("Organization", {"path": "Organization.name", "min": 1}, name="named")
    profile = profile_of(
        "Patient",
        {"path": "Patient.generalPractitioner",
         "slicing": {"discriminator": [{"type": "profile", "path": "resolve()"}], "rules": "closed"}},
        {"id": "Patient.generalPractitioner:named", "path": "Patient.generalPractitioner", "sliceName": "named",
         "type": [{"code": "Reference", "targetProfile": [target["url"]]}]},
    )  # fmt: skip
    for name, expected in (({"name": "x"}, set()), ({"identifier": [{"value": "x"}]}, {"slicing.closed"})):
        held = {"contained": [{"resourceType": "Organization", "id": "o", "active": True, **name}]}
        resource = patient | held | {"generalPractitioner": [{"reference": "#o"}]}
        assert {rule for rule, _ in found(resource, profile, definitions=[target])} == expected
