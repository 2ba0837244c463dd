"""The language of a tenant is that of every narrative that is made for it: delivered, amended, asked again, split."""

import orjson
import pytest
from support.spine import DOCTOR, TENANT, everything, prescribed

from footbridge.mapping.narrative import language_of
from footbridge.partners.fhir.simulator.scripts import DECLINES, always
from footbridge.partners.inbound import Amendment
from footbridge.referrals.amendment import amend
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import get_tenant, set_language

FRENCH_LINE = '<p>Besoin\u00a0: <span lang="en" xml:lang="en">Skips meals at the end of the month.</span></p>'


@pytest.fixture
def french(world):
    with world.database.write() as connection:
        set_language(connection, TENANT, "fr")
    return world


def narrated(world, name):
    """The languages of the narratives at a partner; texts stay in the language of the prescription."""
    found = [one for one in everything(world.servers[name]) if one.get("language") and "text" in one]
    assert len(found) > 5
    assert {one["language"] for one in found} == {"en"}
    return {language_of(one, "und") for one in found}


def amended(world, document):
    said = Amendment(message_id="1", document=orjson.dumps(document))
    with world.database.write() as connection:
        return amend(Scope(connection, TENANT, world.clock.now()), world.intake, DOCTOR, said)


def test_what_is_delivered_is_told_in_french(french):
    french.submit(prescribed())
    french.pass_time(1)
    assert narrated(french, "hub") == narrated(french, "emr") == {"fr"}
    assert FRENCH_LINE in french.order("emr")["text"]["div"]


def test_nothing_changes_where_no_language_is_set(world):
    world.submit(prescribed())
    world.pass_time(1)
    assert narrated(world, "hub") == narrated(world, "emr") == {"en"}


def test_an_amendment_keeps_the_language(french):
    found = french.submit(prescribed()).id
    french.pass_time(1)
    document = prescribed()
    document["needs"][0]["statement"] = "Has had nothing since Friday."
    assert amended(french, document) == "active"
    french.pass_time(1)
    assert narrated(french, "hub") == narrated(french, "emr") == {"fr"}
    assert "Has had nothing since Friday." in french.order("emr")["text"]["div"]
    assert french.status(found) == "active"


def test_another_try_is_told_in_the_language_too(french):
    french.script("hub", always(DECLINES))
    french.partner("pantry")
    french.route("*", "hub", "pantry")
    found = french.submit(prescribed()).id
    french.pass_time(2)
    tries = [french.ours("Task", row.task) for row in french.referrals(found)]
    assert len(tries) == 2
    assert {language_of(one, "und") for one in tries} == {"fr"}
    assert narrated(french, "pantry") == {"fr"}


def test_a_part_is_told_in_the_language_too(french):
    found = french.submit(prescribed()).id
    french.split(found, [{"description": "A food box", "category": "food-insecurity"}])
    made = [french.ours("Task", row.task) for row in french.referrals(found) if row.parent is not None]
    assert [language_of(one, "und") for one in made] == ["fr"]
    assert '<span lang="en" xml:lang="en">A food box</span>' in made[0]["text"]["div"]


def test_the_language_can_be_taken_back(french):
    with french.database.write() as connection:
        assert get_tenant(connection, TENANT).language == "fr"
        set_language(connection, TENANT, None)
        assert get_tenant(connection, TENANT).language is None
    french.submit(prescribed())
    french.pass_time(1)
    assert narrated(french, "hub") == {"en"}
