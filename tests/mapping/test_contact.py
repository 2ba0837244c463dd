"""What an order and its Tasks say of contact is what the mapping would have said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.prescriptions import prescriptions

from footbridge.mapping import MappingContext, to_bundle
from footbridge.mapping.contact import with_contact
from footbridge.mapping.terms import label
from footbridge.model.prescription import Prescription

OWN = MappingContext(scope="north", withhold_unsafe_contact=False)
ROLES = ("service-request", "task", "follow-up")


def mapped(prescription: Prescription, *, safe: bool):
    client = prescription.client.model_copy(update={"safe_to_contact": safe})
    found = to_bundle(prescription.model_copy(update={"client": client}), OWN)
    entries = {entry["fullUrl"]: entry["resource"] for entry in found.bundle["entry"]}
    return {role: unlabelled(entries[found.roles[role]]) for role in ROLES if role in found.roles}


def unlabelled(resource):
    """Without its security label, which follows the whole prescription."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name != "security"}
    others = {name: value for name, value in resource.items() if name != "meta"}
    return others | ({"meta": meta} if meta else {})


@given(prescriptions(), st.sampled_from([True, False]), st.sampled_from([True, False]))
def test_it_is_as_the_mapping_says_it(prescription: Prescription, before: bool, after: bool):
    wanted = mapped(prescription, safe=after)
    for role, resource in mapped(prescription, safe=before).items():
        assert with_contact(resource, prohibited=not after) == wanted[role]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_words_that_the_client_said_stay(language: str):
    words = label("do-not-contact", language)
    order = {
        "resourceType": "ServiceRequest",
        "language": language,
        "text": {"div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p><b>X</b></p><p>Note: {words}</p></div>'},
    }
    once = with_contact(order, prohibited=True)
    assert with_contact(once, prohibited=True) == once
    assert with_contact(once, prohibited=False)["text"] == order["text"]
