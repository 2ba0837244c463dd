"""``GET /api/v1/waiting``: what a person has to look at."""

import pytest

from footbridge.store.routes import set_route


@pytest.fixture
def unrouted(both):
    """Nobody is asked by itself."""
    with both.database.write() as connection:
        set_route(connection, "north", "*", [])
    return both


def test_what_waits_longest_comes_first_with_the_reason(unrouted):
    first, second = (unrouted.taken_in("04-art-class", number) for number in (1, 2))
    unrouted.later(hours=1)
    unrouted.say(first, "route", who="navigator", partner="lakeside-services")
    unrouted.say(first, "reject", who="lakeside", reason="Full")
    old, new = unrouted.get("/api/v1/waiting").json["waiting"]
    assert (old["why"], old["partner"], old["prescription"]["id"]) == ("nobody-asked", None, second.rpartition("/")[2])
    assert (new["why"], new["partner"], new["status"]) == ("not-helped", "lakeside-services", "rejected")
    assert new["prescription"]["status"] == "waiting"
    assert unrouted.get("/api/v1/waiting", limit=1).json["waiting"] == [old]
    assert unrouted.get("/api/v1/waiting", who="southerner").json == {"waiting": [], "messages": []}


def test_it_is_for_our_own_users(office):
    assert office.get("/api/v1/waiting", who="lakeside").status_code == 403
    assert office.client.get("/api/v1/waiting").status_code == 401
    assert office.get("/api/v1/waiting", limit=0).status_code == 400


def test_parts_stand_in_the_order_in_which_they_were_asked_for(both):
    place = both.taken_in("09-three-referrals")
    wanted = [f"Part {number}" for number in range(9)]
    parts = [{"description": words, "category": "food-insecurity"} for words in wanted]
    assert both.say(place, "split", who="navigator", parts=parts).status_code == 200
    referrals = both.get(place).json["referrals"]
    events = both.get(f"{place}/timeline").json["events"]
    told = {one["referral"]: one["detail"]["description"] for one in events if one["name"] == "part"}
    assert [told[one["id"]] for one in referrals if one["parent"]] == wanted
