"""The guide's text: each rule on a resource that breaks it, and on one that meets it."""

import pytest

from footbridge.data import folder
from footbridge.mapping import to_bundle
from footbridge.mapping.validate_input import accept
from footbridge.validation import Options, Validator
from footbridge.validation.packs.files import rules_of

ST = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/"
OURS = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
SDC = "http://hl7.org/fhir/uv/sdc/CodeSystem/temp"
ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}
ASKING = ["questionnaire", "questionnaire-pdf", "questionnaire-url", "questionnaire-category"]


def test_task_1_counts_the_kinds_of_questionnaire(task, warned):
    all_three = task("complete-questionnaire", ASKING, system=SDC)
    assert warned(all_three) == [("guide-intent.task-1", "Task.input")]
    assert not any(issue.rule == "invariant.SDOH-Task-1" for issue in Validator().validate(all_three))
    assert warned(task("complete-questionnaire", ["questionnaire", "questionnaire-category"], system=SDC)) == []


def test_where_the_letter_is_broken_the_rule_is_silent(task, warned):
    nothing = task("complete-questionnaire", system=SDC)
    assert any(issue.rule == "invariant.SDOH-Task-1" for issue in Validator().validate(nothing))
    assert warned(nothing) == []


@pytest.mark.parametrize(
    ("rule", "code", "inputs", "right"),
    [
        ("task-2", "general-information", [], "general-information-response"),
        ("task-5", "other", ["questionnaire"], "questionnaire-response"),
        ("task-6", "other", ["questionnaire-pdf"], "questionnaire-pdf-completed"),
        ("task-7", "make-contact", ["contact-entity"], "chosen-contact"),
    ],
)
def test_every_output_is_of_the_right_kind(task, warned, rule, code, inputs, right):
    wrong = (f"guide-intent.{rule}", "Task.output")
    assert wrong in warned(task(code, inputs, [right, "resulting-activity"]))
    assert warned(task(code, inputs, [right])) == []
    assert warned(task(code, inputs)) == []


def test_task_2_and_7_speak_where_the_invariants_do_not(task, warned):
    for code, inputs in (("general-information", []), ("make-contact", ["contact-entity"])):
        resource = task(code, inputs, ["resulting-activity"])
        assert not any(issue.rule.startswith("invariant.SDOH") for issue in Validator().validate(resource))
        assert warned(resource)


@pytest.mark.parametrize(
    ("focus", "good"),
    [
        (None, False),
        ({"reference": "Patient/1"}, False),
        ({"reference": "Patient/1", "type": "DocumentReference"}, False),
        ({"display": "x", "type": "Patient"}, False),
        ({"reference": "DocumentReference/1"}, True),
        ({"reference": "https://fhir.clinic.test/DocumentReference/1/_history/2"}, True),
        ({"reference": "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7"}, True),
        ({"type": "DocumentReference", "identifier": {"value": "x"}}, True),
    ],
)
def test_task_3_wants_a_document(task, warned, focus, good):
    more = {} if focus is None else {"focus": focus}
    found = warned(task("review-material", **more))
    assert [rule for rule, _ in found] == ([] if good else ["guide-intent.task-3"])


def test_resources_in_a_bundle_are_asked_too(task, warned):
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7", "resource": task("review-material")},
        ],
    }
    assert warned(bundle) == [("guide-intent.task-3", "Bundle.entry[0].resource")]


def test_a_sub_referral_by_another_requester_is_a_filler_order(warned):
    claim = {"meta": {"profile": [ST + "SDOHCC-ServiceRequest"]}}
    first = {"resourceType": "ServiceRequest", "requester": {"reference": "PractitionerRole/1"}, "intent": "order"}
    sub = {"resourceType": "ServiceRequest", **claim, "basedOn": [{"reference": "ServiceRequest/1"}]}

    def told(request, base=first):
        rows = [("ServiceRequest/1", base), ("ServiceRequest/2", request)]
        entries = [
            {"fullUrl": f"https://fhir.clinic.test/{path}", "resource": resource | {"id": path[-1]}}
            for path, resource in rows
        ]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        return [place for rule, place in warned(bundle) if rule == "guide-intent.sub-referral-intent"]

    platform = {"requester": {"reference": "Organization/1"}}
    assert told(sub | platform | {"intent": "original-order"}) == ["Bundle.entry[1].resource.intent"]
    assert told(sub | platform | {"intent": "filler-order"}) == []
    assert told(sub | {"requester": first["requester"], "intent": "order"}) == [], "the same one asks for more"
    assert told(sub | platform | {"intent": "order"}, base={"resourceType": "CarePlan"}) == []
    assert told(platform | {"resourceType": "ServiceRequest", **claim, "intent": "order"}) == []


def test_our_own_supports_are_no_sub_referrals(warned):
    examples = [path for path in folder("examples").iterdir() if path.name[:2].isdigit()]
    mapped = [to_bundle(accept(path.read_bytes(), jurisdiction="us").prescription).bundle for path in examples]
    assert any("basedOn" in row["resource"] for bundle in mapped for row in bundle["entry"])
    assert [rule for bundle in mapped for rule, _ in warned(bundle) if rule.startswith("guide-intent.")] == []


@pytest.mark.parametrize("status", ["rejected", "cancelled", "on-hold", "failed"])
def test_a_reason_is_told(task, warned, status):
    referral = task("fulfill", status=status, meta={"profile": [ST + "SDOHCC-TaskForReferralManagement"]})
    assert warned(referral) == [("guide-intent.status-reason", "Task")]
    assert warned(referral | {"statusReason": {"text": "x"}}) == []
    patient = [("guide-intent.status-reason-patient", "Task")] if status == "cancelled" else []
    assert warned(task("other", status=status)) == patient


def test_an_enrollment_status_is_of_the_category_sdoh(warned):
    observation = {
        "resourceType": "Observation",
        "meta": {"profile": [ST + "SDOHCC-ObservationProgramEnrollmentStatus"]},
    }
    sdoh = {"coding": [{"system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "code": "sdoh"}]}
    assert warned(observation) == [("guide-intent.enrollment-category", "Observation")]
    assert warned(observation | {"category": [sdoh]}) == []


@pytest.mark.parametrize(
    ("kind", "profile", "element"),
    [
        ("Task", "SDOHCC-TaskForPatient", "_authoredOn"),
        ("Task", "SDOHCC-TaskForReferralManagement", "focus"),
        ("Condition", "SDOHCC-Condition", "subject"),
        ("Consent", "SDOHCC-Consent", "_dateTime"),
        ("Procedure", "SDOHCC-Procedure", "subject"),
    ],
)
def test_a_reason_why_a_value_is_absent_is_no_value(warned, kind, profile, element):
    resource = {"resourceType": kind, "meta": {"profile": [ST + profile]}, element: ABSENT}
    assert (f"guide-intent.absent-{kind.lower()}", kind) in warned(resource)
    assert warned(resource | {element: None}) == []


def test_only_resources_of_the_guide_are_asked(task, warned):
    resource = task("make-contact", ["contact-entity"], ["resulting-activity"])
    del resource["meta"]
    assert warned(resource) == []
    assert warned(resource, [ST + "SDOHCC-TaskForPatient"]) != []


def test_it_can_be_switched_off(task, warned):
    resource = task("make-contact", ["contact-entity"], ["resulting-activity"])
    assert warned(resource, validator=Validator(options=Options(packs=frozenset()))) == []


def test_every_rule_tells_where_it_comes_from():
    rows = rules_of("guide-intent")
    assert len({row["id"] for row in rows}) == len(rows) >= 13
    for row in rows:
        assert row["id"].startswith("guide-intent.")
        assert row["why"]
        assert row["message"].endswith(".")
        assert row["spec"].startswith("http://hl7.org/fhir/us/sdoh-clinicalcare/")
