"""A service chosen in the directory: nobody else is asked in its place unseen, and every page names who was asked."""

import html
import re

import pytest
from support.portal import PANTRY
from support.spine import prescribed


def written(doctor, service, **typed):
    """A draft with the kitchen chosen, as far as its check page."""
    place = doctor.send(doctor.get("/portal/prescribe"), "/prescribe/new").headers["Location"]
    usual = {
        "given": "Arne", "family": "Lindqvist", "birth": "1948-02-03", "kind": "warm-connection",
        "category": "food-insecurity", "consent": "given", "phone": "+1 705 555 0101",
    }  # fmt: skip
    ending = place.rpartition("/")[2]
    for do in (f"choose:{service}", "propose", "check"):
        page = doctor.get(place)
        extra = {} if do == "check" else {"instructions": ""}
        answer = doctor.send(page, ending, **{"do": do, **usual, **extra, **typed})
        assert answer.status_code == 303, html.unescape(answer.text)
    return place


def text_of(answer):
    return html.unescape(answer.text)


def test_a_service_that_nobody_receives_for_is_not_exchanged_in_silence(house, listed):
    doctor = house.browser("doctor")
    place = written(doctor, listed())
    check = text_of(doctor.get(f"{place}/check"))
    assert f"No partner receives referrals for {PANTRY}." in check
    assert "Nothing leaves: nobody else is told." in check
    assert f"We will get in touch with {PANTRY} for you." in check
    sent = doctor.send(doctor.get(f"{place}/check"), "/send", follow=True)
    page = text_of(sent)
    assert "no service is informed yet" in page
    assert "on its way" not in page
    referral = sent.request.path.rpartition("/")[2]
    assert "Lindqvist" not in text_of(house.browser("ana").get("/portal?list=to-answer"))
    kit = text_of(house.browser("kit").get(f"/portal/referrals/{referral}"))
    for words in (PANTRY, "705-555-0142", "1 Elm Street", "Monday to Friday, 09:00 to 16:30"):
        assert kit.count(words) >= 2, words  # beside the decision, and in the prescription
    copy = text_of(doctor.get(f"/portal/referrals/{referral}/copy"))
    for words in (PANTRY, "1 Elm Street", "705-555-0142", f"We get in touch with {PANTRY} first."):
        assert words in copy


def test_another_service_is_asked_when_the_prescriber_says_so_and_the_person_is_told_which(house, listed):
    doctor = house.browser("doctor")
    place = written(doctor, listed(), instructions=f"We will tell {PANTRY} about you.")
    answer = doctor.send(doctor.get(f"{place}/check"), "/instead")
    assert answer.headers["Location"] == f"{place}/check"
    check = text_of(doctor.get(f"{place}/check"))
    assert "We will tell Lakeside Services about you." in check
    assert PANTRY not in check
    sent = doctor.send(doctor.get(f"{place}/check"), "/send", follow=True)
    assert "on its way" in sent.text
    copy = text_of(doctor.get(sent.request.path + "/copy"))
    assert "Lakeside Services gets in touch with you." in copy
    assert PANTRY not in copy


@pytest.mark.parametrize("linked", ["north-end-hub", None])
def test_the_copy_names_who_was_really_asked(house, listed, linked):
    """By the API a route may stand in; the person hears of the service that has the referral."""
    service = listed(linked=linked)
    _prescription, referral = house.prescribe(document=prescribed(service={"directoryId": service}))
    copy = text_of(house.browser("doctor").get(f"/portal/referrals/{referral}/copy"))
    if linked:
        assert f"{PANTRY} gets in touch with you." in copy
        assert "1 Elm Street" in copy
    else:
        assert "Lakeside Services gets in touch with you." in copy
        assert PANTRY not in copy


def test_a_signpost_says_where_and_when(house, listed):
    doctor = house.browser("doctor")
    place = written(doctor, listed(), kind="signpost", consent="")
    sent = doctor.send(doctor.get(f"{place}/check"), "/send", follow=True)
    assert "nobody else is informed" in text_of(sent)
    assert "No service asked yet" not in text_of(sent)
    copy = text_of(doctor.get(sent.request.path + "/copy"))
    for words in (PANTRY, "1 Elm Street, Loon Bay", "705-555-0142", "Monday to Friday, 09:00 to 16:30"):
        assert words in copy


def test_who_phones_about_an_old_record_sees_the_service_and_no_other_one_is_asked_for_it(house, listed):
    service = listed(assured_date="2020-01-01")
    _prescription, referral = house.prescribe(document=prescribed(service={"directoryId": service}))
    kit = house.browser("kit")
    place = f"/portal/referrals/{referral}"
    for page in (kit.get(place), kit.get(f"{place}/do/confirm-service"), kit.get(f"{place}/do/refute-service")):
        for words in (PANTRY, "705-555-0142", "1 January 2020"):
            assert words in text_of(page)
    assert "submit" not in kit.offered(referral)
    kit.act(referral, "confirm-service", reason="Ann")
    assert house.referrals(_prescription)[0].partner is None
    page = text_of(kit.get(place))
    assert "No service is asked yet." in page
    assert "705-555-0142" in page


def test_whoever_asks_for_consent_can_say_who_gets_it(house):
    _prescription, referral = house.prescribe(document=prescribed(consent=None, service=None), may_hold=["consent"])
    kit = house.browser("kit")
    for page in (kit.get(f"/portal/referrals/{referral}"), kit.get(f"/portal/referrals/{referral}/do/confirm-consent")):
        assert "It goes to: Lakeside Services" in text_of(page)


def test_an_identifier_says_what_it_is_and_ours_is_not_shown(house, listed):
    doctor = house.browser("doctor")
    listed()
    place = written(doctor, "two11:42", kind="signpost", consent="")
    sent = doctor.send(doctor.get(f"{place}/check"), "/send", follow=True)
    assert "Identifier" not in sent.text
    place = written(doctor, "two11:42", kind="signpost", consent="", card="9876543217", card_of="on")
    assert doctor.send(doctor.get(f"{place}/check"), "/apart").status_code == 303  # another Arne Lindqvist
    sent = doctor.send(doctor.get(f"{place}/check"), "/send", follow=True)
    assert "Health card (Ontario)" in sent.text
    assert "9876543217" in sent.text


def hits(doctor, **typed):
    """The hits beside a form that was just begun, as text."""
    place = doctor.send(doctor.get("/portal/prescribe"), "/prescribe/new").headers["Location"]
    page = doctor.get(place)
    answer = doctor.send(page, place.rpartition("/")[2], do="search", q="kitchen", kind="warm-connection", **typed)
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(doctor.get(answer.headers["Location"]))).split())


FACTS = {
    "eligibility_description": "Everybody who lives in Loon Bay.",
    "fees_description": "Two dollars a meal",
    "languages": [{"code": "fr"}, {"code": "cr"}],
    "capacities": [{"description": "Waiting list", "updated": "2026-01-03"}],
    "phones": [{"number": "705-555-0142", "extension": "3", "type": "voice"}],
    "assured_date": "2026-01-02",
}


def test_a_hit_shows_what_a_person_asks_before_choosing(house, listed):
    listed(**FACTS)
    said = hits(house.browser("doctor"))
    for text in (
        "705-555-0142, extension 3", "Monday to Friday", "1 Elm Street", "Two dollars a meal", "French, Cree",
        "Everybody who lives in Loon Bay.", "waiting list (3 January 2026)", "2 January 2026",
    ):  # fmt: skip
        assert text in said, text


@pytest.mark.parametrize(
    ("linked", "words"),
    [("north-end-hub", "receives the referral"), (None, "No partner receives referrals for it here")],
)
def test_a_hit_says_whether_a_referral_reaches_it(house, listed, linked, words):
    """Its own word that it accepts referrals is none, where no partner receives them for it."""
    listed(linked=linked)
    said = hits(house.browser("doctor"))
    assert words in said
    assert ("A referral reaches it" in said) == (linked is not None)
    assert "Accepts referrals" not in said
