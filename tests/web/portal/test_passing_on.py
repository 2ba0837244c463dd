"""A referral goes on to another service: passed on by those who ordered, or handed back by the service that has it."""

import html
import json
import threading

import pytest

from footbridge.data import folder
from footbridge.model.reasons import meaning_of
from footbridge.store.partners import Partner, add_partner

OTHER = "north-end-hub"


def example(name):
    return json.loads(folder("examples").joinpath(f"{name}.json").read_bytes())


def page_of(browser, referral):
    return html.unescape(browser.get(f"/portal/referrals/{referral}").text)


def tries(house, prescription):
    return [(row.partner, row.status) for row in house.referrals(prescription)]


def bring_to(ana, referral, status):
    for action in {"requested": [], "accepted": ["accept"], "in-progress": ["accept", "start"]}.get(status, ["accept"]):
        ana.send(ana.get(f"/portal/referrals/{referral}"), f"/do/{action}")
    if status == "on-hold":
        assert ana.act(referral, "hold", reason="Full this week").status_code == 303


@pytest.mark.parametrize(
    ("who", "at"), [("kit", "requested"), ("doctor", "accepted"), ("kit", "in-progress"), ("doctor", "on-hold")]
)
def test_those_who_ordered_pass_it_on_from_every_open_status(house, who, at):
    prescription, referral = house.prescribe()
    ana, asked = house.browser("ana"), house.browser(who)
    bring_to(ana, referral, at)
    form = asked.get(f"/portal/referrals/{referral}/do/forward")
    assert "north-end-hub" in form.text
    assert "lakeside-services" not in form.text  # which has it
    answer = asked.send(form, "/do/forward", partner=OTHER, reason="It is nearer to him")
    assert answer.status_code == 303
    assert tries(house, prescription) == [("lakeside-services", "cancelled"), (OTHER, "requested")]
    newer = house.referrals(prescription)[-1]
    assert newer.id in answer.location
    text = page_of(asked, newer.id)
    assert f"{who.title()} passed it on to another service." in text
    assert "North End Hub is asked now." in text
    assert "declined it" not in text
    assert "declined." not in text
    old = page_of(ana, referral)
    assert "passed it on to another service" in old
    assert "Lindqvist" not in old
    assert "North End Hub" not in old
    bo = house.browser("bo")
    assert "Lindqvist" in page_of(bo, newer.id)
    assert "accept" in bo.offered(newer.id)
    assert "It is nearer" not in page_of(bo, newer.id)


def test_a_form_without_a_service_or_with_the_one_that_has_it_is_refused_at_its_field(house):
    prescription, referral = house.prescribe()
    kit = house.browser("kit")
    for partner in ("", "lakeside-services", "nobody"):
        answer = kit.act(referral, "forward", partner=partner)
        assert answer.status_code == 422
        assert 'id="partner-error"' in answer.text
    assert tries(house, prescription) == [("lakeside-services", "requested")]


def test_double_clicks_and_two_people_ask_one_service_once(both):
    prescription, referral = both.prescribe()
    kit, doctor = both.browser("kit"), both.browser("doctor")
    mine, theirs = (one.get(f"/portal/referrals/{referral}/do/forward") for one in (kit, doctor))
    answers = []
    clicks = [
        threading.Thread(target=lambda: answers.append(kit.send(mine, "/do/forward", partner=OTHER)))
        for _click in range(3)
    ]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert [one.status_code for one in answers] == [303, 303, 303]
    assert len({one.location for one in answers}) == 1
    late = doctor.send(theirs, "/do/forward", partner=OTHER, reason="Typed by the doctor")
    assert late.status_code == 409
    assert "Kit passed it on to another service." in late.text
    assert "Typed by the doctor" in late.text
    assert tries(both, prescription) == [("lakeside-services", "cancelled"), (OTHER, "requested")]


def test_a_late_answer_of_the_service_that_had_it_changes_nothing(house):
    prescription, referral = house.prescribe()
    ana = house.browser("ana")
    page = ana.get(f"/portal/referrals/{referral}")
    house.browser("kit").act(referral, "forward", partner=OTHER)
    answer = ana.send(page, "/do/accept")
    assert answer.status_code == 409
    assert "passed it on to another service" in answer.text
    assert tries(house, prescription) == [("lakeside-services", "cancelled"), (OTHER, "requested")]


def test_a_service_hands_it_back_and_those_who_ordered_choose(house):
    prescription, referral = house.prescribe()
    ana, kit, doctor = (house.browser(name) for name in ("ana", "kit", "doctor"))
    bring_to(ana, referral, "accepted")
    assert "hand-back" not in kit.offered(referral)
    assert "forward" not in ana.offered(referral)
    assert ana.act(referral, "hand-back").status_code == 422
    answer = ana.act(referral, "hand-back", reason="He needs a grief counsellor", suggested="The Hospice")
    assert answer.status_code == 303
    assert tries(house, prescription) == [("lakeside-services", "cancelled")]  # nobody is asked by itself
    assert "Lindqvist" not in page_of(ana, referral)
    for browser in (kit, doctor):
        assert meaning_of("hand-back") in html.unescape(browser.get("/portal?list=waiting").text)
        text = page_of(browser, referral)
        assert "Ana (Lakeside Services) handed it back" in text
        assert "He needs a grief counsellor" in text
        assert "It suggests: The Hospice" in text
    assert kit.act(referral, "route", partner=OTHER).status_code == 303
    assert tries(house, prescription) == [("lakeside-services", "cancelled"), (OTHER, "requested")]
    assert meaning_of("hand-back") not in html.unescape(kit.get("/portal?list=waiting").text)


def test_what_was_handed_back_can_be_withdrawn(house):
    prescription, referral = house.prescribe()
    house.browser("ana").act(referral, "hand-back", reason="Not for us")
    kit = house.browser("kit")
    assert kit.act(referral, "withdraw", reason="He changed his mind").status_code == 303
    assert meaning_of("hand-back") not in html.unescape(kit.get("/portal?list=waiting").text)
    assert "withdraw" not in kit.offered(referral)
    assert tries(house, prescription) == [("lakeside-services", "cancelled")]


def test_a_part_goes_on_without_the_whole(house):
    prescription, referral = house.prescribe("09-three-referrals")
    kit = house.browser("kit")
    parts = {"description__0": "Food", "category__0": "food-insecurity", "partner__0": "lakeside-services",
             "description__1": "Ride", "category__1": "transportation-insecurity", "partner__1": OTHER}  # fmt: skip
    assert kit.act(referral, "split", **parts).status_code == 303
    assert "forward" not in kit.offered(referral)
    first = house.referrals(prescription)[1]
    assert kit.act(first.id, "forward", partner=OTHER).status_code == 303
    rows = house.referrals(prescription)
    assert [(row.partner, row.status) for row in rows if row.category == "food-insecurity"] == [
        ("lakeside-services", "cancelled"),
        (OTHER, "requested"),
    ]
    assert rows[0].status == "requested"


def test_what_a_navigator_took_on_goes_to_a_service(house):
    document = example("06-housing-navigation")
    del document["service"]
    prescription, referral = house.prescribe(document=document)
    kit = house.browser("kit")
    assert kit.send(kit.get(f"/portal/referrals/{referral}"), "/do/take-on").status_code == 303
    assert {"route", "complete"} <= kit.offered(referral)
    assert "forward" not in kit.offered(referral)
    assert kit.act(referral, "route", partner=OTHER).status_code == 303
    assert tries(house, prescription) == [(None, "cancelled"), (OTHER, "requested")]


def test_consent_decides_whom_it_may_go_to(house):
    with house.database.write() as connection:
        add_partner(connection, "north", Partner("clinic", "hosted", "recipient", "Clinic", "", custodian=True),
                    house.clock.now())  # fmt: skip
    implied = {"status": "given", "basis": "implied", "given": "2026-03-02", "scope": ["contact", "needs"]}
    clinic = {"partner": "clinic", "description": "A talk"}
    prescription, referral = house.prescribe(consent=implied, service=clinic, may_hold=("consent",))
    kit = house.browser("kit")
    answer = kit.act(referral, "forward", partner=OTHER)
    assert answer.status_code == 409
    assert tries(house, prescription) == [("clinic", "requested")]
    assert kit.act(referral, "withdraw-consent").status_code == 303
    assert "forward" not in kit.offered(referral)
