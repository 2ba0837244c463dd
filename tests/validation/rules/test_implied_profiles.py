"""Profiles that are implied."""


def test_a_vital_sign_is_known_by_its_code(found):
    heart = {
        "resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
    }  # fmt: skip
    assert ("profile.min", "Observation") in found(heart)


def test_a_guide_may_name_global_profiles(found, profile_of, patient):
    profile = profile_of("Patient", {"path": "Patient.birthDate", "min": 1})
    guide = {"resourceType": "ImplementationGuide", "url": "http://footbridge.test/ig",
             "global": [{"type": "Patient", "profile": profile["url"]}]}  # fmt: skip
    assert found(patient, definitions=[profile, guide]) == {("profile.min", "Patient")}
