"""Writing a prescription in the portal: from an empty page to a referral, and all that goes wrong on the way."""

import html
import re

import pytest
from support.portal import Forms

from footbridge.i18n import LANGUAGES
from footbridge.store.tables import prescription as table


def begin(browser):
    answer = browser.send(browser.get("/portal/prescribe"), "/prescribe/new")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


USUAL = {
    "given": "Arne", "family": "Lindqvist", "birth": "1948-02-03", "phone": "+1 705 555 0101",
    "kind": "warm-connection", "category": "social-connection", "consent": "given", "partner": "lakeside-services",
}  # fmt: skip


def write(browser, place, do="check", **typed):
    """Fill in the form and press a button of it."""
    return browser.send(browser.get(place), place.rpartition("/")[2], **{"do": do, **USUAL, **typed})


def text_of(answer):
    return html.unescape(answer.text)


def test_a_prescription_is_written_checked_and_sent(both):
    doctor = both.browser("doctor")
    place = begin(doctor)
    answer = write(doctor, place, **{"need-social-connection": "He sees nobody.", "goal-social-connection": "Company"})
    assert answer.status_code == 303, text_of(answer)
    assert answer.headers["Location"] == f"{place}/check"
    page = doctor.get(f"{place}/check")
    assert "Lakeside Services" in page.text
    assert "He sees nobody." in page.text
    sent = doctor.send(page, "/send", follow=True)
    assert sent.status_code == 200, sent.text
    assert "The prescription is on its way." in sent.text
    referral = sent.request.path.rpartition("/")[2]
    ana = both.browser("ana")
    assert "He sees nobody." in ana.get(f"/portal/referrals/{referral}").text
    assert "Lindqvist" not in doctor.get("/portal/prescribe").text


def test_sent_twice_it_is_there_once(both):
    doctor = both.browser("doctor")
    place = begin(doctor)
    write(doctor, place)
    check, other = doctor.get(f"{place}/check"), doctor.get(f"{place}/check")
    first, second = doctor.send(check, "/send"), doctor.send(other, "/send")
    assert first.headers["Location"] == second.headers["Location"]
    assert doctor.get(place).headers["Location"] == first.headers["Location"]
    assert doctor.get(f"{place}/check").headers["Location"] == first.headers["Location"]
    assert len(re.findall("Lindqvist", both.browser("kit").get("/portal?list=to-answer").text)) == 1


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(house):
    doctor = house.browser("doctor")
    place = begin(doctor)
    answer = write(
        doctor,
        place,
        kind="",
        category="",
        consent="",
        birth="2099-01-01",
        email="no address",
        follow_due="some day",
        own_words="\U0001f331 x",
    )
    assert answer.status_code == 422
    for field in ("kind", "category", "follow_due"):
        assert f'id="{field}-error"' in answer.text, field
        assert f'href="#{field}"' in answer.text, field
    assert "no address" in answer.text
    assert "\U0001f331 x" in answer.text
    assert 'id="birth-error"' in write(doctor, place, birth="2099-01-01").text
    answer = write(doctor, place, email="no address", own_words="\U0001f331 x", consent="")
    assert 'id="consent-error"' in answer.text
    again = house.browser("doctor").get(place)
    assert "no address" in again.text
    assert "\U0001f331 x" in again.text


NOBODY = {"given": "", "family": ""}
UNFIT = [
    (NOBODY, "given"),
    (NOBODY | {"kind": "navigator", "partner": ""}, "given"),
    ({"phone": ""}, "phone"),
    ({"phone": "", "email": "a@care.example", "prefer": "sms"}, "phone"),
    ({"prefer": "email"}, "email"),
    ({"phone": "", "email": "a@care.example", "follow_due": "2126-01-05", "follow_method": "phone"}, "follow_method"),
    ({"follow_due": "2126-01-05", "follow_method": "letter"}, "follow_method"),
    ({"follow_due": "", "follow_method": "phone"}, "follow_due"),
    ({"need-stress": "She cannot sleep."}, "need-stress"),
    ({"goal-stress": "To sleep"}, "goal-stress"),
    ({"barrier_kind-0": "economic"}, "barrier-0"),
    ({"support_kind-1": "transport"}, "support-1"),
    ({"interpreter": "interpreter-needed"}, "tongue"),
]
FIT = [
    {"kind": "signpost", "consent": "", "partner": "", "phone": "", **NOBODY},
    {"phone": "", "unsafe": "unsafe-to-contact"},
    {"phone": "", "line": "12 Oak Street", "city": "Sudbury"},
    {"phone": "", "contact_note": "At the shelter on Elm Street, each noon"},
    {"prefer": "sms"},
    {"phone": "", "unsafe": "unsafe-to-contact", "prefer": "phone"},
]


@pytest.mark.parametrize(("typed", "field"), UNFIT, ids=str)
def test_a_referral_about_nobody_whom_nobody_can_reach_or_that_would_drop_words_is_asked_about(house, typed, field):
    doctor = house.browser("doctor")
    answer = write(doctor, begin(doctor), **typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'href="#{field}"' in answer.text
    for text in typed.values():
        assert text in text_of(answer)


@pytest.mark.parametrize("typed", FIT, ids=str)
def test_who_can_be_found_another_way_is_no_oversight(house, typed):
    doctor = house.browser("doctor")
    assert write(doctor, begin(doctor), **typed).status_code == 303


CODES = re.compile(r"safeToContact|in-person|warm-connection|'self'|authored|: cr<|>(cr|oj|fcs)<")
ODD = [
    {"unsafe": "unsafe-to-contact", "follow_due": "2126-01-05", "follow_method": "phone"},
    {"consent": "refused"},
    {"self": "self-directed", "partner": ""},
    {"self": "self-directed"},
    {"follow_due": "2001-01-05"},
    {"consent_until": "2001-01-05", "follow_due": "2001-01-05"},
    {"birth": "2126-01-01"},
    {"consent_scope": ["contact"]},
]


@pytest.mark.parametrize("typed", ODD, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_is_said_in_plain_words_of_the_page(house, typed, language):
    doctor = house.browser("doctor")
    doctor.client.set_cookie("footbridge_language", language, path="/portal")
    answer = write(doctor, begin(doctor), **typed)
    assert answer.status_code == 422
    seen = re.sub(r"<[^>]+>", lambda tag: "<" if tag[0].startswith("</") else ">", text_of(answer))
    assert not CODES.search(seen), CODES.search(seen)
    said = re.findall(r'<li><a href="#[^"]+">([^<]+)</a>', answer.text)
    assert len(set(said)) == len(said) > 0  # each names its question


@pytest.mark.parametrize("kind", ["warm-connection", "navigator"])
def test_what_discloses_needs_a_consent_and_a_signpost_needs_none(house, kind):
    doctor = house.browser("doctor")
    place = begin(doctor)
    answer = write(doctor, place, kind=kind, consent="")
    assert answer.status_code == 422
    assert 'id="consent-error"' in answer.text
    assert write(doctor, place, kind=kind, consent="refused").status_code == 422
    assert write(doctor, place, kind="signpost", consent="", partner="").status_code == 303
    page = doctor.get(f"{place}/check")
    assert "Nothing leaves: nobody else is told." in page.text


def test_implied_consent_is_held_to_the_law_of_the_jurisdiction(house):
    doctor = house.browser("doctor")
    place = begin(doctor)
    answer = write(doctor, place, consent_basis="implied")
    assert answer.status_code == 422
    assert 'id="consent_basis-error"' in answer.text


def test_the_preview_is_what_the_service_then_sees(house):
    doctor = house.browser("doctor")
    place = begin(doctor)
    shown = {
        "strengths": "Plays the accordion\nCooks",
        "notes": "Ground floor only",
        "consent_scope": ["contact", "needs"],
    }
    assert write(doctor, place, card="9876543217", card_of="on", **shown).status_code == 303
    page = text_of(doctor.get(f"{place}/check"))
    withheld = re.search(r"Does not get: ([^<]+)", page).group(1)
    assert "Strengths" in withheld
    assert "Health card" in withheld
    assert "Remarks" in withheld
    assert "Needs" not in withheld
    sent = doctor.send(doctor.get(f"{place}/check"), "/send", follow=True)
    ana = text_of(house.browser("ana").get(sent.request.path))
    for words in ("accordion", "Ground floor only", "9876543217"):
        assert words not in ana
    assert "Lindqvist" in ana


def test_nobody_calls_a_person_who_is_not_safe_to_contact(house):
    doctor = house.browser("doctor")
    place = begin(doctor)
    assert write(doctor, place, unsafe="unsafe-to-contact").status_code == 303
    page = text_of(doctor.get(f"{place}/check"))
    assert "Do not contact this person." in page
    assert "Phone and e-mail" in re.search(r"Does not get: ([^<]+)", page).group(1)
    proposed = write(doctor, place, do="propose", unsafe="unsafe-to-contact", instructions="")
    assert proposed.status_code == 303
    assert "Nobody will call you" in text_of(doctor.get(place))


def test_a_draft_is_its_writers_alone_and_can_be_discarded(house):
    doctor = house.browser("doctor")
    place = begin(doctor)
    write(doctor, place, do="save")
    assert "Lindqvist" in doctor.get("/portal/prescribe").text
    for name in ("kit", "root", "ana"):
        assert house.browser(name).get(place).status_code in {403, 404}
    page = doctor.get(place)
    assert doctor.send(page, "/discard").status_code == 303
    assert doctor.get(place).status_code == 404
    assert "Lindqvist" not in doctor.get("/portal/prescribe").text


def test_two_tabs_do_not_overwrite_each_other_in_silence(house):
    doctor = house.browser("doctor")
    place = begin(doctor)
    one, other = doctor.get(place), doctor.get(place)
    house.clock_step()
    ending = place.rpartition("/")[2]
    assert doctor.send(one, ending, do="save", own_words="first").status_code == 303
    answer = doctor.send(other, ending, do="save", own_words="second")
    assert answer.status_code == 409
    assert "second" in answer.text
    assert "first" in doctor.get(place).text
    assert doctor.send(answer, ending, do="save").status_code == 303
    assert "second" in doctor.get(place).text


def test_a_change_between_the_check_and_the_click_is_shown_first(house):
    doctor = house.browser("doctor")
    place = begin(doctor)
    write(doctor, place)
    check = doctor.get(f"{place}/check")
    house.clock_step()
    write(doctor, place, do="save", **{"need-social-connection": "Another need."})
    answer = doctor.send(check, "/send")
    assert answer.status_code == 409
    assert "Another need." in answer.text
    assert doctor.send(answer, "/send").status_code == 303


def test_a_known_person_stays_one_person(house):
    prescription, _referral = house.prescribe()
    kit = house.browser("kit")
    page = kit.get("/portal/prescribe")
    found = kit.send(page, "/find", words="lindqvist")
    assert found.status_code == 200
    assert "lindqvist" not in found.request.url.lower()
    begun = kit.send(found, f"/for/{prescription}")
    place = begun.headers["Location"]
    assert "Lindqvist" in kit.get(place).text
    typed = {name: value for name, value in USUAL.items() if name in {"kind", "category", "consent", "partner"}}
    answer = kit.send(kit.get(place), place.rpartition("/")[2], do="check", **typed)
    assert answer.status_code == 303, text_of(answer)
    kit.send(kit.get(f"{place}/check"), "/send")
    assert len(people_of(house)) == 1


def people_of(house):
    with house.database.read() as connection:
        return {row.person for row in connection.execute(table.select())}


@pytest.fixture
def unsafe(both):
    """A house that knows a person whom nobody may contact."""
    doctor = both.browser("doctor")
    place = begin(doctor)
    write(doctor, place, unsafe="unsafe-to-contact", phone="")
    assert doctor.send(doctor.get(f"{place}/check"), "/send").status_code == 303
    return both


SAME = [{}, {"given": "ARNE Karl"}, {"birth": ""}]
ANOTHER = [{"birth": "1951-04-12"}, {"given": "Berta"}, {"family": "Lind"}]


@pytest.mark.parametrize("typed", SAME, ids=str)
def test_somebody_who_is_known_by_name_and_birth_alone_is_asked_about_before_anything_leaves(unsafe, typed):
    doctor, ana = unsafe.browser("doctor"), unsafe.browser("ana")
    place = begin(doctor)
    write(doctor, place, **typed)
    page = doctor.get(f"{place}/check")
    assert "Is it somebody who is known here?" in page.text
    assert "Do not contact this person." in page.text
    assert "/send" not in page.text
    with_token = {name: value for name, value in Forms(page.text).forms[-1]["fields"] if name != "form_seen"}
    seen = re.search(r'name="form_seen" value="([^"]+)"', doctor.get(place).text)[1]
    refused = doctor.client.post(f"{place}/send", data={**with_token, "form_seen": html.unescape(seen)})
    assert refused.status_code == 409
    (same,) = re.findall(r'action="[^"]*(/same/[^"]+)"', page.text)
    assert doctor.send(page, same).status_code == 303
    page = doctor.get(f"{place}/check")
    assert "Is it somebody who is known here?" not in page.text
    sent = doctor.send(page, "/send", follow=True)
    referral = sent.request.path.rpartition("/")[2]
    assert len(people_of(unsafe)) == 1
    shown = ana.get(f"/portal/referrals/{referral}").text
    assert "Do not contact this person." in shown
    assert "705 555 0101" not in shown


def test_somebody_else_of_the_same_name_is_kept_apart_and_asked_about_once(unsafe):
    doctor = unsafe.browser("doctor")
    place = begin(doctor)
    write(doctor, place)
    assert doctor.send(doctor.get(f"{place}/check"), "/apart").status_code == 303
    write(doctor, place, notes="Something more")  # which asks nothing again
    assert doctor.send(doctor.get(f"{place}/check"), "/send").status_code == 303
    assert len(people_of(unsafe)) == 2


@pytest.mark.parametrize("typed", ANOTHER, ids=str)
def test_somebody_of_another_name_or_birth_is_not_asked_about(unsafe, typed):
    doctor = unsafe.browser("doctor")
    place = begin(doctor)
    write(doctor, place, **typed)
    assert doctor.send(doctor.get(f"{place}/check"), "/send").status_code == 303


@pytest.mark.parametrize("name", ["ana", "dee", "root"])
def test_only_those_who_may_prescribe_do(house, name):
    browser = house.browser(name)
    assert browser.get("/portal/prescribe").status_code == 403
    assert "/portal/prescribe" not in browser.get("/portal/account").text


def test_what_is_hostile_is_text(house):
    hostile = "<script>alert(1)</script>\"'&{{7*7}} \u0645\u0631\u062d\u0628\u0627"
    doctor = house.browser("doctor")
    place = begin(doctor)
    assert write(doctor, place, own_words=hostile, family=hostile, notes=hostile).status_code == 303
    for page in (doctor.get(place), doctor.get(f"{place}/check"), doctor.get("/portal/prescribe")):
        assert "<script>alert" not in page.text
    assert hostile in text_of(doctor.get(f"{place}/check"))
    long = write(doctor, place, own_words="x" * 10_001)
    assert long.status_code == 422
    assert 'id="own_words-error"' in long.text


@pytest.mark.parametrize(("number", "is_odd"), [("1234-567-897-AB", False), ("1234567890", True), ("123", True)])
def test_a_health_card_that_may_have_a_slip_is_asked_and_never_refused(house, number, is_odd):
    doctor = house.browser("doctor")
    place = begin(doctor)
    assert write(doctor, place, card=number, card_of="on").status_code == 303
    page = doctor.get(f"{place}/check")
    assert ("Is the health card number right?" in text_of(page)) == is_odd
    assert doctor.send(page, "/send").status_code == 303


def test_only_what_a_referral_needs_is_ticked_before_the_person_is_asked(house):
    doctor = house.browser("doctor")
    page = doctor.get(begin(doctor))
    assert re.findall(r'name="consent_scope" value="([a-z-]+)" checked', page.text) == ["contact", "needs"]
    scope = page.text.index('id="consent_scope"')
    assert page.text.rindex("<details", 0, scope) < page.text.rindex("</details>", 0, scope), "it is not folded away"
