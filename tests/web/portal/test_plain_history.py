"""What the page of a referral says: plain sentences of what happened, and buttons that say what they do."""

import html

import pytest
from support.spine import prescribed

from footbridge.model.principals import Principal
from footbridge.referrals.unit import open_unit
from footbridge.store.resource_rows import Scope
from footbridge.store.routes import set_route


def page_of(browser, referral, query=""):
    return html.unescape(browser.get(f"/portal/referrals/{referral}{query}").text)


def note(house, prescription, referral, name, detail, role="recipient"):
    """What the workflow writes into the timeline."""
    who = Principal(role, partner="lakeside-services", name="Lakeside Services", tenant="north", channel="network")
    with house.database.write() as connection:
        scope = Scope(connection, "north", house.clock.now())
        with open_unit(scope, prescription) as unit:
            unit.note(who, name, referral, detail=detail)


def test_a_decline_in_the_portal_is_one_line_and_no_echo_of_the_partners_copy(both):
    _prescription, referral = both.prescribe()
    both.work()
    both.clock_step(5)
    both.browser("ana").act(referral, "reject", why="full")
    for _minute in range(3):
        both.clock_step(60)
        both.work()
    page = page_of(both.browser("kit"), referral)
    assert "Ana (Lakeside Services) declined." in page
    assert "not possible any more" not in page


def test_what_was_refused_is_said_in_plain_words(house):
    prescription, referral = house.prescribe()
    detail = {"code": "terminal", "message": "A recipient cannot report requested; allowed: nothing."}
    note(house, prescription, referral, "refused", detail)
    page = page_of(house.browser("kit"), referral)
    assert "Lakeside Services reported what was not possible any more. It changed nothing." in page
    assert "The referral has ended." in page
    assert "allowed: nothing" not in page


def test_what_only_those_need_who_look_after_the_systems_is_folded_away(house):
    prescription, referral = house.prescribe()
    remarks = {"remarks": ["Not in the prescription: Patient.identifier."]}
    note(house, prescription, None, "remarks", remarks, "requester")
    page = page_of(house.browser("kit"), referral)
    before, _line, _after = page.partition("Not in the prescription")
    assert before.rpartition("<details>")[2].startswith("<summary>For those who look after the systems")


@pytest.mark.parametrize(("language", "words"), [("en", "Take it on yourself"), ("fr", "S'en charger soi-même")])
def test_a_navigator_takes_on_what_no_service_is_asked_for(house, language, words):
    kit = house.browser("kit")
    kit.client.set_cookie("footbridge_language", language, path="/portal")
    _prescription, asked = house.prescribe()
    assert words not in page_of(kit, asked)
    with house.database.write() as connection:
        set_route(connection, "north", "*", [])
    _prescription, referral = house.prescribe(document=prescribed(kind="navigator", service=None))
    page = page_of(kit, referral)
    assert words in page
    assert "the service accepted" not in page
    assert "le service a accepté" not in page


def test_what_has_ended_is_not_on_its_way_and_what_helped_is_not_tried_again_first(house):
    _prescription, referral = house.prescribe()
    kit = house.browser("kit")
    assert "on its way" in page_of(kit, referral, "?done=prescribed")
    ana = house.browser("ana")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    ana.act(referral, "complete", words="Three boxes given.")
    page = page_of(kit, referral, "?done=prescribed")
    assert "on its way" not in page
    assert "Three boxes given." in page
    assert page.index("/do/answer") < page.index("/do/route")
