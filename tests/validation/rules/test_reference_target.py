"""What references lead to."""


def test_a_contained_target_of_the_wrong_type(found, task):
    held = {"contained": [{"resourceType": "Device", "id": "d"}], "encounter": {"reference": "#d"}}
    assert found(task | held) == {("reference.type", "Task.encounter")}


def test_a_url_that_nobody_follows_only_warns(found, task):
    other = task | {"encounter": {"reference": "Patient/1"}}
    assert found(other) == set()
    assert ("reference.type", "Task.encounter") in found(other, severity="warning")
    assert found(other, assume_rest=True) == {("reference.type", "Task.encounter")}


def test_the_target_must_meet_the_profile(found, profile_of, patient):
    named = profile_of("Organization", {"path": "Organization.name", "min": 1}, name="named")
    profile = profile_of("Patient", {
        "path": "Patient.managingOrganization", "type": [{"code": "Reference", "targetProfile": [named["url"]]}],
    })  # fmt: skip
    held = {"contained": [{"resourceType": "Organization", "id": "o", "identifier": [{"value": "x"}]}]}
    resource = patient | held | {"managingOrganization": {"reference": "#o"}}
    assert found(resource, profile, definitions=[named]) == {("reference.profile", "Patient.managingOrganization")}


def test_aggregation(found, profile_of, patient):
    kind = {"code": "Reference", "aggregation": ["contained"]}
    profile = profile_of("Patient", {"path": "Patient.managingOrganization", "type": [kind]})
    resource = patient | {"managingOrganization": {"reference": "Organization/1"}}
    assert found(resource, profile) == {("reference.aggregation", "Patient.managingOrganization")}


def test_the_stated_type_must_be_allowed(found, task):
    other = task | {"encounter": {"reference": "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7", "type": "Patient"}}
    assert found(other) == {("reference.type", "Task.encounter")}


def test_a_type_without_a_reference_only_warns(found, task):
    other = task | {"encounter": {"type": "Patient", "identifier": {"value": "1"}}}
    assert found(other) == set()
    assert ("reference.type", "Task.encounter") in found(other, severity="warning")
    assert found(other, assume_rest=True) == {("reference.type", "Task.encounter")}
