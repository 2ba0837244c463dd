"""Reading what other systems send: every form of Bundle and reference, and what is told about the rest."""

import copy
import json
import random

import pytest
from support.prescriptions import MINIMAL, RICH, prescription

from footbridge.mapping import as_dict, from_bundle, to_bundle, typed
from footbridge.uris import own_uri

CATEGORY = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"


def foreign(**changes):
    """A small searchset as an EMR of another maker might answer."""
    base = "https://emr.invalid/fhir/"
    resources = {
        "Task/t1": {
            "status": "requested",
            "intent": "order",
            "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
            "focus": {"reference": "ServiceRequest/s1"},
            "for": {"reference": f"{base}Patient/p1"},
            "authoredOn": "2026-03-01",
            "requester": {"reference": "PractitionerRole/r1"},
            "owner": {"reference": "Organization/o2"},
        },
        "ServiceRequest/s1": {
            "status": "active",
            "intent": "order",
            "category": [{"coding": [{"system": CATEGORY, "code": "food-insecurity"}]}],
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "710925007"}], "text": "Food box"},
            "subject": {"reference": "Patient/p1"},
            "reasonReference": [{"reference": "Condition/c1/_history/3"}],
            "occurrenceDateTime": "2026-03-02",
        },
        "Patient/p1": {"identifier": [{"system": "urn:oid:1.2.3", "value": "7"}], "name": [{"family": "Doe"}]},
        "PractitionerRole/r1": {
            "practitioner": {"reference": "#who"},
            "organization": {"identifier": {"system": "urn:oid:1.2.4", "value": "org"}, "type": "Organization"},
            "contained": [{"resourceType": "Practitioner", "id": "who", "name": [{"family": "Water"}]}],
        },
        "Organization/o1": {"identifier": [{"system": "urn:oid:1.2.4", "value": "org"}], "name": "Clinic"},
        "Organization/o2": {"name": "Food bank", "telecom": [{"system": "phone", "value": "1", "rank": 3}]},
        "Condition/c1": {
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "733423003"}], "text": "Hungry"},
            "subject": {"reference": "Patient/p1"},
        },
    } | changes
    entries = []
    for place, resource in resources.items():
        kind, identity = place.split("/")
        body = {"resourceType": kind, "id": identity, **resource}
        entries.append({"fullUrl": base + place, "resource": body, "search": {"mode": "match"}})
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def told(read, rule="mapping.not-carried"):
    return {issue.expression for issue in read.not_carried if issue.rule == rule}


@pytest.mark.parametrize(("language", "name"), [(None, "Name not given"), ("fr-CA", "Nom non fourni")])
def test_an_organization_that_asks_and_names_nobody(language, name):
    """A Task's requester may be an Organization, and its ServiceRequest may have none."""
    bundle = foreign()
    task, order = (bundle["entry"][place]["resource"] for place in (0, 1))
    task["requester"] = {"reference": "Organization/o1"}
    if language is not None:
        order["language"] = language
    read = from_bundle(bundle)
    requester = read.prescription.requester
    assert (requester.name.family, requester.organization.name, requester.role) == (name, "Clinic", "clinician")


def test_another_systems_searchset_is_read():
    found = from_bundle(foreign()).prescription
    assert found is not None
    assert found.kind == "warm-connection"
    assert found.identifier.value == "https://emr.invalid/fhir/ServiceRequest/s1"
    assert found.authored.isoformat() == "2026-03-01T00:00:00+00:00"
    assert found.language == "und"
    assert found.requester.name.family == "Water"
    assert found.requester.organization.name == "Clinic"
    assert found.service.organization.name == "Food bank"
    assert (found.needs[0].category, found.needs[0].statement) == ("food-insecurity", "Hungry")
    assert found.needs[0].code.code == "733423003"


def test_what_has_no_place_is_told_with_its_path():
    read = from_bundle(foreign(**{"Flag/f1": {"status": "active"}}))
    assert told(read) == {
        "Bundle.entry[1].resource.occurrenceDateTime",
        "Bundle.entry[5].resource.telecom[0].rank",
        "Bundle.entry[7].resource",
    }
    assert all(issue.severity in {"warning", "information"} for issue in read.not_carried)


def test_what_is_missing_is_told_with_the_element_where_it_belongs():
    read = from_bundle(foreign(**{"PractitionerRole/r1": {"active": True}}))
    assert read.prescription is None
    assert told(read, "mapping.missing") == {"Organization"}
    read = from_bundle({"resourceType": "Bundle", "type": "collection", "entry": []})
    assert read.prescription is None
    assert "Bundle.entry" in told(read, "mapping.missing")


def test_a_list_of_resources_and_typed_objects_read_the_same():
    bundle = to_bundle(prescription(RICH)).bundle
    resources = [
        entry["resource"] | {"id": entry["fullUrl"].removeprefix("urn:uuid:")}
        for entry in json.loads(json.dumps(bundle).replace("urn:uuid:", ""))["entry"]
    ]
    kinds = {one["id"]: one["resourceType"] for one in resources}
    text = json.dumps(resources)
    for identity, kind in kinds.items():
        text = text.replace(f'"reference": "{identity}"', f'"reference": "{kind}/{identity}"')
    assert from_bundle(json.loads(text)).prescription == prescription(RICH)
    assert from_bundle(typed(bundle)).prescription.needs == prescription(RICH).needs


def test_the_typed_door_takes_and_gives_both():
    patient = {"resourceType": "Patient", "gender": "female"}
    assert typed(patient).gender == "female"
    assert as_dict(typed(patient)) == patient
    assert as_dict(patient) is patient
    for wrong in ({}, {"resourceType": "Patiend"}):
        with pytest.raises(ValueError, match="resource"):
            typed(wrong)
    with pytest.raises(TypeError):
        as_dict("Patient")


def test_the_newest_of_two_tries_is_read():
    first = foreign()["entry"][0]["resource"]
    again = foreign(**{"Task/t2": first | {"authoredOn": "2026-04-01", "owner": {"reference": "Organization/o3"}},
                       "Organization/o3": {"name": "Second food bank"}})  # fmt: skip
    again["entry"][-2]["resource"] |= {"id": "t2"}
    read = from_bundle(again)
    assert read.prescription.service.organization.name == "Second food bank"
    assert "Bundle.entry[0].resource" in told(read)


def test_a_condition_that_is_over_is_not_passed_over():
    over = foreign()["entry"][6]["resource"] | {"clinicalStatus": {"coding": [{"code": "resolved"}]}}
    assert "Bundle.entry[6].resource.clinicalStatus" in told(from_bundle(foreign(**{"Condition/c1": over})))


def test_an_order_without_a_reason_reads_its_category():
    order = foreign()["entry"][1]["resource"]
    order.pop("reasonReference")
    need = from_bundle(foreign(**{"ServiceRequest/s1": order})).prescription.needs[0]
    assert (need.category, need.statement) == ("food-insecurity", "Food Insecurity")


def test_a_base_of_another_server_is_not_mixed_up():
    elsewhere = foreign()
    elsewhere["entry"][0]["resource"]["for"] = {"reference": "https://other.invalid/fhir/Patient/p1"}
    elsewhere["entry"][1]["resource"]["subject"] = {"reference": "https://other.invalid/fhir/Patient/p1"}
    assert from_bundle(elsewhere).prescription.client.identifiers == ()


def test_reading_never_raises_whatever_stands_where():
    junk = [None, 1, True, "x", "", [], {}, [None], [[]], [{}], {"coding": [1]}, {"coding": [{"system": []}]},
            {"reference": 1}, [{"system": {}, "value": []}], {"extension": [1]}]  # fmt: skip
    chance = random.Random(7)
    seeds = [to_bundle(prescription(RICH)).bundle, to_bundle(prescription(MINIMAL)).bundle, foreign()]
    for _ in range(600):
        broken = copy.deepcopy(chance.choice(seeds))
        for _ in range(chance.randrange(1, 5)):
            place = chance.choice(list(places(broken)))
            holder, key = place
            if chance.random() < 0.3:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(chance.choice(junk))
        from_bundle(broken)


def places(value):
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def test_our_own_systems_follow_the_base():
    assert to_bundle(prescription()).bundle["entry"][0]["resource"]["identifier"][0]["system"].startswith(own_uri(""))
