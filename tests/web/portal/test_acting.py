"""What people do with a referral: each action by its form, and all that goes wrong between two clicks."""

import html
import json
import re
from datetime import timedelta

import pytest
from support.portal import Forms
from support.spine import prescribed

from footbridge.data import folder
from footbridge.model.holds import Hold
from footbridge.model.prescription import Prescription
from footbridge.store.prescriptions import get_prescription
from footbridge.store.users import add_user, new_user
from footbridge.store.worklist import needs_of
from footbridge.web.portal.words import table

GUESS = Hold("needs", {"needs": [{"need": 1, "category": "social-connection", "confidence": 0.4, "words": ["alone"]}]})
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \"'&{{7*7}} %s \U0001f331 \u0645\u0631\u062d\u0628\u0627\u200f"


def status(house, prescription):
    return house.referrals(prescription)[-1].status


def page_of(browser, referral):
    return html.unescape(browser.get(f"/portal/referrals/{referral}").text)


def test_a_service_works_on_a_referral_in_six_clicks(both):
    prescription, referral = both.prescribe()
    ana = both.browser("ana")
    listed = ana.get("/portal")
    assert f"/portal/referrals/{referral}" in listed.text  # 1: the name
    page = ana.get(f"/portal/referrals/{referral}")
    assert ana.send(page, "/do/accept").status_code == 303  # 2: Accept
    assert status(both, prescription) == "accepted"
    for nothing in ("", "  "):
        empty = ana.act(referral, "complete", words=nothing)
        assert empty.status_code == 422
        assert "Select what was done, or write it in your own words." in empty.text
    assert status(both, prescription) == "accepted"
    answer = ana.act(referral, "complete", words="He came to the circle four times.")  # 3: Complete, 4: send
    assert answer.status_code == 303
    assert status(both, prescription) == "completed"
    text = page_of(ana, referral)
    assert "He came to the circle four times." in text
    assert "Ana (Lakeside Services) accepted." in text
    assert "Ana (Lakeside Services) completed it." in text


def test_what_was_done_has_codes_that_were_said_in_words(house):
    prescription, referral = house.prescribe("01-good-food-box")
    assert house.referrals(prescription)[0].partner == "north-end-hub"
    bo = house.browser("bo")
    bo.send(bo.get(f"/portal/referrals/{referral}"), "/do/accept")
    bo.act(referral, "complete", done=["710925007"], words="")
    assert "Provided food" in page_of(house.browser("doctor"), referral)


def test_a_decline_says_why_and_the_service_knows_the_person_no_longer(both):
    prescription, referral = both.prescribe()
    ana, kit = both.browser("ana"), both.browser("kit")
    assert ana.act(referral, "reject").status_code == 422
    answer = ana.act(referral, "reject", why="other-reason")
    assert 'id="reason-error"' in answer.text
    assert ana.act(referral, "reject", why="full", reason="Until May").status_code == 303
    assert both.referrals(prescription)[0].status == "rejected"
    mine = page_of(ana, referral)
    assert "Lindqvist" not in mine
    assert "You may no longer see whom it was about." in mine
    assert "No room at the moment. Until May" in page_of(kit, referral)
    assert both.referrals(prescription)[-1].partner == "north-end-hub"


def test_holds_schedules_messages_and_hand_overs(both):
    prescription, referral = both.prescribe()
    ana, kit, doctor = both.browser("ana"), both.browser("kit"), both.browser("doctor")
    assert kit.act(referral, "hand-over", by="Kit", to="Ana", welcome="yes").status_code == 303
    assert ana.act(referral, "message", text="Is he free on Tuesdays?").status_code == 303
    assert doctor.act(referral, "message", text="Yes, after two.").status_code == 303
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    assert ana.act(referral, "schedule", day="2026-03-09", time="14:30", place="Room 2").status_code == 303
    assert ana.act(referral, "hold", reason="He is away").status_code == 303
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/resume")
    assert status(both, prescription) == "in-progress"
    for browser in (ana, kit, doctor):
        text = page_of(browser, referral)
        for words in ("Is he free on Tuesdays?", "Yes, after two.", "9 March 2026, 14:30", "Room 2", "Kit introduced"):
            assert words in text, words
    assert "Is he free" not in page_of(both.browser("bo"), referral)


def test_a_navigator_routes_splits_withdraws_and_marks_as_unsafe(both):
    prescription, referral = both.prescribe("09-three-referrals")
    kit = both.browser("kit")
    parts = {"description__0": "Food", "category__0": "food-insecurity", "partner__0": "north-end-hub",
             "description__1": "Ride", "category__1": "transportation-insecurity"}  # fmt: skip
    answer = kit.act(referral, "split", **parts | {"category__1": ""})
    assert answer.status_code == 422
    assert 'id="category-1-error"' in answer.text
    assert 'value="Ride"' in answer.text
    assert kit.act(referral, "split", **parts).status_code == 303
    rows = both.referrals(prescription)
    assert [row.category for row in rows[1:]] == ["food-insecurity", "transportation-insecurity"]
    assert kit.act(referral, "prohibit-contact", reason="He reads her mail").status_code == 303
    assert "Do not contact this person." in page_of(both.browser("bo"), rows[1].id)
    assert "He reads her mail" not in page_of(both.browser("bo"), rows[1].id)
    assert kit.act(referral, "allow-contact").status_code == 422
    assert kit.act(referral, "allow-contact", reason="She said so today").status_code == 303
    assert kit.act(referral, "withdraw-consent", reason="She changed her mind").status_code == 303
    assert both.referrals(prescription)[0].status == "cancelled"


def test_a_need_that_is_found_becomes_a_need(both):
    _prescription, referral = both.prescribe()
    kit = both.browser("kit")
    answer = kit.act(referral, "add-need", category="food-insecurity", statement="Skips meals.")
    assert answer.status_code == 303, answer.text
    assert "Skips meals." in page_of(kit, referral)
    assert "Skips meals." in page_of(both.browser("ana"), referral)


def test_the_answer_of_the_person(both):
    _prescription, referral = both.prescribe()
    doctor = both.browser("doctor")
    assert doctor.act(referral, "answer", happened="yes", goal__0="improving").status_code == 303
    text = page_of(doctor, referral)
    assert "Improving" in text
    example = json.loads(folder("examples").joinpath("02-bereavement-network.json").read_bytes())
    assert f"“{example['goals'][0]['description']}” is now: Improving" in text
    assert "Did it happen? Yes" in text


def test_a_double_click_is_done_once(both):
    prescription, referral = both.prescribe()
    ana = both.browser("ana")
    page = ana.get(f"/portal/referrals/{referral}")
    assert [ana.send(page, "/do/accept").status_code for _click in range(2)] == [303, 303]
    form = ana.get(f"/portal/referrals/{referral}/do/message")
    for _click in range(3):
        assert ana.send(form, "/do/message", text="Only once").status_code == 303
    assert page_of(ana, referral).count("Only once") == 1
    form = ana.get(f"/portal/referrals/{referral}/do/complete")
    for _click in range(2):
        assert ana.send(form, "/do/complete", words="Done once").status_code == 303
    assert page_of(ana, referral).count("Done once") == 1
    assert page_of(ana, referral).count("completed it.") == 1
    assert status(both, prescription) == "completed"


def test_the_form_for_another_service_says_who_was_asked_before(house):
    prescription, referral = house.prescribe()
    ana, kit = house.browser("ana"), house.browser("kit")
    assert ana.act(referral, "reject", why="full").status_code == 303
    newest = house.referrals(prescription)[-1].id
    bo = house.browser("bo")
    assert bo.act(newest, "reject", why="full").status_code == 303
    text = kit.get(f"/portal/referrals/{newest}/do/route").text
    for title in ("Lakeside Services", "North End Hub"):
        assert f"{title} (asked before: Declined)" in text


@pytest.mark.parametrize(
    ("action", "typed", "sentence"),
    [
        ("answer", {"happened": "yes", "reason": "Said once"}, "recorded the person&#39;s answer."),
        ("record-unmet-need", {"reason": "Said once"}, "nothing meets this need."),
        ("add-need", {"category": "stress", "statement": "Said once"}, "added a need"),
        ("replace", {"reason": "Said once"}, "prescribed something else"),
    ],
)
def test_a_form_that_stays_possible_is_done_once_too(both, action, typed, sentence):
    _prescription, referral = both.prescribe()
    kit = both.browser("kit")
    form = kit.get(f"/portal/referrals/{referral}/do/{action}")
    assert [kit.send(form, f"/do/{action}", **typed).status_code for _click in range(2)] == [303, 303]
    assert page_of(kit, referral).count(html.unescape(sentence)) == 1


def test_a_form_that_comes_back_with_other_words_is_another_one(house):
    """As browsers that keep a page send it: nothing that was typed is lost."""
    prescription, referral = house.prescribe()
    ana = house.browser("ana")
    page = ana.get(f"/portal/referrals/{referral}/do/message")
    for text in ("Page one", "Page one", "Page two"):
        assert ana.send(page, "/do/message", text=text).status_code == 303
    shown = ana.get(f"/portal/referrals/{referral}").text
    assert (shown.count("Page one"), shown.count("Page two")) == (1, 1)
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    page = ana.get(f"/portal/referrals/{referral}/do/complete")
    assert ana.send(page, "/do/complete", words="Done").status_code == 303
    late = ana.send(page, "/do/complete", words="And more was done")
    assert late.status_code == 409
    assert "And more was done" in late.text
    assert prescription


def test_what_was_done_is_in_the_language_of_the_reader(house):
    _prescription, referral = house.prescribe("01-good-food-box", 2)
    kit = house.browser("kit")
    kit.send(kit.get(f"/portal/referrals/{referral}"), "/do/accept")
    kit.act(referral, "complete", done=["710925007"], words="Two boxes")
    assert "Provided food" in kit.get(f"/portal/referrals/{referral}").text
    kit.client.set_cookie("footbridge_language", "fr", path="/portal")
    french = kit.get(f"/portal/referrals/{referral}").text
    assert "Fourniture de nourriture" in french
    assert "Two boxes" in french
    assert "Provided food" not in french


def test_a_colleague_of_the_same_name_and_role_is_somebody_else(both):
    prescription, referral = both.prescribe()
    with both.database.write() as connection:
        twin = new_user("north", "ana2@north.example", "Ana", "service-worker", "lakeside-services", both.clock.now())
        add_user(connection, twin)
    both.users["twin"] = twin
    ana, other = both.browser("ana"), both.browser("twin")
    pages = [one.get(f"/portal/referrals/{referral}") for one in (ana, other)]
    assert ana.send(pages[0], "/do/accept").status_code == 303
    answer = other.send(pages[1], "/do/accept")
    assert answer.status_code == 409
    assert "Ana (Lakeside Services) accepted." in html.unescape(answer.text)
    form = ana.get(f"/portal/referrals/{referral}/do/message")
    assert ana.send(form, "/do/message", text="Of the first").status_code == 303
    fields = dict(next(one for one in Forms(form.text).forms if one["action"].endswith("/message"))["fields"])
    mine = other.get(f"/portal/referrals/{referral}/do/message")
    assert other.send(mine, "/do/message", form_key=fields["form_key"], text="Of the second").status_code == 303
    assert "Of the second" in page_of(other, referral)
    assert status(both, prescription) == "accepted"


def test_the_second_of_two_workers_is_told_and_loses_nothing(both):
    prescription, referral = both.prescribe()
    ana, kit = both.browser("ana"), both.browser("kit")
    form = ana.get(f"/portal/referrals/{referral}/do/reject")
    page = kit.get(f"/portal/referrals/{referral}")
    assert kit.send(page, "/do/accept").status_code == 303
    answer = ana.send(form, "/do/reject", why="other-reason", reason="A long reason that I typed")
    assert answer.status_code == 409
    text = html.unescape(answer.text)
    assert "A long reason that I typed" in text
    assert "Lakeside Services accepted, as Kit recorded." in text
    assert status(both, prescription) == "accepted"


def test_a_form_whose_session_has_ended_comes_back_and_is_sent_after_the_next_sign_in(both):
    prescription, referral = both.prescribe()
    ana = both.browser("ana")
    form = ana.get(f"/portal/referrals/{referral}/do/hold")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    form = ana.get(f"/portal/referrals/{referral}/do/hold")
    both.clock.advance(timedelta(hours=2))
    typed = f"He is away.\n\nSecond line {HOSTILE}"
    ended = ana.send(form, "/do/hold", reason=typed)
    assert ended.status_code == 401
    assert "Lindqvist" not in ended.text
    ana.sign_in("ana")
    assert ana.send(ended, "/do/hold").status_code == 303
    assert typed in page_of(ana, referral)
    assert status(both, prescription) == "on-hold"
    other = both.browser()
    other.client = ana.client
    form = ana.get(f"/portal/referrals/{referral}/do/message")
    other.sign_in("kit")
    assert other.send(form, "/do/message", text="Not mine").status_code == 403


def test_text_of_people_is_text(both):
    document = json.loads(json.dumps(prescribed()))
    document["client"]["name"] = {"family": HOSTILE, "given": [HOSTILE]}
    document["needs"][0]["statement"] = HOSTILE
    document["inTheirWords"] = [{"text": HOSTILE}]
    document["notes"] = [{"text": HOSTILE}]
    _prescription, referral = both.prescribe(document=document)
    kit, ana = both.browser("kit"), both.browser("ana")
    kit.act(referral, "route", partner="lakeside-services")
    assert kit.act(referral, "message", text=HOSTILE).status_code == 303
    for browser in (kit, ana):
        for path in ("/portal", f"/portal/referrals/{referral}", f"/portal/referrals/{referral}/do/message"):
            page = browser.get(path)
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            assert HOSTILE in html.unescape(page.text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 10_000, 303), ("x" * 10_001, 422), ("🌱" * 10_000, 303), ("  ", 422), ("a\x00b", 422), ("a\x1bb", 422),
        ("é\r\nű\r\n\u0645\u0631\u062d", 303), ("<b>", 303),
    ],
)  # fmt: skip
def test_long_and_odd_texts(house, text, code):
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    answer = ana.act(referral, "message", text=text)
    assert answer.status_code == code
    if code == 422:
        assert 'id="text-error"' in answer.text
        assert ('href="#text"') in answer.text
        if text.strip() and text.isprintable():
            assert text in answer.text
    else:
        assert text.replace("\r\n", "\n") in page_of(ana, referral)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"day": "2026-02-30", "time": "10:00"}, "day"), ({"day": "tomorrow", "time": "10:00"}, "day"),
        ({"day": "2026-03-09", "time": "25:00"}, "time"), ({"day": "", "time": "10:00"}, "day"),
        ({"day": "2026-03-09", "time": "10:00", "place": "x" * 256}, "place"),
    ],
)  # fmt: skip
def test_a_time_that_is_none_is_said_at_its_field(house, typed, field):
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    answer = ana.act(referral, "schedule", **typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_what_is_not_offered_is_refused_whoever_asks(both):
    prescription, referral = both.prescribe()
    bo, ana, dee = both.browser("bo"), both.browser("ana"), both.browser("dee")
    assert bo.get(f"/portal/referrals/{referral}").status_code == 404
    assert ana.get(f"/portal/referrals/{referral}/do/route").status_code == 409
    assert ana.get(f"/portal/referrals/{referral}/do/nothing").status_code == 404
    token = dict(Forms(bo.get("/portal").text).forms[-1]["fields"])
    for action in ("accept", "reject", "cancel", "message", "prohibit-contact", "retry-message"):
        assert bo.client.post(f"/portal/referrals/{referral}/do/{action}", data=token).status_code == 404
        assert dee.get(f"/portal/referrals/{referral}/do/{action}").status_code == 404
    assert status(both, prescription) == "requested"


def test_a_prescription_on_hold_is_decided(both):
    document = prescribed(consent=None, service={"partner": "lakeside-services"})
    prescription, referral = both.prescribe(document=document, may_hold=["consent"], holds=[GUESS])
    kit = both.browser("kit")
    assert {"confirm-consent", "refuse-consent", "confirm-needs"} <= kit.offered(referral)
    assert not {"route", "submit", "split"} & kit.offered(referral)
    assert kit.act(referral, "confirm-consent", scope=[]).status_code == 422
    answer = kit.act(referral, "confirm-consent", how="verbal", given="2026-03-03")
    assert answer.status_code == 422
    assert 'id="given-error"' in answer.text
    answer = kit.act(referral, "confirm-consent", how="verbal", scope=["contact"])
    assert answer.status_code == 422
    assert 'id="scope-error"' in answer.text
    assert kit.act(referral, "confirm-consent", how="verbal").status_code == 303
    assert both.browser("ana").get(f"/portal/referrals/{referral}").status_code == 404
    assert kit.act(referral, "confirm-needs", need__1="stress").status_code == 303
    assert both.referrals(prescription)[0].partner == "lakeside-services"
    assert "Stress" in page_of(both.browser("ana"), referral)
    with both.database.read() as connection:
        assert needs_of(connection, "north", referral) is None


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_link_of_the_error_summary_names_its_own_field(house, language):
    """A sentence is of a field that there is, and no two of one form are the same."""
    said = {}
    for key, texts in table()["missing"].items():
        action, _dot, field = key.partition(".")
        assert field in {one["name"] for one in table()["actions"][action]["fields"]}, key
        said.setdefault(action, []).append(texts[language])
    assert all(len(set(texts)) == len(texts) for texts in said.values())
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    empty = html.unescape(ana.act(referral, "schedule", day="", time="").text)
    assert '<a href="#day">Enter the day of the appointment.</a>' in empty
    assert '<a href="#time">Enter the time of the appointment.</a>' in empty


def test_a_guess_that_is_no_need_is_taken_away(both):
    """Two guesses from one sentence: each has a name of its own, and the one that is wrong goes."""
    needs = prescribed()["needs"][:1]
    two = [needs[0] | {"category": code} for code in ("social-connection", "housing-instability")]
    document = prescribed(service={"partner": "lakeside-services"}, needs=two, goals=[])
    prescription, referral = both.prescribe(document=document, holds=[GUESS])
    kit = both.browser("kit")
    place = f"/portal/referrals/{referral}/do/confirm-needs"
    labels = re.findall(r'<label for="need-[01]"[^>]*>([^<]+)<', kit.get(place).text)
    assert len(set(labels)) == 2
    refused = kit.act(referral, "confirm-needs", need__0="none", need__1="none")
    assert refused.status_code == 422
    assert "One need stays" in refused.text
    assert 'id="need-0-error"' in refused.text
    assert kit.act(referral, "confirm-needs", need__1="none").status_code == 303
    shown = page_of(both.browser("ana"), referral)
    assert "Housing" not in shown
    with both.database.read() as connection:
        found = Prescription.model_validate_json(get_prescription(connection, "north", prescription).document)
    assert [need.category for need in found.needs] == ["social-connection"]


def test_a_split_asks_part_by_part_and_the_whole_says_that_it_is_in_parts(both):
    _prescription, referral = both.prescribe("09-three-referrals")
    kit = both.browser("kit")
    page = kit.get(f"/portal/referrals/{referral}/do/split")
    names = re.findall(r'name="([a-z]+-\d)"', page.text)
    assert names == [f"{name}-{place}" for place in range(4) for name in ("description", "category", "partner")]
    typed = {"description__0": "Food", "category__0": "food-insecurity", "partner__0": "lakeside-services"}
    assert kit.send(page, "/do/split", **typed).status_code == 303
    text = kit.get(f"/portal/referrals/{referral}").text
    assert "In parts" in text
    assert "No service asked yet" not in text
    found = kit.send(kit.get("/portal/search"), "/search", words="Okonkwo").text
    assert ("In parts" in found, "Waiting for an answer" in found, "Waiting for a person" in found) == (
        True,
        True,
        False,
    )


def test_what_belongs_to_the_follow_up_is_first_when_that_is_due_and_last_before(house):
    _prescription, referral = house.prescribe(followUp={"due": "2026-12-14", "method": "phone"})

    def first():
        text = house.browser("kit").get(f"/portal/referrals/{referral}").text
        panel = text.partition('id="do"')[2].partition("</section>")[0]
        return re.findall(r'/do/([a-z-]+)"', panel)[0]

    assert first() == "accept"
    house.clock.advance(timedelta(days=300))
    house.work()
    assert first() == "answer"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Ana (Lakeside Services) wrote a message.", "Ana (Lakeside Services) accepted."]),
        ("fr", ["Ana (Lakeside Services) a écrit un message.", "Ana (Lakeside Services) a accepté."]),
    ],
)
def test_what_was_done_is_said_not_which_button_was_pressed(house, language, said):
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    ana.client.set_cookie("footbridge_language", language, path="/portal")
    for action, typed, sentence in (
        ("message", {"text": "Does she like music?"}, said[0]), ("accept", {}, said[1]),
    ):  # fmt: skip
        answer = ana.act(referral, action, follow=True, **typed)
        (saved,) = re.findall(r'<p class="saved" role="status">([^<]+)</p>', html.unescape(answer.text))
        assert saved.endswith(sentence), saved
