"""Ids."""


def test_a_resource_id_has_no_extensions(found, patient):
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert ("id.extended", "Patient.id") in found(patient | {"id": "1", "_id": {"extension": [absent]}})
    assert found(patient | {"id": "1", "_id": {"id": "x"}}) == set()


def test_element_ids_are_unique_within_a_resource(found, patient):
    twice = patient | {"name": [{"id": "a", "text": "x"}], "telecom": [{"id": "a", "value": "1", "system": "phone"}]}
    assert found(twice) == {("id.duplicate", "Patient.telecom[0]")}
    contained = {
        "contained": [
            {"resourceType": "Organization", "id": "o", "name": "x", "contact": [{"id": "a", "name": {"text": "x"}}]}
        ]
    }
    apart = patient | {"name": [{"id": "a", "text": "x"}], "managingOrganization": {"reference": "#o"}} | contained
    assert found(apart) == set()
