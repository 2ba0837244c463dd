"""The tables of the portal are whole: each reason to wait has its ways out, each event its button, each word French."""

from importlib.resources import files

import pytest

from footbridge.data import read_json
from footbridge.i18n import LANGUAGES
from footbridge.model.events import names
from footbridge.model.holds import hold_kinds
from footbridge.model.lifecycle.tables import machines
from footbridge.model.reasons import proposal_for, waiting_codes, ways_out
from footbridge.referrals.events_offered import event_names
from footbridge.security.access import role_text, user_roles
from footbridge.store import worklist
from footbridge.terminology import categories
from footbridge.web.portal.actions import SAYS

TABLE = read_json("mappings", "portal.json")


@pytest.mark.parametrize("code", waiting_codes())
def test_each_reason_to_wait_has_a_proposal_and_ways_out(code):
    assert all(proposal_for(code, language) for language in LANGUAGES)
    assert "`" not in "".join(proposal_for(code, language) for language in LANGUAGES)  # no command: they have a browser
    assert len(ways_out(code)) >= 2
    assert set(ways_out(code)) <= TABLE["actions"].keys()


def test_each_reason_of_the_code_has_a_row():
    told = {worklist.OVERDUE, worklist.QUESTION, *worklist.OF_A_PART}
    told |= {kind.why for kind in hold_kinds().values()}
    told |= set(read_json("mappings", "events.json")["codes"]["why"])
    told |= {"not-delivered", "given-up", "nobody-asked", "not-helped"}
    assert told == set(waiting_codes())


def test_each_event_that_a_person_can_send_is_offered_or_says_why_not():
    offered = {row["event"] for row in TABLE["actions"].values() if "event" in row}
    assert offered | TABLE["notOffered"].keys() >= set(event_names())
    assert not offered & TABLE["notOffered"].keys()
    assert {row["says"] for row in TABLE["actions"].values() if "says" in row} == SAYS.keys()


def test_each_status_has_its_word_and_its_look():
    statuses = {status for machine in machines().values() for status in machine.statuses}
    assert statuses <= TABLE["statuses"].keys()
    assert TABLE["statuses"].keys() == TABLE["tones"].keys()


def test_each_sentence_is_about_an_event_and_names_only_what_it_may():
    assert TABLE["sentences"].keys() == set(names())
    for sentence in TABLE["sentences"].values():
        for text in sentence.values():
            assert text.format(who="x", service="y")


def test_each_role_is_said_in_both_languages():
    for role in user_roles():
        for language in LANGUAGES:
            assert role_text(role, language)
            assert role_text(role, language, "about")


def test_each_category_and_kind_can_be_prescribed_in_plain_words_with_an_icon():
    written = read_json("mappings", "prescribing.json")
    known = {one.code for one in categories()} - {"protective-factor"}  # a strength, which has its own field
    assert set(written["categories"]) == known
    icons = files("footbridge.web.portal").joinpath("static", "icons.svg").read_text("utf-8")
    for name in [*known, *written["kinds"]]:
        assert f"id='{name}'" in icons
    for one in [*written["categories"].values(), *written["kinds"].values()]:
        for language in LANGUAGES:
            assert one["text"][language]
            assert one["hint"][language]


def test_each_option_of_the_form_has_its_word_in_both_languages():
    written = read_json("mappings", "prescribing.json")
    for row in written["fields"]:
        assert set(row["label"]) == set(LANGUAGES)
        for code in row.get("options", []):
            assert set((TABLE["words"] | written["words"])[code]) == set(LANGUAGES), code
