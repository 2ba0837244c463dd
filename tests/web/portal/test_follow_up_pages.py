"""What a person answered is read on the page; who said what is told; and nobody tries where contact is not safe."""

import html
from datetime import timedelta

import pytest

from footbridge.errors import LifecycleError
from footbridge.model.principals import Principal
from footbridge.referrals.command import Command
from footbridge.referrals.commands import carry_out
from footbridge.store.routes import set_route
from footbridge.store.tables import job

KIT = Principal("navigator", name="Kit", tenant="north", channel="portal")


def text_of(answer):
    return html.unescape(answer.text)


@pytest.fixture
def due(house):
    """A prescription whose follow-up is due; returns its referral."""

    def due(**changes):
        prescription, referral = house.prescribe(**changes)
        house.clock.advance(timedelta(days=300))
        house.work()
        return prescription, referral

    return due


def test_the_answer_is_on_the_page(house, due):
    _prescription, referral = due()
    kit = house.browser("kit")
    answer = kit.act(
        referral, "answer", happened="partly", barriers=["economic", "other"], satisfaction="partly-right",
        reason="Went once.",
    )  # fmt: skip
    assert answer.status_code == 303, text_of(answer)
    page = text_of(house.browser("doctor").get(f"/portal/referrals/{referral}"))
    for words in ("Did it happen? Partly", "What got in the way: Money, Other", "In part", "Went once."):
        assert words in page


def test_nobody_is_asked_to_try_a_person_whom_contact_endangers(house, due):
    prescription, referral = due()
    kit, doctor = house.browser("kit"), house.browser("doctor")
    assert "not-reached" in kit.offered(referral)
    before = kit.get(f"/portal/referrals/{referral}/do/not-reached")
    kit.act(referral, "prohibit-contact", reason="Told me")
    for browser in (kit, doctor):
        assert "not-reached" not in browser.offered(referral)
    assert "prohibit-contact" not in kit.offered(referral)  # it is marked
    assert kit.send(before, "/do/not-reached", reason="phoned").status_code == 409
    with pytest.raises(LifecycleError):
        carry_out(house.database, house.clock, KIT, prescription, Command("not-reached"))
    assert "Speak with the person only when you see them." in text_of(doctor.get(f"/portal/referrals/{referral}"))
    assert referral in doctor.get("/portal?list=follow-up").text


def test_a_try_counts_only_while_the_follow_up_is_due_and_the_next_day_is_told(house, due):
    _prescription, referral = due()
    kit = house.browser("kit")
    kit.act(referral, "not-reached", reason="phoned")
    assert "not-reached" not in kit.offered(referral)  # four clicks in a minute are one try
    after = house.clock.now() + timedelta(days=2)
    page = text_of(kit.get(f"/portal/referrals/{referral}"))
    assert f"{after.day} {after:%B %Y}" in page
    house.clock.advance(timedelta(days=3))
    house.work()
    kit.sign_in("kit")
    assert "not-reached" in kit.offered(referral)
    listed = text_of(kit.get("/portal?list=follow-up"))
    assert f"due {after.day} {after:%B %Y}" in listed


def test_who_accepted_is_told_and_who_recorded_it(house):
    _prescription, referral = house.prescribe()
    kit = house.browser("kit")
    wrong = kit.act(referral, "phone-answer", said="service-accepts", why="full")
    assert wrong.status_code == 422
    assert 'id="why-error"' in wrong.text
    assert kit.act(referral, "phone-answer", said="service-accepts").status_code == 303
    assert "Lakeside Services accepted, as Kit recorded." in text_of(kit.get(f"/portal/referrals/{referral}"))


def test_a_navigator_takes_on_what_no_service_is_asked_for(house):
    with house.database.write() as connection:
        set_route(connection, "north", "*", [])
    _prescription, referral = house.prescribe("04-art-class")
    kit = house.browser("kit")
    assert not {"submit", "accept", "reject"} & kit.offered(referral)
    assert "take-on" not in house.browser("doctor").offered(referral)
    kit.send(kit.get(f"/portal/referrals/{referral}"), "/do/take-on")
    page = text_of(kit.get(f"/portal/referrals/{referral}"))
    assert "Kit took it on." in page
    assert "sent to" not in page
    assert "Start the work" in page


def test_the_list_says_that_the_service_does_not_have_it(house):
    _prescription, referral = house.prescribe()
    kit = house.browser("kit")
    assert "does not have it yet" not in kit.get("/portal?list=to-answer").text
    with house.database.write() as connection:
        connection.execute(job.update().where(job.c.kind == "deliver").values(attempts=3))
    page = kit.get("/portal?list=to-answer").text
    assert referral in page
    assert "The service does not have it yet" in page
    assert "does not have it yet" not in house.browser("ana").get("/portal?list=to-answer").text


def test_all_referrals_of_a_person_are_on_one_page(house):
    first, referral = house.prescribe(number=1)
    _second, other = house.prescribe(number=2)
    carry_out(house.database, house.clock, KIT, first, Command("accept"))
    page = house.browser("kit").get(f"/portal?of={first}").text
    assert referral in page
    assert other in page


def test_services_for_the_need_come_first(house):
    with house.database.write() as connection:
        set_route(connection, "north", "*", [])
        set_route(connection, "north", "stress", ["north-end-hub"])
    _prescription, referral = house.prescribe("04-art-class", service=None)
    page = text_of(house.browser("kit").get(f"/portal/referrals/{referral}/do/replace"))
    hub, lakeside = page.index("North End Hub (asked first for this category)"), page.index("Lakeside Services")
    assert hub < lakeside
