"""Types that a profile takes away."""


def test_a_choice_that_the_profile_does_not_allow(found, profile_of):
    profile = profile_of("Observation", {"path": "Observation.value[x]", "type": [{"code": "string"}]})
    base = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert found(base | {"valueString": "a"}, profile) == set()
    assert found(base | {"valueInteger": 1}, profile) == {("profile.type", "Observation.value.ofType(integer)")}


def test_a_type_derived_from_the_allowed_one_is_another_type(found, profile_of, patient):
    profile = profile_of("Extension", {"path": "Extension.value[x]", "type": [{"code": "string"}]})
    assert found(patient | {"extension": [{"url": profile["url"], "valueString": "x"}]}, definitions=[profile]) == set()
    rows = found(patient | {"extension": [{"url": profile["url"], "valueCode": "x"}]}, definitions=[profile])
    assert rows == {("profile.type", "Patient.extension[0].value.ofType(code)")}
