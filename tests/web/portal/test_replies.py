"""The page behind the link of a letter: a code, the letter, an answer; no account, and nothing before the code."""

import re
from datetime import timedelta

import pytest
from support.letters import HUB, Town, code_in, link_in, mails, pdf_text

from footbridge.i18n import LANGUAGES
from footbridge.security.reply_links import MOST_TRIES
from footbridge.settings import settings
from footbridge.store.letters import give_code
from footbridge.store.tables import audit_event

PERSON = (
    "Marisol",
    "Baptiste",
    "1991",
    "555 0131",
    "Sample Avenue",
    "skips meals",
    "RX-2026",
    "Food Bank",
    "Riverside",
)


@pytest.fixture
def fax(tmp_path):
    (tmp_path / "fax").mkdir()
    return tmp_path / "fax"


@pytest.fixture
def town(sqlite_database, clock):
    return Town(sqlite_database, clock)


@pytest.fixture
def twin(database, clock):
    """Once on SQLite, once on PostgreSQL."""
    return Town(database, clock)


class Reader:
    """Whoever has the letter in their hand, at a browser without an account."""

    def __init__(self, town, fax):
        text = pdf_text(max(fax.glob("*.pdf"), key=lambda one: one.stat().st_mtime_ns))
        self.link, self.code = link_in(text), code_in(text)
        self.browser, self.place = town.browser(), f"/portal/reply/{link_in(text)}"

    def open(self, code=None, name="", **headers):
        page = self.browser.get(self.place, **headers)
        return self.browser.send(page, self.place, code=self.code if code is None else code, name=name)

    def answer(self, page, answer, **typed):
        """Press the button of one answer on the page of the letter."""
        assert f'name="answer" value="{answer}"' in page.text
        return self.browser.send(page, self.place, answer=answer, **typed)


def asked(town, fax, example="01-good-food-box", **changes):
    town.add_letters(fax)
    prescription, referral = town.ask(example, **changes)
    return prescription, referral, Reader(town, fax)


def status(town, prescription):
    return town.referrals(prescription)[0].status


def story(town, referral):
    return town.browser("kit").get(f"/portal/referrals/{referral}").text


def test_a_service_accepts_and_later_says_what_was_done(twin, fax):
    prescription, referral, reader = asked(twin, fax)
    page = reader.open(name="Ana Silva")
    assert "Marisol Baptiste" in page.text
    assert "9000000101" not in page.text
    done = reader.answer(page, "accepted")
    assert "You accepted." in done.text
    assert status(twin, prescription) == "accepted"
    twin.clock.advance(timedelta(days=3))
    page = reader.open()
    assert 'value="rejected"' not in page.text
    done = reader.answer(page, "completed", words="She came, and took two boxes.")
    assert done.status_code == 200
    assert status(twin, prescription) == "completed"
    text = story(twin, referral)
    assert "Ana Silva (Food Bank) answered by the link of the letter." in text
    assert "She came, and took two boxes." in text
    over = reader.open()
    assert "No answer is needed" in over.text
    assert not any(word in over.text for word in PERSON)


def test_a_service_declines_with_its_reason_and_the_next_one_is_asked(town, fax):
    from footbridge.store.routes import set_route

    town.add_letters(fax)
    with town.database.write() as connection:
        set_route(connection, "north", "*", [HUB, "north-end-hub"])
    prescription, referral = town.ask()
    reader = Reader(town, fax)
    page = reader.open()
    missing = reader.answer(page, "rejected")
    assert missing.status_code == 422
    assert "Select an answer." in missing.text
    done = reader.answer(missing, "rejected", why="full", reason="From March on")
    assert "You declined." in done.text
    assert [one.partner for one in town.referrals(prescription)] == [HUB, "north-end-hub"]
    text = story(town, referral)
    assert "No room at the moment. From March on" in text
    town.work()
    over = reader.open()
    assert not any(word in over.text for word in PERSON[:-2])


def test_what_was_done_can_be_said_at_once(town, fax):
    prescription, referral, reader = asked(town, fax)
    assert reader.answer(reader.open(), "completed").status_code == 422  # neither a tick nor a word
    assert status(town, prescription) == "requested"
    reader.answer(reader.open(), "completed", done=["710925007"], words="<b>Two boxes</b>")
    assert status(town, prescription) == "completed"
    text = story(town, referral)
    assert "Provided food" in text
    assert "&lt;b&gt;Two boxes" in text


def test_a_get_answers_nothing_and_counts_nothing(town, fax):
    prescription, _referral, reader = asked(town, fax)
    for _time in range(2 * MOST_TRIES):
        page = reader.browser.get(f"{reader.place}?code={reader.code}&answer=accepted")
        assert page.status_code == 200
        assert not any(word in page.text for word in PERSON[:-1])  # not the sender: it says who writes
    assert status(town, prescription) == "requested"
    assert "Marisol" in reader.open().text


def test_wrong_codes_are_counted_and_then_a_person_is_asked_to_phone(twin, fax):
    prescription, referral, reader = asked(twin, fax)
    for _time in range(MOST_TRIES - 1):
        page = reader.open("WRNG-CDEX")
        assert page.status_code == 422
        assert not any(word in page.text for word in PERSON[:-1])  # not the sender: it says who writes
    assert "Marisol" in reader.open().text  # a right code begins anew
    for _time in range(MOST_TRIES):
        page = reader.open("WRNG-CDEX")
    assert page.status_code == 410
    closed = reader.browser.get(reader.place)
    assert closed.status_code == 410
    assert not any(word in closed.text for word in PERSON[:-1])  # not the sender: it says who writes
    waiting = twin.browser("kit").get("/portal?list=waiting").text
    assert "A wrong code was entered too often" in waiting
    twin.clock.advance(timedelta(minutes=1))
    kit = twin.browser("kit")
    page = kit.get(f"/portal/referrals/{referral}")
    waits = page.text[page.text.index('class="waits"') :]
    assert "/letter-code" in waits[: waits.index("</section>")], "the code is a way out of the wait"
    shown = kit.send(page, "/letter-code")
    assert "A wrong code" not in kit.get("/portal?list=waiting").text
    assert kit.get(f"/portal/referrals/{referral}").text.count("made a new code for the letter") == 1
    (code,) = re.findall(r'class="code big">([A-Z0-9-]+)<', shown.text)
    page = reader.browser.get(reader.place)
    page = reader.browser.send(page, reader.place, code=code.lower().replace("-", " "))
    reader.answer(page, "accepted")
    assert status(twin, prescription) == "accepted"
    assert "A wrong code" not in twin.browser("kit").get("/portal?list=waiting").text


@pytest.mark.parametrize("secret", ["AAAA-BBBB-CCCC", "x", "%00", "..%2f..", "é" * 50])
def test_an_unknown_link_says_nothing(town, fax, secret):
    asked(town, fax)
    page = town.browser().get(f"/portal/reply/{secret}")
    assert page.status_code == 404
    assert not any(word in page.text for word in PERSON[:-1])  # not the sender: it says who writes


def test_a_link_expires(town, fax, clock):
    _prescription, _referral, reader = asked(town, fax)
    page = reader.open()
    clock.advance(timedelta(days=settings().reply_link_days, seconds=1))
    assert reader.browser.get(reader.place).status_code == 410
    late = reader.answer(page, "accepted")
    assert late.status_code == 410
    assert not any(word in late.text for word in PERSON[:-1])  # not the sender: it says who writes


def test_a_double_click_answers_once_and_shows_the_same(town, fax):
    prescription, referral, reader = asked(town, fax)
    page = reader.open()
    first, second = reader.answer(page, "accepted"), reader.answer(page, "accepted")
    assert first.status_code == second.status_code == 200
    assert "You accepted." in second.text
    assert story(town, referral).count("answered by the link of the letter") == 1
    assert status(town, prescription) == "accepted"


def test_of_two_tabs_the_second_hears_what_the_first_did_and_loses_nothing(town, fax):
    prescription, _referral, reader = asked(town, fax)
    one, other = reader.open(), reader.open()
    reader.answer(one, "accepted")
    told = reader.answer(other, "completed", words="We brought her the box.")
    assert told.status_code == 409
    assert "Somebody has answered meanwhile: Accepted" in told.text
    assert "We brought her the box." in told.text
    assert status(town, prescription) == "accepted"
    reader.answer(told, "completed")
    assert status(town, prescription) == "completed"


def test_a_referral_that_was_called_off_shows_nobody(town, fax, clock):
    _prescription, referral, reader = asked(town, fax)
    page = reader.open()
    clock.advance(timedelta(minutes=1))
    town.browser("kit").act(referral, "cancel", reason="Moved")
    for answer in (reader.open(), reader.answer(page, "accepted")):
        assert "withdrawn" in answer.text
        assert not any(word in answer.text for word in PERSON[:-2])


def test_a_form_of_another_site_is_refused(town, fax):
    prescription, _referral, reader = asked(town, fax)
    data = {"code": reader.code, "answer": "accepted", "form_seen": "requested"}
    assert town.app.test_client().post(reader.place, data=data).status_code == 403
    assert status(town, prescription) == "requested"


def test_the_code_of_a_service_opens_each_of_its_letters(town, mail):
    town.add_letters("mailto:office@hub.example", code="ABCD-2345")
    prescription, _referral = town.ask()
    (message,) = mails(mail)
    place = f"/portal/reply/{link_in(message.get_content())}"
    browser = town.browser()
    page = browser.send(browser.get(place), place, code=" abcd 2345 ")
    assert "Marisol" in page.text
    assert "Use the code that you were given" in message.get_content()
    assert status(town, prescription) == "requested"


def test_only_those_who_ordered_make_a_code_or_print(town, fax):
    _prescription, referral, _reader = asked(town, fax)
    for name in ("ana", "bo", "dee"):
        browser = town.browser(name)
        for what in ("copy", "copy.pdf", "letter", "letter.pdf"):
            assert browser.get(f"/portal/referrals/{referral}/{what}").status_code in {403, 404}
    kit = town.browser("kit")
    assert kit.get(f"/portal/referrals/{referral}/letter.pdf").data.startswith(b"%PDF-1.")
    with town.database.read() as connection:
        assert not give_code(connection, "south", "x", referral, "ABCD-2345")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_chooses_the_language(town, fax, language):
    _prescription, _referral, reader = asked(town, fax)
    page = reader.browser.get(reader.place, Accept_Language=language)
    assert f'<html lang="{language}">' in page.text
    page = reader.open(Accept_Language=language)
    assert page.status_code == 200


def test_the_letter_behind_the_link_is_a_pdf_too(town, fax):
    _prescription, _referral, reader = asked(town, fax)
    page = reader.open()
    file = reader.browser.send(page, "/pdf")
    assert file.content_type == "application/pdf"
    assert "Marisol Baptiste" in pdf_text(file.data)
    assert file.headers["Cache-Control"] == "no-store"


def test_the_person_has_a_copy_in_their_language(town, fax):
    _prescription, referral, _reader = asked(town, fax)
    copy = town.browser("kit").get(f"/portal/referrals/{referral}/copy")
    for words in (
        "Good Food Box, large",
        "Food Bank gets in touch with you.",
        "Boxes are ready every second Wednesday",
    ):
        assert words in copy.text
    assert "skips meals" not in copy.text
    _other, unsafe = town.prescribe("11-do-not-phone")
    text = town.browser("kit").get(f"/portal/referrals/{unsafe}/copy").text
    assert "Nobody calls or writes to you." in text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"said": "service-accepts"}, "accepted"),
        ({"said": "service-declines", "why": "full", "who": "Ana"}, "rejected"),
        ({"said": "service-did-it", "words": "Two boxes"}, "completed"),
        ({"said": "nobody-answered"}, "requested"),
    ],
)
def test_no_answer_in_time_is_a_call_and_the_call_is_one_form(town, fax, typed, expected):
    prescription, referral, _reader = asked(town, fax)
    town.clock.advance(timedelta(days=settings().response_days + 1))
    town.work()
    kit = town.browser("kit")
    assert "Phone the service and record what it says." in kit.get(f"/portal/referrals/{referral}").text
    assert kit.act(referral, "phone-answer", **typed).status_code == 303
    assert status(town, prescription) == expected
    text = story(town, referral)
    assert "Kit phoned Food Bank." in text
    assert ("Answered by phone" in text) == (expected == "requested")


def test_the_audit_says_that_the_service_read_the_letter(town, fax):
    prescription, _referral, reader = asked(town, fax)
    reader.open("WRNG-CDEX")
    reader.open()
    audit = town.app.extensions["footbridge"].audit
    audit.flush()
    with town.database.read() as connection:
        rows = connection.execute(audit_event.select().where(audit_event.c.partner == HUB)).all()
    assert [(row.interaction, row.role, row.resource) for row in rows] == [("read", "recipient", prescription)]


def test_what_was_typed_into_any_answer_stays_when_the_language_is_changed(town, fax):
    _prescription, _referral, reader = asked(town, fax)
    page = reader.browser.get(reader.place)
    french = reader.browser.send(page, reader.place, code="ABCD", name="Josée", form_speak="fr")
    assert [word for word in ('lang="fr"', 'value="ABCD"', 'value="Josée"') if word not in french.text] == []
    for _try in range(MOST_TRIES + 1):  # none of these is a try
        french = reader.browser.send(french, reader.place, form_speak="fr")
    page = reader.browser.send(french, reader.place, code=reader.code)
    assert "Veuillez répondre" in page.text or "Répondez" in page.text  # by when
    typed = {"why": "full", "reason": "From March on", "words": "Two boxes", "done": ["710925007"]}
    english = reader.browser.send(page, reader.place, form_speak="en", **typed)
    assert [word for word in ('lang="en"', "From March on", "Two boxes") if word not in english.text] == []
    assert re.search(r'value="full" checked', english.text)
    assert re.search(r'value="710925007" checked', english.text)
    assert "There is a problem" not in english.text
    assert "You declined." in reader.answer(english, "rejected").text


def test_who_is_told_that_somebody_answered_meanwhile_loses_nothing_typed(town, fax):
    _prescription, _referral, reader = asked(town, fax)
    page, other = reader.open(), reader.open()
    reader.answer(page, "accepted")
    told = reader.answer(other, "rejected", why="full", reason="From March on")
    assert told.status_code == 409
    assert "From March on" in told.text
    assert "No room at the moment" in told.text
    ended = reader.answer(told, "completed", words="All done")
    assert "You reported that it is done." in ended.text
    late = reader.answer(page, "rejected", reason="No room before March")
    assert "No answer is needed" in late.text
    assert "No room before March" in late.text


def test_an_answer_that_is_incomplete_and_too_late_is_told_so(town, fax):
    _prescription, _referral, reader = asked(town, fax)
    page, other = reader.open(), reader.open()
    reader.answer(page, "accepted")
    told = reader.answer(other, "rejected", reason="Only typed")
    assert told.status_code == 409
    assert "Only typed" in told.text
