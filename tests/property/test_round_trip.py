"""What holds for the mapping of every prescription."""

import json
from dataclasses import replace

from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.prescriptions import NAMES, prescription, prescriptions

from footbridge.mapping import MappingContext, from_bundle, to_bundle

CONTEXTS = st.builds(
    MappingContext,
    jurisdiction=st.sampled_from(["us", "ca"]),
    guide=st.sampled_from(["3.0.0", "2.3.0"]),
    person=st.none() | st.just("person-1"),
    scope=st.sampled_from(["", "clinic"]),
    withhold_unsafe_contact=st.just(value=False),
)
MODERATE = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


@MODERATE
@given(prescriptions(), CONTEXTS)
def test_a_prescription_comes_back_as_it_was(given_one, context):
    bundle = to_bundle(given_one, context).bundle
    read = from_bundle(json.loads(json.dumps(bundle)))
    assert read.prescription is not None
    assert read.prescription.model_dump_json() == given_one.model_dump_json()
    told = [issue for issue in read.not_carried if issue.severity != "information"]
    assert told == []


@MODERATE
@given(prescriptions(), CONTEXTS)
def test_it_comes_back_whatever_the_order_of_the_entries_and_the_form_of_references(given_one, context):
    bundle = to_bundle(given_one, context).bundle
    text = json.dumps(list(reversed(bundle["entry"])))
    for entry in bundle["entry"]:
        identity = entry["fullUrl"].removeprefix("urn:uuid:")
        text = text.replace(entry["fullUrl"], f"{entry['resource']['resourceType']}/{identity}")
    resources = [entry["resource"] | {"id": entry["fullUrl"].rsplit("/", 1)[1]} for entry in json.loads(text)]
    read = from_bundle(resources)
    assert read.prescription is not None
    assert read.prescription.model_dump_json() == given_one.model_dump_json()


@MODERATE
@given(prescriptions(), CONTEXTS)
def test_the_bundle_is_whole_and_the_same_each_time(given_one, context):
    mapped = to_bundle(given_one, context)
    assert json.dumps(to_bundle(given_one, context).bundle) == json.dumps(mapped.bundle)
    urls = [entry["fullUrl"] for entry in mapped.bundle["entry"]]
    assert len(set(urls)) == len(urls)
    assert set(references(mapped.bundle)) <= set(urls)
    assert set(mapped.roles.values()) == set(urls) == set(mapped.origins)
    for entry in mapped.bundle["entry"]:
        own = entry["resource"]["identifier"][0]
        condition = f"identifier={own['system']}|{own['value']}"
        assert entry["request"] == {
            "method": "POST",
            "url": entry["resource"]["resourceType"],
            "ifNoneExist": condition,
        }


@settings(MODERATE, max_examples=40)
@given(prescriptions(), CONTEXTS)
def test_fhir_resources_parses_every_bundle(given_one, context):
    get_fhir_model_class("Bundle").model_validate(to_bundle(given_one, context).bundle)


@MODERATE
@given(prescriptions(), CONTEXTS, st.lists(NAMES, min_size=3, max_size=3))
def test_nothing_of_an_unsafe_clients_contact_leaves(given_one, context, parts):
    telephone, street, email = (f"~{index}{part.strip()}~SECRET" for index, part in enumerate(parts))
    client = given_one.client.model_dump(mode="json", exclude_defaults=True) | {
        "safeToContact": False,
        "contacts": [{"system": "phone", "value": telephone}, {"system": "email", "value": email}],
        "address": {"line": [street]},
    }
    document = json.loads(given_one.model_dump_json(exclude_defaults=True)) | {"client": client}
    unsafe = prescription(document)
    mapped = to_bundle(unsafe, replace(context, withhold_unsafe_contact=True))
    everything = json.dumps(mapped.bundle, ensure_ascii=False)
    assert "~SECRET" not in everything
    assert {"/client/contacts", "/client/address"} <= set(mapped.withheld)
    back = from_bundle(mapped.bundle).prescription
    assert back is not None
    assert back.client.safe_to_contact is False
    assert back.client.contacts == ()
