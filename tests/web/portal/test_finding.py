"""Asking a service for a referral that is there: the search of the directory, and all who work with us, best first."""

import html
import re

import pytest
from support.portal import PANTRY

from footbridge.store.partners import Partner, add_partner


def plain(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.text)).split())


def offered(answer):
    """The partners that can be chosen, in the order of the page."""
    return re.findall(r'name="partner" value="([^"]+)"', answer.text)


@pytest.fixture
def waiting(house):
    """The form that asks a service, for a referral that waits for one."""
    with house.database.write() as connection:
        for number in range(200):
            row = Partner(f"many-{number:03}", "hosted", "recipient", f"Service {number:03}", "")
            add_partner(connection, "north", row, house.clock.now())
    _prescription, referral = house.prescribe("02-bereavement-network", kind="navigator", service=None)
    return f"/portal/referrals/{referral}/do/route"


def test_who_fits_comes_first_and_the_others_are_folded(house, waiting):
    page = house.browser("kit").get(waiting)
    assert page.status_code == 200
    names = offered(page)
    assert set(names[:2]) == {"lakeside-services", "north-end-hub"}
    assert len(names) == len(set(names)) == 202
    assert "194 more services" in plain(page)


def test_a_hit_that_a_partner_receives_for_is_chosen_there(house, waiting, listed):
    listed(linked="many-150")
    kit = house.browser("kit")
    answer = kit.send(kit.get(waiting), "/do/route", find="yes", find_words="kitchen", reason="Near to her.")
    assert answer.status_code == 200
    assert "Near to her." in answer.text
    assert f"Ask Service 150 for {PANTRY}" in plain(answer)
    assert "Monday to Friday" in plain(answer)
    chosen = offered(answer)[0]
    assert chosen.startswith("many-150 ")
    done = kit.send(answer, "/do/route", partner=chosen)
    assert done.status_code == 303
    page = plain(kit.get(done.headers["Location"]))
    assert "Service 150" in page
    assert f"Service of the directory {PANTRY}" in page  # which was chosen, and is stored with the referral
    assert "705-555-0142" in page


def test_a_hit_that_is_not_this_partners_is_refused_at_the_field(house, waiting, listed):
    listed(linked="many-150")
    kit = house.browser("kit")
    answer = kit.send(kit.get(waiting), "/do/route", find="yes", find_words="kitchen")
    identity = offered(answer)[0].partition(" ")[2]
    for wrong in (f"many-151 {identity}", "many-150 nothing", f"nobody {identity}"):
        refused = kit.send(answer, "/do/route", partner=wrong, reason="Kept")
        assert refused.status_code == 422
        assert 'id="partner-error"' in refused.text
        assert "Kept" in refused.text


def test_a_hit_that_nobody_receives_for_is_phoned(house, waiting, listed):
    listed()
    kit = house.browser("kit")
    answer = kit.send(kit.get(waiting), "/do/route", find="yes", find_words="kitchen")
    said = plain(answer)
    assert "No partner receives referrals for it here" in said
    assert "705-555-0142" in said
    assert f"for {PANTRY}" not in said


def test_words_narrow_the_partners_too_and_a_search_does_nothing(house, waiting):
    kit = house.browser("kit")
    answer = kit.send(kit.get(waiting), "/do/route", find="yes", find_words="service 15")
    assert offered(answer) == [f"many-{number}" for number in range(150, 160)]
    assert "No service asked yet" in plain(kit.get(waiting.partition("/do/")[0]))
