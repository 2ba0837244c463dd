"""An amended prescription takes the place of the older one, and services at work with FHIR follow it."""

import copy

import orjson
import pytest
from support.spine import DOCTOR, HCN, TENANT, everything, prescribed

from footbridge.errors import ConflictError, NotFoundError, PrescriptionError
from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.store.exact_json import dumps
from footbridge.store.resource_rows import Scope

OLD, NEW = "416 555 0142", "416 555 0199"
NOTHING = "Has had nothing since Friday."


def amended(world, document, principal=DOCTOR):
    """Put the document in the place of the prescription that has its identifier; the status."""
    said = Amendment(message_id="1", document=orjson.dumps(document))
    with world.database.write() as connection:
        return amend(Scope(connection, TENANT, world.clock.now()), world.intake, principal, said)


def changed(number=1, **changes):
    """The prescription with another telephone number and another statement of its first need."""
    document = prescribed(number)
    document["client"]["contacts"][0]["value"] = f"+1 {NEW}"
    document["needs"][0]["statement"] = NOTHING
    return {name: value for name, value in (document | changes).items() if value is not None}


def state(world, found):
    return world.timeline(found), [world.ours("Task", row.task) for row in world.referrals(found)], world.entries()


def conditions(world, name):
    return "\n".join(dumps(one) for one in world.servers[name].all("Condition"))


def test_a_service_at_work_gets_the_new_number_and_the_changed_need(world):
    found = world.submit(prescribed()).id
    world.pass_time()
    world.act("hub", status="accepted")
    world.pass_time(1)
    assert amended(world, changed()) == "active"
    world.pass_time()
    there = "\n".join(dumps(one) for one in everything(world.servers["hub"]))
    assert NEW in there
    assert OLD not in there
    assert NOTHING in conditions(world, "hub")
    assert "Skips meals" not in conditions(world, "hub")
    assert len(world.servers["hub"].all("Condition")) == 2
    assert len(world.servers["hub"].all("Patient")) == 1
    assert (world.task("hub")["status"], world.status(found)) == ("accepted", "active")
    assert world.counts()["ready"] == world.counts()["failed"] == 0


def test_a_goal_that_is_added_reaches_the_service_and_counts_like_the_others(world):
    found = world.submit(prescribed()).id
    world.pass_time()
    goals = [*prescribed()["goals"], {"need": 0, "description": "Cooks with neighbours."}]
    amended(world, prescribed(goals=goals))
    world.pass_time()
    assert "Cooks with neighbours." in dumps(world.servers["hub"].all("Goal"))
    assert len(world.servers["hub"].all("Goal")) == 3
    world.act("hub", status="completed")
    world.pass_time(1)
    world.command(found, "answer", happened="yes", goals=[(2, "achieved")])
    settled = [event.detail for event in world.timeline(found) if event.name == "goal-changed"]
    assert {"goal": "goal/2", "lifecycle": "completed", "achievement": "achieved"} in settled


def test_our_own_resources_follow_and_keep_how_far_things_are(world):
    found = world.submit(prescribed()).id
    world.pass_time()
    world.act("hub", status="accepted")
    world.pass_time(1)
    amended(world, changed(priority="urgent"))
    (row,) = world.referrals(found)
    task, order = world.ours("Task", row.task), world.ours("ServiceRequest", row.service_request)
    assert (task["status"], task["priority"]) == ("accepted", "urgent")
    assert (order["status"], order["priority"]) == ("active", "urgent")
    assert task["owner"] == world.our_task(found)["owner"]
    assert world.submit(changed(priority="urgent")).id == found  # it is what stands now


def test_a_service_that_has_ended_its_part_gets_nothing(world):
    world.partner("kitchen")
    world.route("food-insecurity", "hub", "kitchen")
    world.submit(prescribed(service=None))
    world.pass_time()
    world.act("hub", status="rejected")
    world.pass_time(1)
    amended(world, changed(service=None))
    world.pass_time(1)
    assert NOTHING in conditions(world, "kitchen")
    assert NOTHING not in conditions(world, "hub")


def test_what_consent_does_not_cover_stays_at_home(world):
    consent = prescribed()["consent"] | {"scope": ["needs", "goals"]}
    world.submit(prescribed(consent=consent))
    world.pass_time()
    amended(world, changed(consent=consent))
    world.pass_time()
    there = "\n".join(dumps(one) for one in everything(world.servers["hub"]))
    assert NEW not in there
    assert NOTHING in there


def someone_else():
    client = copy.deepcopy(prescribed()["client"])
    client["identifiers"] = [{"system": HCN, "value": "1234567897"}]
    return client


@pytest.mark.parametrize("is_known", [True, False])
def test_another_client_is_refused_and_nothing_is_stored(world, is_known):
    found = world.submit(prescribed()).id
    if is_known:
        world.submit(prescribed(2, client=someone_else()))
    world.pass_time()
    before = state(world, found)
    with pytest.raises(ConflictError, match="another client"):
        amended(world, changed(client=someone_else()))
    assert state(world, found) == before


def test_an_identifier_that_is_added_belongs_to_the_client_from_then_on(world):
    world.submit(prescribed())
    world.pass_time()
    client = prescribed()["client"]
    client["identifiers"].append({"system": "urn:footbridge:test:chart", "value": "C-7"})
    amended(world, prescribed(client=client))
    moved = client | {"identifiers": client["identifiers"][1:], "contacts": changed()["client"]["contacts"]}
    world.submit(prescribed(2, client=moved, authored=world.clock.now().isoformat()))
    world.pass_time()
    assert OLD not in dumps(world.servers["hub"].all("Patient"))
    assert len(world.servers["hub"].all("Patient")) == 1


def test_another_kind_is_refused(world):
    found = world.submit(prescribed()).id
    with pytest.raises(ConflictError, match="kind"):
        amended(world, changed(kind="signpost"))
    assert "amended" not in world.names(found)


@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_an_ended_prescription_is_refused(world, end):
    found = world.submit(prescribed()).id
    world.pass_time()
    if end == "completed":
        world.act("hub", status="completed")
        world.pass_time(1)
    else:
        world.command(found, "cancel", reason="Moved away")
    assert world.status(found) == end
    with pytest.raises(ConflictError, match="ended"):
        amended(world, changed())
    assert "amended" not in world.names(found)


def test_the_very_same_document_changes_nothing(world):
    found = world.submit(prescribed()).id
    world.pass_time()
    before = state(world, found)
    assert amended(world, prescribed()) == "active"
    amended(world, dict(reversed(prescribed().items())))
    assert state(world, found) == before


def test_faults_and_unknown_identifiers_are_refused(world):
    world.submit(prescribed())
    with pytest.raises(PrescriptionError):
        amended(world, changed(needs=[{"category": "fod", "statement": "Hungry."}]))
    with pytest.raises(NotFoundError):
        amended(world, changed(2))


def test_the_timeline_names_changed_members_and_never_a_value(world):
    found = world.submit(prescribed()).id
    world.pass_time()
    amended(world, changed(priority="urgent", notes=None))
    (event,) = [one for one in world.timeline(found) if one.name == "amended"]
    assert event.detail == {"members": ["/client/contacts", "/needs", "/notes", "/priority"]}
    assert (event.actor, event.role, event.reason) == ("dr-tremblay", "requester", None)
    text = dumps([one.detail | {"reason": one.reason} for one in world.timeline(found)])
    assert [value for value in (NEW, OLD, NOTHING, "urgent", "stick") if value in text] == []
