"""Referrals reach their partners once, whatever fails, and a partner gets only what it may see."""

import datetime as dt
import re

import pytest
from support.crash import crash_at_request, crash_when, lose_answer
from support.spine import DOCTOR, TENANT, everything, prescribed

from footbridge.jobs.queue import JobQueue
from footbridge.model.issues import errors
from footbridge.partners.fhir.simulator import RequestLog
from footbridge.referrals.onboarding import register_partner
from footbridge.store import remote_ids
from footbridge.store.exact_json import dumps
from footbridge.store.partners import Partner
from footbridge.validation import Validator

SHAPES = ["transaction", "resources"]
SECRETS = {
    "health card number": "9876543217",
    "journey": "journey-secret",
    "strength": "choir",
    "interest": "Quilting",
    "barrier": "bus fare",
    "support": "bus tickets",
    "own words": "sing again",
    "note": "Walks with a stick",
    "follow-up": "did-it-happen",
    "follow-up's day": "2026-03-30",
}
CONTACT = {"phone": "416 555 0142", "address": "12 Sample Street", "contact note": "leave no voicemail"}


def text_of(server):
    return "\n".join(dumps(one) for one in everything(server))


def seen(server, words):
    text = text_of(server)
    return {name for name, word in words.items() if word in text}


def doubled(server):
    """Identifiers of ours that two resources of one type bear."""
    found = [
        (one["resourceType"], identifier["value"])
        for one in everything(server)
        for identifier in one.get("identifier", [])
        if isinstance(identifier, dict) and identifier.get("system", "").endswith("NamingSystem/resource")
    ]
    return {pair for pair in found if found.count(pair) > 1}


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def assert_sound(server):
    """Every resource conforms, every literal reference leads to a resource of the same server."""
    validator = Validator()
    places = {f"{one['resourceType']}/{one['id']}" for one in everything(server)}
    for one in everything(server):
        assert errors(validator.validate(one)) == [], one["resourceType"]
        assert set(references(one)) <= places, one["resourceType"]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_referral_arrives_whole_in_either_shape(world, shape):
    world.partner("pantry", delivery=shape)
    receipt = world.submit(prescribed(service={"partner": "pantry", "description": "Good Food Box"}))
    world.pass_time()
    assert_sound(world.servers["pantry"])
    assert_sound(world.servers["emr"])
    task, order = world.task("pantry"), world.order("pantry")
    assert (task["status"], order["status"]) == ("requested", "active")
    owner = world.servers["pantry"].get(*task["owner"]["reference"].split("/"))
    assert owner["name"] == "Pantry"
    assert world.names(receipt.id) == ["submitted", "delivered", "delivered"]
    assert world.counts() == {"ready": 0, "done": len(world.entries()), "abandoned": 0, "failed": 0}


def test_the_record_gets_all_of_it_and_a_recipient_what_consent_allows(world):
    world.submit(prescribed())
    world.pass_time()
    assert seen(world.servers["hub"], SECRETS) == set()
    assert seen(world.servers["hub"], CONTACT) == set(CONTACT)
    assert seen(world.servers["emr"], {**SECRETS, **CONTACT}) == {*SECRETS, *CONTACT}


def test_who_must_not_be_contacted_is_not_given_away(world):
    client = prescribed()["client"] | {"safeToContact": False}
    follow_up = prescribed()["followUp"] | {"method": "in-person"}
    world.submit(prescribed(client=client, followUp=follow_up))
    world.pass_time()
    assert seen(world.servers["hub"], {**SECRETS, **CONTACT}) == set()
    assert "contacting-subject-prohibited" in dumps(world.task("hub"))
    assert "contacting-subject-prohibited" in dumps(world.order("hub"))


def test_a_scope_lets_no_more_through_than_it_names(world):
    consent = prescribed()["consent"] | {"scope": ["needs", "notes"]}
    world.submit(prescribed(consent=consent))
    world.pass_time()
    hub = world.servers["hub"]
    assert seen(hub, {**SECRETS, **CONTACT}) == {"note"}
    assert hub.all("Goal") == []


def test_a_custodian_gets_identifiers_where_the_scope_names_them(world):
    world.partner("clinic-two", custodian=True)
    scope = ["contact", "needs", "identifiers"]
    world.submit(
        prescribed(
            consent=prescribed()["consent"] | {"scope": scope}, service={"partner": "clinic-two", "description": "x"}
        )
    )
    world.pass_time()
    assert seen(world.servers["clinic-two"], SECRETS) == {"health card number"}


def test_nothing_of_another_try_is_more_than_the_first_showed(world):
    pantry = world.partner("pantry")
    world.route("food-insecurity", "hub", "pantry")
    world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="rejected")
    world.pass_time(1)
    assert seen(pantry, SECRETS) == set()
    assert "Hub" not in text_of(pantry)
    assert_sound(pantry)
    assert world.servers["pantry"].get(*world.task("pantry")["owner"]["reference"].split("/"))["name"] == "Pantry"


def kill_before_it_is_noted(world, name):
    """The process ends when the partner has written and we have not; another one takes over when the lease is over."""
    with crash_when(world.database, lambda: world.tasks(name)) as crash:
        world.worker.step()
    assert crash.happened
    world.clock.advance(dt.timedelta(minutes=2))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_process_that_ends_after_the_partner_wrote_doubles_nothing(world, shape):
    world.partner("pantry", delivery=shape)
    world.submit(prescribed(service={"partner": "pantry", "description": "Good Food Box"}))
    for name in ("emr", "pantry"):
        kill_before_it_is_noted(world, name)
    world.calm(2)
    for name in ("pantry", "emr"):
        assert doubled(world.servers[name]) == set()
        assert len(world.tasks(name)) == 1
    assert world.counts()["ready"] == 0


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize("number", range(1, 12, 2))
def test_a_process_that_ends_between_two_creates_goes_on_from_there(world, number, took_effect):
    pantry = world.partner("pantry", delivery="resources")
    world.submit(prescribed(service={"partner": "pantry", "description": "Good Food Box"}))
    with crash_at_request(world.database, pantry, number, took_effect=took_effect) as crash:
        world.worker.step()
    assert crash.happened
    world.recover()
    assert doubled(pantry) == set()
    assert len(world.tasks("pantry")) == 1
    assert_sound(pantry)


@pytest.mark.parametrize("route", ["Organization", "Patient", "Condition", "ServiceRequest", "Task"])
def test_an_answer_that_gets_lost_between_two_creates_doubles_nothing(world, route):
    pantry = world.partner("pantry", delivery="resources")
    world.submit(prescribed(service={"partner": "pantry", "description": "Good Food Box"}))
    for _ in range(2):
        lose_answer(pantry, method="POST", route=route)
    world.calm(3)
    assert doubled(pantry) == set()
    assert len(world.tasks("pantry")) == 1
    assert_sound(pantry)


def test_what_a_recipient_did_before_we_knew_that_it_arrived_is_heard(world):
    receipt = world.submit(prescribed())
    kill_before_it_is_noted(world, "hub")
    world.act("hub", status="accepted")
    world.calm(2)
    assert world.referrals(receipt.id)[0].status == "accepted"
    assert world.task("emr")["status"] == "accepted"


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429, "retry_after": 120},
        {"truncate": True},
        {"drop": True},
        {"drop": True, "method": "POST"},
        {"truncate": True, "method": "POST"},
    ],
    ids=str,
)
def test_trouble_at_a_partner_delays_and_loses_nothing(world, fault):
    world.servers["hub"].faults.next(**fault, times=3)
    world.servers["emr"].faults.next(**fault, times=2)
    receipt = world.submit(prescribed())
    world.worker.step()
    world.calm(3)
    for name in ("hub", "emr"):
        assert doubled(world.servers[name]) == set()
        assert len(world.tasks(name)) == 1
    assert world.names(receipt.id).count("delivered") == 2
    assert world.counts()["failed"] == 0


def test_the_wait_that_a_partner_asks_for_is_kept(world):
    world.servers["hub"].faults.next(status=429, retry_after=7200, method="POST")
    world.submit(prescribed())
    world.work()
    world.clock.advance(dt.timedelta(minutes=119))
    world.work()
    assert world.tasks("hub") == []
    world.clock.advance(dt.timedelta(minutes=2))
    world.work()
    assert len(world.tasks("hub")) == 1


def test_a_record_that_is_down_holds_up_no_recipient(world):
    world.servers["emr"].faults.sometimes(1.0)
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="accepted")
    world.pass_time(2)
    assert world.referrals(receipt.id)[0].status == "accepted"
    assert world.servers["emr"].all("Task") == []
    world.calm()
    assert world.task("emr")["status"] == "accepted"
    assert world.counts()["ready"] == 0


@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_a_refusal_is_shown_to_a_person_and_goes_on_after_the_repair(world, status):
    hub = world.servers["hub"]
    hub.faults.next(status=status, method="POST")
    receipt = world.submit(prescribed())
    world.pass_time()
    (failed,) = world.entries(state="failed")
    assert (failed.partner, failed.kind, failed.last_status) == ("hub", "deliver", status)
    assert str(status) in failed.last_error
    assert not any(word in failed.last_error for word in ("Grace", "Okafor", "9876543217"))
    world.command(receipt.id, "cancel", reason="Moved away")
    world.pass_time(2)
    assert world.tasks("hub") == []
    assert [entry.kind for entry in world.entries(state="ready", partner="hub")] == ["update"]
    with world.database.write() as connection:
        JobQueue(connection).retry_again(failed.id, now=world.clock.now())
    world.pass_time()
    assert world.entries(state="ready") == []
    assert world.entries(state="failed") == []
    assert world.tasks("hub") == []  # it ended before it was ever there


def test_news_take_the_place_of_news_that_was_refused(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.servers["emr"].faults.next(status=422, method="PUT")
    world.act("hub", status="accepted")
    world.pass_time(1)
    (failed,) = world.entries(state="failed")
    assert (failed.partner, failed.kind, failed.last_status) == ("emr", "update", 422)
    world.act("hub", status="in-progress")
    world.pass_time(1)
    assert world.entries(state="failed") == []
    assert world.task("emr")["status"] == "in-progress"
    assert world.status(receipt.id) == "active"


def test_a_setting_that_cannot_work_is_told_and_not_tried_for_ever(world):
    with world.database.write() as connection:
        far = Partner(name="far", network="fhir", role="recipient", title="Far", base_url="http://far.invalid/fhir")
        register_partner(connection, TENANT, far, world.clock.now())
    world.submit(prescribed(service={"partner": "far", "description": "Good Food Box"}))
    world.pass_time()
    (failed,) = world.entries(state="failed")
    assert (failed.partner, failed.attempts) == ("far", 1)
    assert "https" in failed.last_error


def test_what_was_cancelled_before_it_was_delivered_is_never_sent(world):
    receipt = world.submit(prescribed())
    world.command(receipt.id, "cancel", reason="Changed her mind")
    world.pass_time(2)
    hub = world.servers["hub"]
    assert list(everything(hub)) == []
    assert RequestLog("POST", "") not in hub.requests
    assert (world.task("emr")["status"], world.order("emr")["status"]) == ("cancelled", "revoked")
    assert world.counts()["ready"] == 0


def test_what_had_arrived_unknown_to_us_hears_that_it_was_cancelled(world):
    receipt = world.submit(prescribed())
    kill_before_it_is_noted(world, "hub")
    world.command(receipt.id, "cancel", reason="Changed her mind")
    world.calm(2)
    assert (world.task("hub")["status"], world.order("hub")["status"]) == ("cancelled", "revoked")
    assert world.task("hub")["statusReason"]["text"] == "Changed her mind"
    assert doubled(world.servers["hub"]) == set()


def test_an_answer_that_got_lost_is_not_sent_again_when_it_was_cancelled(world):
    world.servers["hub"].faults.next(status=503, method="POST", times=1)
    receipt = world.submit(prescribed())
    world.worker.step()
    world.command(receipt.id, "cancel", reason="Changed her mind")
    world.calm(2)
    assert list(everything(world.servers["hub"])) == []


def test_what_others_wrote_at_the_partner_stays(world):
    world.submit(prescribed())
    world.pass_time()
    mine = [{"text": "Called her on Monday."}]
    other = {"type": {"text": "our own output"}, "valueString": "seen"}
    world.act("emr", note=mine, output=[other], description="Ask for Kim")
    world.pass_time(1)
    world.act("hub", status="accepted")
    world.pass_time(1)
    task = world.task("emr")
    assert task["status"] == "accepted"
    assert (task["note"], task["output"], task["description"]) == (mine, [other], "Ask for Kim")


def test_a_message_of_an_unchanged_copy_writes_nothing(world):
    receipt = world.submit(prescribed())
    world.pass_time(1)
    hub, emr = world.servers["hub"], world.servers["emr"]
    before = len([one for one in (*hub.requests, *emr.requests) if one.method == "PUT"])
    world.submit(prescribed())
    world.pass_time(5)
    assert len([one for one in (*hub.requests, *emr.requests) if one.method == "PUT"]) == before
    assert receipt.created


def test_what_was_just_delivered_is_not_read_again(world):
    world.submit(prescribed())
    world.pass_time()
    asked = [one for one in world.servers["emr"].requests if one.method != "GET" or "{id}" in one.route]
    assert asked == [RequestLog("POST", "Patient/_search"), RequestLog("POST", "")]


def test_every_kind_and_language_conforms_at_both_ends(world):
    world.route("*", "hub")
    documents = [
        prescribed(1, kind="navigator", language="fr"),
        prescribed(2, kind="warm-connection", jurisdiction="us"),
        prescribed(3, kind="signpost", consent=None),
        prescribed(4, jurisdiction=None),
    ]
    for document in documents:
        world.submit(document, DOCTOR)
    world.pass_time()
    assert_sound(world.servers["hub"])
    assert_sound(world.servers["emr"])
    assert len(world.tasks("hub")) == 3


def test_a_link_is_ours_and_the_partners_for_every_resource(world):
    world.submit(prescribed())
    world.pass_time()
    for name in ("hub", "emr"):
        for one in everything(world.servers[name]):
            with world.database.read() as connection:
                link = remote_ids.find_link(connection, TENANT, name, one["resourceType"], one["id"])
            assert link is not None, one["resourceType"]
            own = [i["value"] for i in one["identifier"] if re.search(r"NamingSystem/resource$", i["system"])]
            assert len(own) == 1
