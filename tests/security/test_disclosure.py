"""What a partner sees of a prescription."""

import json

import pytest

from footbridge.data import read_json
from footbridge.model.prescription import Prescription
from footbridge.security.disclosure import disclose

DOCUMENT = {
    "identifier": {"system": "urn:test:order", "value": "1"},
    "kind": "warm-connection",
    "authored": "2026-11-03T10:15:00-05:00",
    "language": "en",
    "client": {
        "identifiers": [{"system": "urn:test:hcn", "value": "HCN-SECRET"}],
        "name": {"family": "Okafor"},
        "contacts": [{"system": "phone", "value": "PHONE-SECRET"}],
        "address": {"line": ["ADDRESS-SECRET"]},
        "contactNote": "NOTE-SECRET",
    },
    "requester": {"role": "clinician", "name": {"family": "T"}, "organization": {"name": "Practice"}},
    "needs": [
        {"category": "food-insecurity", "statement": "FOOD"},
        {"category": "stress", "statement": "STRESS-SECRET"},
    ],
    "goals": [{"need": 1, "description": "GOAL-STRESS"}, {"need": 0, "description": "GOAL-FOOD"}],
    "strengths": [{"text": "STRENGTH"}],
    "barriers": [{"kind": "economic", "text": "BARRIER"}],
    "supports": [{"kind": "transport", "text": "SUPPORT", "barrier": 0}],
    "inTheirWords": [{"text": "WORDS"}],
    "notes": [{"text": "REMARK"}],
    "followUp": {"due": "2026-12-01", "method": "phone"},
}


def prescription(**changes):
    return Prescription.model_validate_json(json.dumps(DOCUMENT | changes))


def seen(document, **options):
    return disclose(document, **({"role": "recipient", "custodian": False} | options)).model_dump_json()


def consent(*scope):
    return {"status": "given", "scope": list(scope)}


def test_the_record_that_it_came_from_sees_everything():
    whole = prescription(consent=consent("needs"))
    assert disclose(whole, role="requester", custodian=False) == whole


def test_only_a_custodian_gets_a_health_card_number():
    assert "HCN-SECRET" not in seen(prescription())
    assert "HCN-SECRET" in seen(prescription(), custodian=True)


def test_the_follow_up_stays_with_the_practice():
    assert disclose(prescription(), role="recipient", custodian=True).follow_up is None


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("contact", ["PHONE-SECRET", "ADDRESS-SECRET", "NOTE-SECRET"]),
        ("goals", ["GOAL-FOOD"]),
        ("strengths", ["STRENGTH"]),
        ("barriers", ["BARRIER"]),
        ("supports", ["SUPPORT"]),
        ("own-words", ["WORDS"]),
        ("notes", ["REMARK"]),
    ],
)
def test_what_the_consent_does_not_name_does_not_travel(scope, words):
    without = seen(prescription(consent=consent("needs")))
    with_it = seen(prescription(consent=consent("needs", scope)))
    assert all(word not in without for word in words)
    assert all(word in with_it for word in words)


def test_the_table_knows_every_scope_that_a_consent_can_name():
    scopes = Prescription.model_json_schema()["$defs"]["Consent"]["properties"]["scope"]["anyOf"][0]["items"]["enum"]
    assert set(read_json("mappings", "disclosure.json")["byScope"]) | {"needs"} == set(scopes)


def test_a_support_loses_its_link_with_a_barrier_that_is_not_shown():
    shown = disclose(prescription(consent=consent("needs", "supports")), role="recipient", custodian=False)
    assert [support.barrier for support in shown.supports] == [None]


def test_the_contact_of_a_person_who_is_not_safe_never_leaves():
    unsafe = prescription(client=DOCUMENT["client"] | {"safeToContact": False}, consent=consent("needs", "contact"))
    text = seen(unsafe, custodian=True)
    assert all(word not in text for word in ("PHONE-SECRET", "ADDRESS-SECRET", "NOTE-SECRET"))


def test_a_part_shows_the_needs_of_its_category_alone():
    part = disclose(prescription(), role="recipient", custodian=False, categories={"food-insecurity"})
    assert [need.statement for need in part.needs] == ["FOOD"]
    assert [(goal.need, goal.description) for goal in part.goals] == [(0, "GOAL-FOOD")]
    assert "STRESS-SECRET" not in part.model_dump_json()
