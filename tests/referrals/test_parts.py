"""Several parts of a prescription at one service: each that is open gets the newest word, and no more than its own."""

import copy

import orjson
import pytest
from support.journeys import HostedDesk, OwnDesk
from support.spine import DOCTOR, LINK_WORKER, TENANT, World, prescribed

from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.store.exact_json import dumps
from footbridge.store.network_context import contexts_of, put_context
from footbridge.store.resource_rows import Scope

FOOD, COMPANY, HOUSING = "food-insecurity", "social-connection", "housing-instability"
OLD, NEW = "416 555 0142", "416 555 0199"
EVERYTHING = ["contact", "needs", "goals", "strengths", "barriers", "own-words"]


@pytest.fixture(params=["fhir", "hosted"])
def desk(request, database, clock):
    """The service ``hub``, with a server of its own or in its compartment; ``world`` is its attribute."""
    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.partner("centre")
        found = OwnDesk(world.partner("hub")) if request.param == "fhir" else HostedDesk(world.hosted("hub"))
        yield world, found


def document(**changes):
    consent = prescribed()["consent"] | {"scope": EVERYTHING}
    return prescribed(service={"partner": "centre", "description": "A centre"}, consent=consent, **changes)


def split(world, *categories):
    found = world.submit(document()).id
    world.pass_time()
    world.split(found, [{"description": f"For {one}", "category": one, "partner": "hub"} for one in categories])
    world.pass_time()
    return found


def amended(world, newer):
    said = Amendment(message_id="1", document=orjson.dumps(newer))
    with world.database.write() as connection:
        amend(Scope(connection, TENANT, world.clock.now()), world.intake, DOCTOR, said)
    world.pass_time()


def changed():
    newer = copy.deepcopy(document())
    newer["client"]["contacts"][0]["value"] = f"+1 {NEW}"
    newer["needs"][0]["statement"] = "Has had nothing since Friday."
    newer["needs"][1]["statement"] = "Her sister moved away."
    newer["goals"][0]["description"] = "Eats something every day."
    newer["goals"][1]["description"] = "Has somebody to call."
    return newer


def said(desk, *types):
    return "\n".join(dumps(desk.all(type_)) for type_ in types or ("Patient", "Condition", "Goal", "Observation"))


def versions(desk):
    types = ("Patient", "Condition", "Goal", "Observation", "Task", "ServiceRequest", "Consent")
    return {(one["resourceType"], one["id"]): one["meta"]["versionId"] for type_ in types for one in desk.all(type_)}


def test_each_open_part_gets_what_was_amended(desk):
    world, hub = desk
    split(world, FOOD, COMPANY)
    assert "Skips meals" in said(hub)
    assert "Sees nobody" in said(hub)
    before = versions(hub)
    amended(world, changed())
    there = said(hub)
    for newest in (NEW, "Has had nothing", "Her sister moved away", "Eats something", "Has somebody to call"):
        assert newest in there, newest
    for older in (OLD, "Skips meals", "Sees nobody", "Eats three meals", "Has company"):
        assert older not in there, older
    after = versions(hub)
    assert after.keys() == before.keys()
    written = {int(after[key]) - int(before[key]) for key in after if after[key] != before[key]}
    assert written == {1}, "what both parts share is written once"
    assert world.counts()["failed"] == world.counts()["ready"] == 0


def test_a_part_whose_sibling_ended_gets_the_newest_word(desk):
    world, hub = desk
    found = split(world, FOOD, COMPANY)
    food = next(row for row in world.referrals(found) if row.category == FOOD)
    task = next(one for one in hub.all("Task") if food.task in dumps(one["identifier"]))
    hub.change({**task, "status": "completed"})
    world.pass_time(1)
    amended(world, changed())
    assert "Her sister moved away" in said(hub, "Condition")
    assert "Has somebody to call" in said(hub, "Goal")
    assert NEW in said(hub, "Patient")
    assert "Has had nothing" not in said(hub, "Condition"), "nothing new goes to a part that has ended"


def test_an_update_without_news_writes_nothing(desk):
    world, hub = desk
    found = split(world, FOOD, COMPANY)
    amended(world, changed())
    before = versions(hub)
    amended(world, changed() | {"notes": [{"text": "Only for the record."}]})
    world.command(found, "prohibit-contact")
    world.command(found, "allow-contact", LINK_WORKER, reason="She called")
    world.pass_time(1)
    after = versions(hub)
    assert after.keys() == before.keys()
    moved = {key[0] for key in after if after[key] != before[key]}
    assert moved <= {"Patient", "Task", "ServiceRequest"}


def test_what_leaves_the_category_of_its_parts_is_withdrawn(desk):
    world, hub = desk
    split(world, FOOD, COMPANY)
    newer = document()
    newer["goals"][0]["need"] = None
    newer["needs"][1]["category"] = HOUSING
    amended(world, newer)
    in_use = [one for one in hub.all("Goal") if one["lifecycleStatus"] == "active"]
    assert in_use == [], "neither goal belongs to a need of a part any more"
    active = [one for one in hub.all("Condition") if one["clinicalStatus"]["coding"][0]["code"] == "active"]
    assert len([one for one in active if "Skips meals" in dumps(one)]) == 1
    assert not [one for one in active if "Sees nobody" in dumps(one)]
    amended(world, document())
    assert len([one for one in hub.all("Goal") if one["lifecycleStatus"] == "active"]) == 2
    assert world.counts()["failed"] == 0


def test_what_consent_no_longer_covers_is_withdrawn(desk):
    world, hub = desk
    split(world, FOOD)
    assert "Eats three meals" in said(hub, "Goal")
    consent = document()["consent"] | {"scope": ["contact", "needs"]}
    amended(world, document() | {"consent": consent})
    assert [one for one in hub.all("Goal") if one["lifecycleStatus"] == "active"] == []
    barriers = [one for one in hub.all("Condition") if "No bus fare" in dumps(one)]
    assert not [one for one in barriers if one["clinicalStatus"]["coding"][0]["code"] == "active"]


def test_a_hosted_part_that_is_declined_leaves_nothing_of_the_client(database, clock):
    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.partner("centre")
        stranger = world.hosted("hub")
        newer = document()
        newer["needs"][0]["evidence"] = {
            "question": {"system": "http://loinc.org", "code": "88122-7"},
            "answerText": "Often true, since the spring.",
        }
        found = world.submit(newer).id
        world.pass_time()
        world.split(found, [{"description": "A box", "category": one, "partner": "hub"} for one in (FOOD, COMPANY)])
        world.pass_time()
        words = ("Okafor", "Skips meals", "Eats three meals", "No bus fare", "Led the church choir", "Quilting",
                 "since the spring")  # fmt: skip
        assert [word for word in words if word not in stranger.everything_said()] == []
        rows = {row.category: row for row in world.referrals(found) if row.category}
        with database.write() as connection:
            for row in rows.values():
                put_context(connection, TENANT, "hub", found, f"context of {row.category}", referral=row.id)
        for task in stranger.all("Task"):
            assert stranger.put({**task, "status": "rejected", "statusReason": {"text": "Full"}})[0] == 200
            if len([one for one in stranger.all("Task") if one["status"] == "rejected"]) == 1:
                with database.read() as connection:
                    kept = contexts_of(connection, TENANT, "hub", found)
                declined = next(key for key, row in rows.items() if row.task in dumps(task["identifier"]))
                assert kept.keys() == {row.id for key, row in rows.items() if key != declined}
        world.pass_time()
        assert [word for word in words if word in stranger.everything_said()] == []
        with database.read() as connection:
            assert contexts_of(connection, TENANT, "hub", found) == {}
