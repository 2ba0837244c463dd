"""Every issue names the profile, or the base type, that it comes from."""

import pytest

from footbridge.validation import Options, Validator
from footbridge.validation.core.options import DEFAULTS
from footbridge.validation.origin import base_of

CORE = "http://hl7.org/fhir/StructureDefinition/"
REFERRAL = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement"
TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}


def origins(resource, *, options=DEFAULTS, **more):
    issues = Validator(options=options).check(resource, **more).issues
    return {(issue.rule, issue.profile) for issue in issues if issue.is_error}


def test_a_rule_of_the_type_names_the_base():
    assert origins(TASK | {"status": "x"}) == {("binding.required", CORE + "Task")}


def test_a_rule_of_a_profile_names_the_profile():
    assert {profile for _, profile in origins(TASK, profiles=[REFERRAL])} == {REFERRAL}


def test_inside_of_a_bundle_it_is_the_type_of_the_entry():
    task = TASK | {"status": "x", "contained": [{"resourceType": "Patient", "id": "p", "gender": "x"}]}
    entry = {
        "fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
        "resource": task | {"for": {"reference": "#p"}},
    }
    found = origins({"resourceType": "Bundle", "type": "nonsense", "entry": [entry]})
    assert {profile for rule, profile in found if rule == "binding.required"} == {
        CORE + name for name in ("Bundle", "Task", "Patient")
    }


@pytest.mark.parametrize("text", ["{", "", "<a", b"\xff", "[]", '{"resourceType": "Nonsense"}'])
def test_what_is_no_resource_is_about_any(text):
    assert {issue.profile for issue in Validator().check(text).issues} == {CORE + "Resource"}


def test_what_the_reader_finds_is_about_the_type():
    text = '{"resourceType": "Task", "status": "requested", "status": "draft", "intent": "order"}'
    assert {issue.profile for issue in Validator().check(text).issues} == {CORE + "Task"}


def test_base_only_leaves_every_profile_out():
    claimed = TASK | {"meta": {"profile": [REFERRAL, "https://clinic.test/lost"]}}
    assert origins(claimed)
    outcome = Validator(options=Options(base_only=True)).check(claimed | {"status": "x"})
    assert {(issue.rule, issue.profile) for issue in outcome.issues if issue.is_error} == {
        ("binding.required", CORE + "Task")
    }
    assert not [row for row in outcome.unchecked if row.rule == "profile.unknown"]
    heart = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
    }
    assert origins(heart)
    assert not origins(heart, options=Options(base_only=True))


@pytest.mark.parametrize(
    ("profile", "base"),
    [
        (CORE + "Task", "Task"),
        (CORE + "Resource", "Resource"),
        (CORE + "vitalsigns", None),
        (REFERRAL, None),
        (None, None),
    ],
)
def test_what_is_a_base(profile, base):
    assert base_of(profile) == base
