"""A service on a spool that has several referrals of one prescription: each has a context of its own."""

import json

import pytest
from partners.spool.conftest import Town
from support.spine import LINK_WORKER, TENANT, prescribed

from footbridge.store.network_context import contexts_of

FOOD, COMPANY = "food-insecurity", "social-connection"
PARTS = [
    {"description": "A food box", "category": FOOD, "partner": "hub"},
    {"description": "A choir", "category": COMPANY, "partner": "hub"},
]


@pytest.fixture(params=["fhir", "spool"])
def split(town: Town, request):
    """Our id of a prescription of the service ``centre``, and the keys of its two parts at ``hub``, by category."""
    town.add("emr" if request.param == "fhir" else "desk", "requester", request.param)
    town.add("centre", "recipient", "spool")
    town.add("hub", "recipient", "spool")
    found = town.prescribe(prescribed(service={"partner": "centre", "description": "A community centre"}))
    town.split(found, PARTS)
    town.turn()
    return found, {row.category: row.task for row in town.referrals(found) if row.parent is not None}


def context_of(town: Town, key: str):
    return json.loads(town.folders["hub"].read(f"{key}.json")["context"])


def stored(town: Town, found: str, partner: str = "hub"):
    with town.database.read() as connection:
        return dict(contexts_of(connection, TENANT, partner, found))


def test_each_part_has_its_context_and_goes_to_its_end(town: Town, split) -> None:
    found, keys = split
    hub = town.folders["hub"]
    hub.put("status", referral=keys[FOOD], status="accepted", context='{"brought": 100, "thread": "food"}')
    hub.put("status", referral=keys[COMPANY], status="accepted", context='{"brought": 200, "thread": "choir"}')
    town.turn()
    town.command(found, "prohibit-contact", LINK_WORKER)  # an update for both
    town.turn()
    rows = {row.category: row for row in town.referrals(found) if row.parent is not None}
    kept = {category: json.loads(stored(town, found)[row.id]) for category, row in rows.items()}
    assert kept[FOOD]["brought"] > 100
    assert kept[COMPANY]["brought"] > 200
    for category, first in ((FOOD, 100), (COMPANY, 200)):
        assert first <= context_of(town, keys[category])["brought"] < first + 100
    hub.put("status", referral=keys[FOOD], status="completed", context='{"brought": 300, "thread": "food"}')
    hub.put("status", referral=keys[COMPANY], status="failed", reason="The choir ended")
    town.turn(3)
    assert {row.category: row.status for row in town.referrals(found) if row.parent is not None} == {
        FOOD: "completed",
        COMPANY: "failed",
    }
    assert town.status(found) == "completed"
    assert context_of(town, keys[FOOD])["brought"] == 300
    assert 200 <= context_of(town, keys[COMPANY])["brought"] < 300
    assert town.counts()["ready"] == town.counts()["failed"] == 0
    if "desk" in town.folders:
        assert town.folders["desk"].referral()["context"] == "thread 7"
        assert stored(town, found, "desk") == {"": "thread 7"}


def test_both_parts_get_the_newest_word(town: Town, split) -> None:
    found, keys = split
    town.command(found, "prohibit-contact", LINK_WORKER)
    town.turn()
    hub = town.folders["hub"]
    for key in keys.values():
        assert hub.read(f"{key}.json")["client"]["reach"] == []
    town.command(found, "allow-contact", LINK_WORKER, reason="She called")
    town.turn()
    for key in keys.values():
        assert hub.read(f"{key}.json")["client"]["reach"] == ["+1 416 555 0142"]


def test_a_part_that_ended_gets_nothing_new_of_the_client(town: Town, split) -> None:
    found, keys = split
    hub = town.folders["hub"]
    hub.put("status", referral=keys[FOOD], status="completed")
    town.turn()
    town.command(found, "prohibit-contact", LINK_WORKER)
    town.turn()
    assert hub.read(f"{keys[COMPANY]}.json")["client"]["reach"] == []
    assert hub.read(f"{keys[FOOD]}.json")["client"]["reach"] == ["+1 416 555 0142"]
    assert hub.read(f"{keys[FOOD]}.json")["state"]["status"] == "completed"


def test_another_try_at_the_same_service_starts_without_a_context(town: Town) -> None:
    town.add("desk", "requester", "spool")
    town.add("hub", "recipient", "spool")
    found = town.prescribe()
    hub = town.folders["hub"]
    first = hub.referral()["state"]["referral"]
    hub.put("status", referral=first, status="rejected", reason="Full", context='{"brought": 50}')
    town.turn()
    town.command(found, "route", LINK_WORKER, partner="hub")
    town.turn()
    one, other = town.referrals(found)
    kept = stored(town, found)
    assert json.loads(kept[one.id]) == {"brought": 50}
    assert json.loads(kept[other.id])["brought"] < 50
    assert hub.read(f"{first}.json")["state"]["status"] == "rejected"
    assert hub.read(f"{other.task}.json")["state"]["status"] == "requested"


def test_a_network_that_writes_all_that_it_gets_is_handed_nothing_of_the_client_after_the_end(town: Town) -> None:
    town.add("desk", "requester", "spool")
    town.add("hub", "recipient", "spool-talkative")
    found = town.prescribe()
    hub = town.folders["hub"]
    assert "Okafor" in hub.text()
    hub.put("status", referral=hub.referral()["state"]["referral"], status="rejected", reason="Full")
    town.turn()
    town.command(found, "withdraw", LINK_WORKER, reason="Nobody else is near")
    town.turn()
    assert hub.referral()["state"]["order"] == "revoked"
    assert [word for word in ("Okafor", "416 555 0142", "Skips meals", "Eats three") if word in hub.text()] == []
