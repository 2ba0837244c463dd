"""What a service asks reaches the list of whoever can answer, and what they answer reaches the service's."""

import pytest

from footbridge.model.reasons import meaning_of

QUESTION = "Is she allergic to anything?"


def of_list(browser, name):
    return browser.get(f"/portal?list={name}").text


def waits(browser):
    return meaning_of("question") in of_list(browser, "waiting")


@pytest.fixture
def asked(both):
    """A service asks: the house, and the referral."""
    _prescription, referral = both.prescribe()
    both.browser("ana").act(referral, "message", text=QUESTION)
    return both, referral


def test_a_question_of_a_service_waits_for_those_who_ordered_until_it_is_answered(asked):
    house, referral = asked
    doctor, kit, ana = (house.browser(name) for name in ("doctor", "kit", "ana"))
    for browser in (doctor, kit):
        assert waits(browser)
        assert "Message to read" in of_list(browser, "to-answer")
        page = browser.get(f"/portal/referrals/{referral}").text
        assert meaning_of("question") in page
        assert QUESTION in page
    assert "Message to read" not in of_list(ana, "to-answer")  # her own
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")  # which answers nothing
    assert waits(doctor)
    assert doctor.act(referral, "message", text="No, to nothing.").status_code == 303
    assert not waits(doctor)
    assert not waits(kit)
    assert "Message to read" not in of_list(kit, "working")
    assert "Message to read" in of_list(ana, "working")
    assert "No, to nothing." in ana.get(f"/portal/referrals/{referral}").text


def test_a_question_that_was_answered_by_phone_waits_no_more(asked):
    house, referral = asked
    kit, ana = house.browser("kit"), house.browser("ana")
    assert "settle" not in ana.offered(referral)
    assert kit.act(referral, "settle", how="Told Ana that she is not").status_code == 303
    assert not waits(kit)
    assert "Message to read" not in of_list(kit, "to-answer")
    assert "Told Ana that she is not" in kit.get(f"/portal/referrals/{referral}").text
    assert "Told Ana that she is not" not in ana.get(f"/portal/referrals/{referral}").text
    assert "settle" not in kit.offered(referral)


def test_a_question_about_what_has_ended_waits_for_nobody(asked):
    house, referral = asked
    house.browser("ana").act(referral, "reject", why="full")
    assert not waits(house.browser("kit"))
