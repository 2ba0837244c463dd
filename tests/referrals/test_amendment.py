"""An amended prescription takes the place of the older one, and services at work with FHIR follow it."""

import copy

import orjson
import pytest
from sqlalchemy import text
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


# What an amended prescription no longer has


def less(**changes):
    """The prescription without its second need, its second goal, its support."""
    document = prescribed(**changes)
    return document | {"needs": document["needs"][:1], "goals": document["goals"][:1], "supports": []}


def in_use(world, name):
    """How many goals, needs and supports a partner holds as in use."""
    server = world.servers[name]
    active = [one for one in server.all("Goal") if one["lifecycleStatus"] == "active"]
    needs = [one for one in server.all("Condition") if one["clinicalStatus"]["coding"][0]["code"] == "active"]
    orders = [one for one in server.all("ServiceRequest") if one["status"] == "active"]
    return len(active), len(needs), len(orders)


def test_what_was_taken_out_is_no_longer_in_use_anywhere(world):
    found = world.submit(prescribed()).id
    world.pass_time()
    before = in_use(world, "hub"), in_use(world, "emr")
    assert before == ((2, 2, 1), (2, 2, 2))  # consent covers no supports
    amended(world, less())
    world.pass_time()
    assert (in_use(world, "hub"), in_use(world, "emr")) == ((1, 1, 1), (1, 1, 1))
    for name in ("hub", "emr"):
        (order,) = (one for one in world.servers[name].all("ServiceRequest") if one["status"] == "active")
        assert len(order["reasonReference"]) == 1
        assert "Sees nobody" not in order["text"]["div"]
    (row,) = world.referrals(found)
    assert len(world.ours("ServiceRequest", row.service_request)["reasonReference"]) == 1
    world.act("hub", status="completed")
    world.pass_time(1)
    assert in_use(world, "emr")[0] == 1
    assert world.counts()["failed"] == 0


def test_what_was_taken_out_may_come_back(world):
    world.submit(prescribed())
    world.pass_time()
    amended(world, less())
    world.pass_time()
    amended(world, prescribed())
    world.pass_time()
    assert (in_use(world, "hub"), in_use(world, "emr")) == ((2, 2, 1), (2, 2, 2))
    assert len(world.servers["hub"].all("Goal")) == 2


def test_what_was_taken_out_leaves_nothing_with_a_service_on_our_server(world):
    choir = world.hosted("choir")
    document = {"service": {"partner": "choir", "description": "A choir"}}
    world.submit(prescribed(**document))
    world.pass_time()
    assert len(choir.all("Condition")) == 2
    amended(world, less(**document))
    world.pass_time()
    assert len(choir.all("Condition")) == len(choir.all("Goal")) == 1
    with world.database.read() as connection:
        stored = connection.execute(text("SELECT body FROM resource WHERE compartment = 'choir'")).scalars().all()
    assert not [body for body in stored if "Sees nobody" in body or "Has company" in body]
    amended(world, prescribed(**document))
    world.pass_time()
    assert len(choir.all("Condition")) == len(choir.all("Goal")) == 2


def test_the_requesters_record_follows_what_is_prescribed_and_keeps_what_its_people_wrote(world):
    world.submit(prescribed())
    world.pass_time()
    (kept,) = [one for one in world.servers["emr"].all("Condition") if "Sees nobody" in dumps(one)]
    world.rewrite("emr", kept, note=[{"text": "Talked with her daughter."}])
    goal = world.servers["emr"].all("Goal")[0]
    world.rewrite("emr", goal, note=[{"text": "She chose it."}])
    amended(world, changed(priority="urgent"))
    world.pass_time()
    assert NOTHING in conditions(world, "emr")
    assert "Skips meals" not in conditions(world, "emr")
    assert "Talked with her daughter." in conditions(world, "emr")
    assert "She chose it." in dumps(world.servers["emr"].all("Goal"))
    (order,) = (one for one in world.servers["emr"].all("ServiceRequest") if "support-kind" not in dumps(one))
    assert order["priority"] == "urgent"
    assert NOTHING in order["text"]["div"]


# Its follow-up


def planned(world):
    with world.database.read() as connection:
        query = text("SELECT due FROM job WHERE kind = 'follow-up' AND state = 'ready'")
        return [str(due)[:10] for due in connection.execute(query).scalars()]


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        ("2026-03-30", "2026-04-15", ["2026-04-15"]),
        ("2026-03-30", "2026-03-10", ["2026-03-10"]),
        (None, "2026-03-20", ["2026-03-20"]),
        ("2026-03-30", None, []),
    ],
)
def test_a_follow_up_is_planned_for_the_day_that_holds_now(world, before, after, days):
    def document(day):
        return prescribed(followUp=None if day is None else {"due": day, "questions": ["did-it-happen"]})

    found = world.submit(document(before)).id
    world.pass_time()
    amended(world, document(after))
    world.pass_time()
    assert planned(world) == days
    statuses = [one["status"] for one in world.servers["emr"].all("Task") if one["intent"] == "plan"]
    assert statuses == (["requested"] if after else ["cancelled"])
    world.act("hub", status="completed")
    world.pass_time(50)
    assert ("follow-up-due" in world.names(found)) == (after is not None)


def explicit(number=1):
    """The prescription, with nothing more than an explicit word that the client is safe to contact."""
    document = prescribed(number)
    assert "safeToContact" not in document["client"]
    document["client"]["safeToContact"] = True
    return document


def test_that_contact_is_safe_is_something_that_an_amendment_can_say(world):
    found = world.submit(prescribed()).id
    assert amended(world, explicit()) == "active"
    (event,) = [event for event in world.timeline(found) if event.name == "amended"]
    assert event.detail == {"members": ["/client/safeToContact"]}
    amended(world, explicit())  # the same again says nothing new
    assert [event.name for event in world.timeline(found)].count("amended") == 1
    assert amended(world, prescribed()) == "active"  # silence says something else
    assert [event.name for event in world.timeline(found)].count("amended") == 2


def test_silence_and_an_explicit_word_are_not_the_same_prescription(world):
    world.submit(prescribed())
    with pytest.raises(ConflictError):
        world.submit(explicit())
    first = world.submit(explicit(2))
    assert world.submit(explicit(2)).id == first.id
    with pytest.raises(ConflictError):
        world.submit(prescribed(2))


FORMER = "03802fd7a5813449182fb3dc77a5bf85b6c9488a6fac1ad600ddc68726f22191"
"""The fingerprint that Footbridge 8af276a stored of ``explicit()``, and of ``prescribed()``: it did not tell them apart."""


def stored_formerly(world):
    """The prescription as that version stored it; its id."""
    found = world.submit(prescribed()).id
    with world.database.write() as connection:
        connection.execute(text("UPDATE prescription SET fingerprint = :former"), {"former": FORMER})
    return found


def test_a_repeat_of_what_an_older_version_stored_is_harmless(world):
    found = stored_formerly(world)
    for document in (explicit(), prescribed(), explicit()):
        receipt = world.submit(document)
        assert (receipt.id, receipt.created) == (found, False)
    with pytest.raises(ConflictError):
        world.submit(changed())
    with pytest.raises(ConflictError):
        world.submit({**explicit(), "notes": [{"text": "Walks well."}]})


def test_an_amendment_of_what_an_older_version_stored_may_allow_contact(world):
    found = stored_formerly(world)
    assert amended(world, prescribed()) == "active"
    assert "amended" not in world.names(found)
    amended(world, explicit())
    amended(world, explicit())
    assert world.names(found).count("amended") == 1


def test_an_explicit_null_is_silence(world):
    first = world.submit(prescribed())
    document = prescribed()
    document["client"]["safeToContact"] = None
    assert not world.submit(document).created
    assert world.submit(document).id == first.id


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"journey": {"system": "http://acme.com/j", "value": "1"}}, "/journey/system"),
        ({"journey": {"system": "http://hl7.org/fhir/sid/us-sn", "value": "1"}}, "/journey/system"),
        ({"notes": [{"text": "x", "language": "xx"}]}, "/notes/0/language"),
        (
            {
                "interests": [
                    {"text": "x", "code": {"system": "http://hl7.org/fhir/administrative-gender", "code": "man"}}
                ]
            },
            "/interests/0/code/code",
        ),
    ],
)
def test_what_the_validator_refuses_in_an_amendment_is_the_senders(world, changes, pointer):
    found = world.submit(prescribed()).id
    before = state(world, found)
    with pytest.raises(PrescriptionError) as refused:
        amended(world, changed(**changes))
    assert pointer in [issue.pointer for issue in refused.value.issues]
    assert state(world, found) == before
