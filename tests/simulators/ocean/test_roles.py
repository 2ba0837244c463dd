"""Who may change a referral, what Ocean refuses, and what it remarks on."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ocean_answers import (
    Box,
    answer,
    appointment,
    communication,
    header_of,
    ocean_with,
    post,
    resources,
    say,
    sent,
    task,
)  # fmt: skip

NEW = "22222222-2222-4222-8222-222222222222"
ROLE = "33333333-3333-4333-8333-333333333333"


def everything(ocean, ref):
    """What a change would show in."""
    referral = ocean.referral(ref)
    return referral.folder.id, len(referral.history), dict(referral.extra), referral.base, len(ocean.messages())


def accepted(box, ref):
    return answer(box.bundles[0], "notify-add-process-request", task(ref, "accepted"))


def test_only_the_current_target_may_change_a_referral(ocean, box):
    ref = sent(ocean)
    before = everything(ocean, ref)
    assert post(ocean, accepted(box, ref), site="5678").status == 403
    assert everything(ocean, ref) == before
    assert post(ocean, accepted(box, ref), site="1234").status == 200
    assert ocean.folder(ref) == "Pending Booking"


def forward(box, ref, *, system="id-referral-target-reference", listing="seniors_centre10000001", key=NEW):
    """A forward as OceanMD's own code builds it: a new request, and a role with nothing but the listing's identifier."""
    role = {"resourceType": "PractitionerRole", "identifier": [{"system": system, "value": listing}]}
    request = resources(box.bundles[0], "ServiceRequest")[0] | {
        "replaces": [{"reference": f"urn:uuid:{ref}"}],
        "performer": [{"reference": f"urn:uuid:{ROLE}"}],
        "category": [
            {"coding": [{"system": "http://snomed.info/sct", "code": "49634009", "display": "MISCELLANEOUS"}]}
        ],
    }
    moved = task(key, "requested")
    return answer(box.bundles[0], "notify-update-process-request", moved, add=((key, request), (ROLE, role)))


@pytest.mark.parametrize(
    "system",
    [
        "id-referral-target-reference",
        "https://ocean.example.test/svc/fhir/v1/NamingSystem/id-referral-target-reference",
    ],
)
def test_a_forward_makes_a_new_referral_at_the_other_listing_and_the_old_target_loses_it(ocean, box, system):
    ref = sent(ocean)
    assert post(ocean, forward(box, ref, system=system)).status == 200
    assert (ocean.folder(ref), ocean.folder(ref, "sent")) == ("Forwarded (All)", "Sent (All)")
    new = ocean.referral(NEW)
    assert (new.folder.received, new.listing, new.replaces) == ("New", "seniors_centre10000001", ref)
    assert (new.draft.category, new.draft.person) == ("49634009", ocean.referral(ref).draft.person)
    assert post(ocean, accepted(box, ref)).status == 403
    assert ocean.folder(ref) == "Forwarded (All)"
    taken = answer(box.bundles[0], "notify-add-process-request", task(NEW, "accepted"))
    header_of(taken)["extension"][0]["valueIdentifier"]["value"] = NEW
    assert post(ocean, taken, site="1234").status == 403
    assert ocean.folder(NEW) == "New"
    assert post(ocean, taken, site="5678").status == 200
    assert ocean.folder(NEW) == "Pending Booking"


def test_the_new_target_gets_the_forwarded_referral_as_a_new_one_that_names_the_old(ocean, box):
    other = Box()
    ocean.add_site("5678", receiver=other)
    ref = sent(ocean)
    post(ocean, forward(box, ref))
    ocean.run_due()
    assert other.events == ["add-service-request"]
    (request,) = resources(other.last, "ServiceRequest")
    assert request["replaces"][0]["identifier"]["value"] == ref
    assert request["identifier"][0]["value"] == NEW
    assert box.events[1:] == ["notify-update-service-request"]


@pytest.mark.parametrize("wrong", [{"listing": "unknown99999999"}, {"key": "task-1"}])
def test_a_forward_that_cannot_be_done_changes_nothing(ocean, box, wrong):
    ref = sent(ocean)
    before = everything(ocean, ref)
    assert post(ocean, forward(box, ref, **wrong)).status in {400, 404}
    assert everything(ocean, ref) == before


def test_a_forward_does_not_take_the_place_of_another_referral(ocean, box):
    first, second = sent(ocean), sent(ocean)
    before = everything(ocean, first)
    assert post(ocean, forward(box, first, key=second)).status == 409
    assert everything(ocean, first) == before


def test_a_cancelled_referral_stays_cancelled_and_the_answer_to_a_revoke_is_taken(ocean, box):
    ref = sent(ocean)
    ocean.users.cancel(ref)
    ocean.run_due()
    assert say(ocean, box, ref, "notify-update-process-request", task(ref, "cancelled")) == 200
    assert say(ocean, box, ref, "notify-update-process-request", task(ref, "accepted")) == 200
    assert say(ocean, box, ref, "notify-add-appointment", appointment(ref)) == 200
    assert post(ocean, forward(box, ref)).status == 200
    assert (ocean.folder(ref), len(ocean.ledger.referrals)) == ("Cancelled", 1)
    ocean.habits.after_end = "refuse"
    assert say(ocean, box, ref, "notify-update-process-request", task(ref, "accepted")) == 409
    assert say(ocean, box, ref, "notify-update-process-request", task(ref, "cancelled")) == 200


@pytest.mark.parametrize(("ref_of", "status"), [("", 200), ("99999999-9999-4999-8999-999999999999", 404)])
def test_the_referral_is_found_by_the_header_or_by_what_the_task_is_based_on(ocean, box, ref_of, status):
    ref = sent(ocean)
    bundle = accepted(box, ref)
    header_of(bundle)["extension"][0]["valueIdentifier"]["value"] = ref_of
    assert post(ocean, bundle).status == status
    assert ocean.folder(ref) == ("Pending Booking" if status == 200 else "New")


def test_the_older_extension_of_the_header_is_read_in_an_answer_to_v0_11(ocean, box):
    ref = sent(ocean)
    bundle = accepted(box, ref)
    url = "http://ehealthontario.ca/fhir/StructureDefinition/ext-id-message-header"
    header_of(bundle)["extension"] = [{"url": url, "valueString": ref}]
    assert post(ocean, bundle).status == 200
    assert ocean.folder(ref) == "Pending Booking"


def change(bundle, how):
    how(bundle)
    return bundle


WRONG = {
    "no header": lambda one: one["entry"].pop(0),
    "no event": lambda one: header_of(one).pop("eventCoding"),
    "no focus": lambda one: header_of(one).pop("focus"),
    "a focus that is not there": lambda one: header_of(one).update(focus=[{"reference": "urn:uuid:nothing"}]),
    "another type in focus": lambda one: header_of(one).update(focus=[{"reference": one["entry"][2]["fullUrl"]}]),
    "no status": lambda one: one["entry"][1]["resource"].pop("status"),
    "not a message": lambda one: one.update(type="transaction"),
    "no entries": lambda one: one.update(entry=None),
    "two refs": lambda one: header_of(one)["extension"].append(
        {"url": "http://ehealthontario.ca/fhir/StructureDefinition/ext-id-message-header", "valueString": "another"}
    ),
    "a removed event": lambda one: header_of(one)["eventCoding"].update(code="add-rfi"),
    "an unknown event": lambda one: header_of(one)["eventCoding"].update(code="hello"),
    "an event of Ocean": lambda one: header_of(one)["eventCoding"].update(code="add-service-request"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_refused_with_a_reason_and_changes_nothing(ocean, box, wrong):
    ref = sent(ocean)
    before = everything(ocean, ref)
    refused = post(ocean, change(accepted(box, ref), WRONG[wrong]))
    assert refused.status == 400
    assert refused.body["issue"][0]["severity"] == "error"
    assert refused.body["issue"][0]["diagnostics"].endswith(".")
    assert everything(ocean, ref) == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"<Bundle/>", b"\xff", b'{"resourceType":"Bundle"}', b"[" * 5000]
)
def test_what_is_not_a_bundle_is_refused(ocean, body):
    sent(ocean)
    assert ocean.process("1234", body).status == 400


ANY = st.recursive(st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)), max_leaves=5)  # fmt: skip


def places(value, path=()):
    """Every path of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(below for key, one in inner for below in places(one, (*path, key)))]


@given(data=st.data())
def test_whatever_is_in_a_message_it_is_applied_or_refused_and_the_next_ones_still_go(data):
    box = Box()
    ocean = ocean_with(box, version=data.draw(st.sampled_from(["0.11", "0.10"])))
    ref = sent(ocean)
    bundle = answer(
        box.bundles[0], "notify-update-process-request", task(ref, "accepted"), add=((NEW, communication(ref)),)
    )
    for _time in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([one for one in places(bundle) if one]))
        inside = bundle
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = data.draw(ANY)
    before = everything(ocean, ref)
    status = post(ocean, bundle).status
    assert status in {200, 400, 404, 422}
    assert status == 200 or everything(ocean, ref) == before
    ocean.users.set_status(ref, "completed")
    ocean.run_due()
    assert ocean.folder(ref) == "Completed"
    assert box.events[-1] == "notify-update-service-request"


def test_an_appointment_needs_a_real_date_and_without_one_moves_nothing(ocean, box):
    ref = sent(ocean)
    assert say(ocean, box, ref, "notify-add-appointment", appointment(ref, start=None, status="proposed")) == 200
    assert ocean.folder(ref) == "New"
    for start in ("soon", "2026-13-01T10:00:00Z", "2026-03-09T10:00:00"):
        assert say(ocean, box, ref, "notify-add-appointment", appointment(ref, start=start)) == 400
    assert ocean.folder(ref) == "New"
    say(ocean, box, ref, "notify-add-appointment", appointment(ref, said=("accepted", "tentative")))
    assert ocean.folder(ref) == "Booking Unconfirmed"
    say(ocean, box, ref, "notify-add-appointment", appointment(ref, status="cancelled", said=("declined",)))
    assert ocean.folder(ref) == "Pending Booking"


def test_a_correction_replaces_the_patient_and_returns_as_an_update(ocean, box):
    ref = sent(ocean)
    patient = resources(box.bundles[0], "Patient")[0] | {"name": [{"family": "Corrected"}]}
    assert say(ocean, box, ref, "notify-data-correction", patient) == 200
    assert [one["name"] for one in resources(box.last, "Patient")] == [[{"family": "Corrected"}]]
    assert (box.events[-1], ocean.folder(ref)) == ("notify-update-service-request", "New")


def test_a_correction_of_another_type_under_a_known_id_does_not_replace_what_was_there(ocean, box):
    ref = sent(ocean)
    role = box.bundles[0]["entry"][2]["fullUrl"].removeprefix("urn:uuid:")
    device = {"resourceType": "Device", "id": role}
    assert say(ocean, box, ref, "notify-data-correction", device) == 200
    assert len(resources(box.last, "PractitionerRole")) == 2


def findings(ocean, bundle):
    assert post(ocean, bundle).status == 200
    return " ".join(ocean.arrivals()[-1].findings)


REMARKS = {
    "Bundle has no id": lambda one: one.pop("id"),
    "author is missing": lambda one: header_of(one).pop("author"),
    "acting person": lambda one: header_of(one).update(author=header_of(one)["destination"][0]["receiver"]),
    "no Patient": lambda one: one.update(entry=[e for e in one["entry"] if e["resource"]["resourceType"] != "Patient"]),
    "no ServiceRequest": lambda one: one.update(
        entry=[e for e in one["entry"] if e["resource"]["resourceType"] != "ServiceRequest"]
    ),
    "not process-request": lambda one: one["entry"][1]["resource"].pop("code"),
    "basedOn is missing": lambda one: one["entry"][1]["resource"].pop("basedOn"),
    "statusReason is missing": lambda one: one["entry"][1]["resource"].update(status="on-hold"),
    "not returned unchanged": lambda one: resources(one, "ServiceRequest")[0].update(identifier=[]),
    "same id": lambda one: one["entry"].append(one["entry"][1]),
    "eventCoding.system": lambda one: header_of(one)["eventCoding"].update(system="http://ehealthontario.ca/x"),
}


@pytest.mark.parametrize("remark", REMARKS)
def test_a_departure_from_the_guides_is_taken_and_remarked_on(remark):
    box = Box()
    ocean = ocean_with(box)
    ocean.refer(ocean.generator.draft(need="food"))
    ocean.run_due()
    ref = ocean.folders()["New"][0]
    assert remark not in findings(ocean, accepted(box, ref))
    assert remark in findings(ocean, change(accepted(box, ref), REMARKS[remark]))


def test_a_message_that_comes_twice_is_marked(ocean, box):
    ref = sent(ocean)
    body = json.dumps(accepted(box, ref)).encode()
    ocean.process("1234", body)
    ocean.process("1234", body)
    assert [one.repeated for one in ocean.arrivals(ref)] == [False, True]
