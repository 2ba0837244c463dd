"""Each thing that waits for a person, walked to its end by each way out that is offered for it."""

import html
import re
from datetime import timedelta

import pytest
from support.portal import House
from support.spine import prescribed

from footbridge.i18n import LANGUAGES
from footbridge.model.holds import Hold
from footbridge.model.principals import TIMER, Principal
from footbridge.model.reasons import meaning_of, waiting_codes, ways_out
from footbridge.referrals.command import Command, NewPart
from footbridge.referrals.commands import carry_out
from footbridge.referrals.unit import open_unit
from footbridge.settings import settings
from footbridge.store.resource_rows import Scope
from footbridge.store.routes import set_route
from footbridge.store.tables import job
from footbridge.store.tables import prescription as table
from footbridge.store.worklist import waiting_referrals

GUESS = Hold("needs", {"needs": [{"need": 1, "category": "social-connection", "confidence": 0.4, "words": ["alone"]}]})
TYPED = {
    "reject": {"why": "full"},
    "complete": {"words": "It was done."},
    "confirm-records": {"given": "Ana", "family": "Roy", "born": "1950-01-02"},
    "confirm-consent": {"how": "verbal"},
    "phone-answer": {"said": "service-accepts"},
    "message": {"text": "How far is it?"},
    "answer": {"happened": "yes"},
    "settle": {"how": "Told Ana by phone"},
    "split": {"description__0": "One", "category__0": "stress", "description__1": "Two", "category__1": "stress"},
    "route": {"partner": "north-end-hub", "reason": "Closer"},
}
FROM_ANOTHER_STATE = {
    "nobody-asked": {"split"},
    "not-processed": {"start", "resume", "complete", "fail"},
    "ended-otherwise": {"complete", "fail"},
    "maybe-reopened": {"message"},
}
"""Ways out that the lifecycle allows only from a state in which the referral is not here."""
WAITS_ON = {"message"}
"""A question was asked: it waits until somebody answers."""
KIT = Principal("navigator", name="Kit", tenant="north", channel="portal")


def say(house, prescription, event, **more):
    intake = house.app.extensions["footbridge"].intake
    carry_out(house.database, house.clock, KIT, prescription, Command(event, **more), intake=intake)


def mark(house, prescription, referral, why):
    """What the workflow writes when a person has to look."""
    with house.database.write() as connection:
        scope = Scope(connection, "north", house.clock.now())
        with open_unit(scope, prescription) as unit:
            unit.needs_person(TIMER, unit.row(referral), why)


def fail_message(house, prescription, state):
    """A message about it failed, or was abandoned."""
    with house.database.write() as connection:
        mine = (job.c.prescription == prescription, job.c.kind == "deliver")
        values = {"state": state, "why": "refused", "finished": house.clock.now()}
        assert connection.execute(job.update().where(*mine).values(**values)).rowcount == 1


def speak(browsers, language):
    """Choose the language in each browser, by the cookie that the button at the foot of a page sets."""
    for browser in browsers.values():
        browser.client.set_cookie("footbridge_language", language, path="/portal")


def spoken_in(page):
    return re.search(r'<html lang="([a-z]+)"', page)[1]


def part_of(house, prescription):
    """A part of a prescription that was split."""
    parts = {"parts": [_part("One"), _part("Two")]}
    say(house, prescription, "split", **parts)
    return house.referrals(prescription)[1].id


def _part(text):
    return NewPart(text, "stress", "lakeside-services")


def waiting(house, code):
    """A prescription that waits for this reason; returns it, and the referral that waits."""
    match code:
        case "records-missing":
            nobody = {"languages": [{"code": "en"}]}
            return house.prescribe(document=prescribed(client=nobody), may_hold=["records"])
        case "consent-unclear":
            return house.prescribe(document=prescribed(consent=None), may_hold=["consent"])
        case "needs-unsure":
            return house.prescribe(document=prescribed(), holds=[GUESS])
        case "not-verified":
            return house.prescribe(document=prescribed(), holds=[Hold("service")])
        case "nobody-asked":
            with house.database.write() as connection:
                set_route(connection, "north", "*", [])
            return house.prescribe("04-art-class")
    prescription, referral = house.prescribe()
    match code:
        case "not-delivered":
            fail_message(house, prescription, "failed")
        case "given-up":
            fail_message(house, prescription, "abandoned")
        case "overdue":
            house.work()
            house.clock.advance(timedelta(days=settings().response_days + 1))
            house.work()
        case "not-helped":
            say(house, prescription, "accept")
            say(house, prescription, "fail", reason="No")
        case "hand-back":
            assert house.browser("ana").act(referral, "hand-back", reason="Not for us").status_code == 303
        case "maybe-reopened":
            say(house, prescription, "accept")
            say(house, prescription, "fail", reason="No")
            mark(house, prescription, referral, code)
        case "answer-contradicts":
            say(house, prescription, "accept")
            say(house, prescription, "complete")
            say(house, prescription, "answer", happened="no")
        case "failed":
            referral = part_of(house, prescription)
            say(house, prescription, "accept", referral=referral)
            say(house, prescription, "fail", referral=referral, reason="No")
        case "cancelled":
            referral = part_of(house, prescription)
            mark(house, prescription, referral, code)
        case "question":
            ana = house.browser("ana")
            assert ana.act(referral, "message", text="Is she allergic?").status_code == 303
        case "no-other-partner":
            with house.database.write() as connection:
                set_route(connection, "north", "*", ["lakeside-services"])
            referral = part_of(house, prescription)
            say(house, prescription, "reject", referral=referral, reason="Full")
        case _:
            mark(house, prescription, referral, code)
    return prescription, referral


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)  # the events are tried on both elsewhere
@pytest.mark.parametrize("code", [code for code in waiting_codes() if code != "cancelled"])
def test_each_reason_says_what_happened_and_every_way_out_leads_out(new_database, clock, code):
    walked = set()
    for number, action in enumerate(ways_out(code)):
        with new_database() as database:
            house = House(database, clock)
            _prescription, referral = waiting(house, code)
            clock.advance(timedelta(minutes=1))
            names = ("kit", "root", "doctor")
            browsers = {name: house.browser(name) for name in names}
            for language in LANGUAGES:  # the last one stays: each other way is walked in another
                speak(browsers, LANGUAGES[(number + LANGUAGES.index(language)) % len(LANGUAGES)])
                page = html.unescape(browsers["kit"].get(f"/portal/referrals/{referral}").text)
                assert meaning_of(code, spoken_in(page)) in page, code
            browser = next((one for one in browsers.values() if action in one.offered(referral)), None)
            if browser is None:
                continue
            walked.add(action)
            place = f"/portal/referrals/{referral}"
            text = browser.get(place).text
            plain = re.search(rf'<form[^>]*action="[^"]*/do/{action}"', text)
            if plain:
                answer = browser.send(browser.get(place), f"/do/{action}")
            else:
                answer = browser.act(referral, action, **TYPED.get(action, {"reason": "Said so"}))
            assert answer.status_code == 303, (action, answer.text)
            after = browser.get(place)
            assert after.status_code == 200
            assert "saved" in browser.get(f"{place}?done={action}").text
            with database.read() as connection:
                mine = waiting_referrals(connection, table.c.tenant == "north")
            if action not in WAITS_ON:
                assert (referral, code) not in [(row.id, row.why) for row in mine], (code, action)
    assert set(ways_out(code)) - walked == FROM_ANOTHER_STATE.get(code, set())
