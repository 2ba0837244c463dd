"""Appointments that cannot be meant are asked again; what was split is answered by its parts; answers by phone."""

import html
from datetime import timedelta

import pytest

FOOD, RIDE = "food-insecurity", "transportation-insecurity"
HERE, OTHER = "lakeside-services", "north-end-hub"


def page_of(browser, referral):
    return html.unescape(browser.get(f"/portal/referrals/{referral}").text)


@pytest.fixture
def accepted(house):
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    return house, ana, referral


@pytest.mark.parametrize(
    ("day", "time", "wrong", "words"),
    [
        ("2020-01-01", "10:00", "day", "This day has passed."),
        ("2026-03-01", "10:00", "day", "This day has passed."),
        ("2062-03-09", "10:00", "day", "more than a year ahead"),
        ("2026-03-08", "02:30", "time", "There is no such time on that day"),
        ("2026-02-30", "10:00", "day", "Enter a day"),
        ("2026-03-09", "25:00", "time", "Enter a time"),
        ("", "", "day", "Enter the day of the appointment."),
    ],
)
def test_an_appointment_that_cannot_be_meant_is_asked_again_at_its_field(accepted, day, time, wrong, words):
    _house, ana, referral = accepted
    answer = ana.act(referral, "schedule", day=day, time=time, place="Room 2")
    assert answer.status_code == 422
    assert f'id="{wrong}-error"' in answer.text
    assert words in html.unescape(answer.text)
    assert 'value="Room 2"' in answer.text
    assert "recorded an appointment" not in page_of(ana, referral)


@pytest.mark.parametrize(("day", "time"), [("2026-03-02", "09:00"), ("2026-11-01", "01:30"), ("2027-03-01", "10:00")])
def test_an_appointment_of_today_or_later_is_stored(accepted, day, time):
    _house, ana, referral = accepted
    assert ana.act(referral, "schedule", day=day, time=time).status_code == 303
    assert "recorded an appointment" in page_of(ana, referral)


def parts(first=HERE, second=OTHER):
    return {"description__0": "Food", "category__0": FOOD, "partner__0": first,
            "description__1": "Ride", "category__1": RIDE, "partner__1": second}  # fmt: skip


def test_what_was_split_is_answered_by_its_parts_and_not_twice(house):
    prescription, referral = house.prescribe()
    kit, ana = house.browser("kit"), house.browser("ana")
    assert house.referrals(prescription)[0].partner == HERE
    assert kit.act(referral, "split", **parts()).status_code == 303
    food = house.referrals(prescription)[1].id
    listed = ana.get("/portal?list=to-answer").text
    assert f'/portal/referrals/{food}"' in listed
    assert f'/portal/referrals/{referral}"' not in listed
    assert not {"accept", "reject", "start"} & ana.offered(referral)
    assert {"accept", "reject"} <= ana.offered(food)
    assert "In parts" in page_of(ana, referral)
    house.work()
    house.clock.advance(timedelta(days=60))
    house.work()
    kit.sign_in("kit")
    overdue = kit.get("/portal?list=overdue").text
    assert f'/portal/referrals/{food}"' in overdue
    assert f'/portal/referrals/{referral}"' not in overdue


def test_a_split_says_at_its_fields_what_is_missing(house):
    _prescription, referral = house.prescribe("09-three-referrals")
    kit = house.browser("kit")
    for typed, wrong in (
        ({}, "description-0"),
        ({"description__1": "Food"}, "category-1"),
        ({"category__2": FOOD}, "description-2"),
        ({"partner__0": HERE}, "description-0"),
    ):
        answer = kit.act(referral, "split", **typed)
        assert answer.status_code == 422
        assert f'id="{wrong}-error"' in answer.text
        assert "guide" not in answer.text.partition('id="act"')[0]


def test_what_a_service_did_is_said_in_words_when_it_is_recorded_by_phone(house):
    prescription, referral = house.prescribe()
    kit = house.browser("kit")
    answer = kit.act(referral, "phone-answer", said="service-did-it")
    assert answer.status_code == 422
    assert 'id="words-error"' in answer.text
    assert kit.act(referral, "phone-answer", said="service-did-it", words="Two boxes").status_code == 303
    assert house.referrals(prescription)[0].status == "completed"
    assert "Two boxes" in page_of(kit, referral)


def test_a_service_that_is_passed_over_reads_the_reason(house):
    _prescription, referral = house.prescribe()
    assert house.browser("kit").act(referral, "forward", partner=OTHER, reason="It is nearer to him").status_code == 303
    text = page_of(house.browser("ana"), referral)
    assert "The requester passed it on to another service." in text
    assert "It is nearer to him" in text
