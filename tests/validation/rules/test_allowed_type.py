"""Types that a profile takes away."""


def test_a_choice_that_the_profile_does_not_allow(found, profile_of):
    profile = profile_of("Observation", {"path": "Observation.value[x]", "type": [{"code": "string"}]})
    base = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert found(base | {"valueString": "a"}, profile) == set()
    assert found(base | {"valueInteger": 1}, profile) == {("profile.type", "Observation.value.ofType(integer)")}
