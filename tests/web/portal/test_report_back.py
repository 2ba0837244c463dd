"""A navigator reports back: one form gives an outcome, a reason, a hand-over, new needs, and prescriptions for them."""

import html
import json
from datetime import timedelta

import pytest

from footbridge.data import folder
from footbridge.directory.search.gaps import gaps
from footbridge.store.resource_rows import Scope
from footbridge.store.search import search
from footbridge.validation import Validator

HUB = "north-end-hub"


@pytest.fixture
def taken_on(house):
    """Housing and money, taken on by the navigator; returns the ids of the prescription and of its referral."""

    def taken_on(**changes):
        house.clock.advance(timedelta(days=260))  # after it was written
        document = json.loads(folder("examples").joinpath("06-housing-navigation.json").read_bytes())
        del document["service"]
        prescription, referral = house.prescribe(document=document, **changes)
        kit = house.browser("kit")
        kit.send(kit.get(f"/portal/referrals/{referral}"), "/do/take-on")
        return prescription, referral

    return taken_on


def found(house, kind):
    with house.database.read() as connection:
        scope = Scope(connection, "north", house.clock.now())
        return [one.resource for one in search(scope, kind, [("_count", "100")], strict=True).matches]


def text_of(browser, referral):
    return html.unescape(browser.get(f"/portal/referrals/{referral}").text)


def test_one_answer_makes_an_outcome_a_reason_a_hand_over_and_a_new_need(house, taken_on):
    prescription, referral = taken_on()
    kit = house.browser("kit")
    assert "report-back" in kit.offered(referral)
    answer = kit.act(
        referral, "report-back", linked__0="linked", service__0="Shelter House", linked__1="not-linked",
        why__1="no-service", more__1="Closed since May <b>x</b> 🌙", by="Kit", to="Mo", welcome="yes",
        **{"found-category__0": "stress", "found-statement__0": "Cannot sleep"},
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    (row,) = house.referrals(prescription)
    assert row.status == "completed"
    (task,) = [one for one in found(house, "Task") if one["id"] == row.task]
    linked, missed, need = task["output"]
    assert linked["valueCodeableConcept"]["coding"][0]["code"] == "connected-with-service"
    assert "Shelter House" in linked["valueCodeableConcept"]["text"]
    assert missed["valueCodeableConcept"]["coding"][0]["code"] == "no-service"
    assert "There is no such service here" in task["statusReason"]["text"]
    kind, _slash, identity = need["valueReference"]["reference"].partition("/")
    (condition,) = [one for one in found(house, kind) if one["id"] == identity]
    assert "Cannot sleep" in json.dumps(condition)
    validator = Validator()
    for resource in (task, condition):
        assert [one for one in validator.validate(resource) if one.severity in {"error", "fatal"}] == []
    for who in ("kit", "doctor"):
        page = text_of(house.browser(who), referral)
        for words in ("Kit reported back as the navigator.", "Kit introduced the person to Mo.", "Cannot sleep",
                      "The welcome process was explained.", "Connected with a service: Unstable housing, Shelter House",
                      "Not linked with a service. There is no such service here: Financial insecurity, Closed since May <b>x</b> 🌙"):  # fmt: skip
            assert words in page, words
    with house.database.read() as connection:
        assert {one.category for one in gaps(connection, "north", small=1)} == {"financial-insecurity"}


def test_nothing_linked_fails_it_and_a_person_decides(house, taken_on):
    prescription, referral = taken_on()
    kit = house.browser("kit")
    said = {"linked__0": "not-linked", "why__0": "waiting-list", "linked__1": "not-linked", "why__1": "other-reason",
            "more__1": "He moved away"}  # fmt: skip
    assert kit.act(referral, "report-back", **said).status_code == 303
    (row,) = house.referrals(prescription)
    assert row.status == "failed"
    page = text_of(kit, referral)
    assert "Unstable housing: There is a waiting list. Financial insecurity: He moved away." in page
    assert "route" in kit.offered(referral)


def test_each_fault_stands_at_its_field_and_nothing_typed_is_lost(house, taken_on):
    prescription, referral = taken_on()
    kit = house.browser("kit")
    faults = [
        ({"linked__0": "linked"}, "linked-1"),
        ({"linked__0": "linked", "linked__1": "not-linked"}, "why-1"),
        ({"linked__0": "linked", "why__0": "barrier", "linked__1": "linked"}, "why-0"),
        ({"linked__0": "linked", "linked__1": "not-linked", "why__1": "other-reason"}, "more-1"),
        ({"linked__0": "linked", "linked__1": "linked", "by": "Kit"}, "to"),
        ({"linked__0": "linked", "linked__1": "linked", "found-category__1": "stress"}, "found-statement-1"),
        ({"linked__0": "linked", "linked__1": "linked", "found-statement__2": "Sad"}, "found-category-2"),
        ({"linked__0": "linked", "linked__1": "linked", "found-category__0": "stress", "found-statement__0": "Sad",
          "found-partner__0": HUB}, "found-agreed-0"),
    ]  # fmt: skip
    for typed, wrong in faults:
        answer = kit.act(referral, "report-back", **typed, words="Kept é 🌙")
        assert answer.status_code == 422
        assert f'id="{wrong}-error"' in answer.text, wrong
        assert "Kept é 🌙" in answer.text
    assert house.referrals(prescription)[0].status == "accepted"


def test_a_new_need_goes_to_a_service_by_a_prescription_of_its_own(house, taken_on):
    prescription, referral = taken_on()
    kit = house.browser("kit")
    said = {"linked__0": "linked", "linked__1": "linked", "found-category__0": "stress",
            "found-statement__0": "Cannot sleep", "found-partner__0": HUB, "found-agreed__0": "person-agrees"}  # fmt: skip
    page = kit.get(f"/portal/referrals/{referral}/do/report-back")
    assert [kit.send(page, "/do/report-back", **said).status_code for _click in range(2)] == [303, 303]
    text = text_of(kit, referral)
    assert text.count("added a need that was found") == 1
    (linked,) = [one for one in kit.get(f"/portal/referrals/{referral}").text.split('href="')
                 if "The prescription for a need that was found" in one]  # fmt: skip
    other = linked.partition('"')[0].rpartition("/")[2]
    bo = house.browser("bo")
    seen = text_of(bo, other)
    assert "Cannot sleep" in seen
    for other_words in ("missed rent", "Hours cut", "notice to leave"):
        assert other_words not in seen
    assert bo.get(f"/portal/referrals/{referral}").status_code == 404
    assert f"/portal/referrals/{referral}" in kit.get(f"/portal/referrals/{other}").text
    (order,) = [one for one in found(house, "ServiceRequest") if "basedOn" in one]
    assert house.referrals(prescription)[0].service_request in order["basedOn"][0]["reference"]


def test_the_navigator_of_a_service_reports_back_on_its_own_page(house):
    prescription, referral = house.prescribe("06-housing-navigation")
    bo, kit, ana = (house.browser(name) for name in ("bo", "kit", "ana"))
    bo.send(bo.get(f"/portal/referrals/{referral}"), "/do/accept")
    assert "report-back" in bo.offered(referral)
    form = bo.get(f"/portal/referrals/{referral}/do/report-back").text
    assert "found-partner-0" not in form
    assert ana.get(f"/portal/referrals/{referral}/do/report-back").status_code == 404
    said = {"linked__0": "linked", "linked__1": "not-linked", "why__1": "not-needed", "found-category__0": "stress",
            "found-statement__0": "Cannot sleep"}  # fmt: skip
    assert bo.act(referral, "report-back", **said).status_code == 303
    assert house.referrals(prescription)[0].status == "completed"
    assert "Cannot sleep" in text_of(kit, referral)


def test_a_service_that_is_no_navigator_does_not_report_back(house):
    _prescription, referral = house.prescribe()
    ana, kit = house.browser("ana"), house.browser("kit")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    for browser in (ana, kit):
        assert "report-back" not in browser.offered(referral)
        assert browser.get(f"/portal/referrals/{referral}/do/report-back").status_code == 409


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("social-connection", "Joined a group or an activity"),
        ("digital-access", "Gave or lent a device or a connection"),
        ("language-access", "Provided an interpreter"),
        ("sdoh-category-unspecified", "Connected with a service"),
    ],
)
def test_what_was_done_has_plain_words_for_each_need(house, category, words):
    house.clock.advance(timedelta(days=260))
    needs = [{"category": "food-insecurity", "statement": "Hungry"}, {"category": category, "statement": "More"}]
    prescription, referral = house.prescribe(needs=needs, goals=[], barriers=[], supports=[])
    ana = house.browser("ana")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    form = html.unescape(ana.get(f"/portal/referrals/{referral}/do/complete").text)
    assert "Provided food" in form
    assert words in form
    code = form.partition(f">{words}<")[0].rpartition('value="')[2].partition('"')[0]
    assert ana.act(referral, "complete", done=code).status_code == 303
    assert words in text_of(house.browser("kit"), referral)
    (task,) = [one for one in found(house, "Task") if one["id"] == house.referrals(prescription)[0].task]
    assert [one for one in Validator().validate(task) if one.severity in {"error", "fatal"}] == []
