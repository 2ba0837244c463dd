"""Types that are profiled."""


def test_a_resource_in_a_slot_must_meet_its_profile(found, profile_of, patient):
    held = profile_of("Organization", {"path": "Organization.name", "min": 1}, name="named")
    kind = {"code": "Organization", "profile": [held["url"]]}
    profile = profile_of("Patient", {"path": "Patient.contained", "type": [kind]})
    resource = patient | {
        "contained": [{"resourceType": "Organization", "id": "o", "identifier": [{"value": "x"}]}],
        "managingOrganization": {"reference": "#o"},
    }
    assert found(resource, profile, definitions=[held]) == {("profile.min", "Patient.contained[0]")}


def test_a_simple_quantity_has_no_comparator(found):
    dose = {"value": 1, "unit": "mg", "comparator": "<"}
    resource = {
        "resourceType": "MedicationAdministration", "status": "completed", "medicationCodeableConcept": {"text": "x"},
        "subject": {"reference": "Patient/1"}, "effectiveDateTime": "2026-01-01", "dosage": {"dose": dose},
    }  # fmt: skip
    assert found(resource) == {
        ("profile.max", "MedicationAdministration.dosage.dose"),
        ("invariant.sqty-1", "MedicationAdministration.dosage.dose"),
    }
