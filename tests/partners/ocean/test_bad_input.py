"""What is wrong with a message is answered 200, shown to a person where nothing can follow, and loses nothing."""

import datetime as dt
import json

import pytest
from support.ocean import EXTERNAL, OceanWorld
from support.spine import TENANT

from footbridge.partners.ocean.listing import Listing
from footbridge.referrals.failed_messages import read_again
from footbridge.store.ocean_sites import put_listing


@pytest.fixture
def world(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub")
        yield world


def settled(world):
    world.settle()
    return [(row.event, row.state, row.why) for row in world.stored()]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not-json"),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", "xml"),
        (b"[1, 2]", "not-a-bundle"),
        (b'{"resourceType": "Bundle", "entry": []}', "not-a-bundle"),
        (b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}', "no-header"),
        (b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MessageHeader"}}]}', "no-event"),
        (b"[" * 10_000 + b"]" * 10_000, "too-deep"),
        (b"\xff\xfe\x00", "not-json"),
    ],
)
def test_what_can_never_be_processed_waits_for_a_person(world, body, why):
    world.post(body)
    assert settled(world) == [(None, "failed", why)]
    assert settled(world) == [(None, "failed", why)]


def test_a_truncated_message_is_stored_and_a_whole_one_after_it_counts(world):
    ref = world.refer()
    whole = world.ocean.messages(ref)[0].body
    world.post(whole[: len(whole) // 2])
    world.post(whole)
    rows = settled(world)
    assert rows[0] == (None, "failed", "not-json")
    assert len(world.tasks("hub")) == 1


def test_a_replay_changes_nothing(world):
    ref = world.refer()
    world.settle()
    body = world.ocean.messages(ref)[0].body
    for _ in range(3):
        world.post(body)
    assert {why for event, _state, why in settled(world) if event == "add-service-request"} <= {
        "applied",
        "repeat",
        "no-change",
        "echo",
        "old",
    }
    assert len(world.tasks("hub")) == 1
    assert world.names(world.prescription_of(ref)).count("submitted") == 1


def test_a_clock_from_the_future_blocks_nothing(world):
    ref = world.refer()
    world.settle()
    note = world.ocean.generator.draft(form="example_social_prescription", need="food", language="en")
    assert note
    world.post(
        world.later(ref, "notify-update-service-request", lambda text: text.replace('"Yes"', '"yes"'), days=4000)
    )
    world.settle()
    world.ocean.users.change(ref, "<p>After the message from the future.</p>")
    world.settle()
    assert "After the message from the future." in json.dumps(world.document_of(ref))


def test_an_older_message_never_overwrites_a_newer_one(world):
    ref = world.refer()
    world.settle()
    old = world.later(ref, "notify-update-service-request", days=-2)
    world.ocean.users.change(ref, "<p>The newest reason.</p>")
    world.settle()
    world.post(old)
    assert ("notify-update-service-request", "done", "old") in settled(world)
    assert "The newest reason." in json.dumps(world.document_of(ref))


def test_the_newer_of_two_that_wait_counts_whatever_the_order_of_arrival(world):
    ref = world.refer()
    world.ocean.run_due()
    first = world.later(
        ref, "notify-update-service-request", lambda text: text.replace("Reason for Referral", "Alpha"), minutes=-2
    )
    second = world.later(
        ref, "notify-update-service-request", lambda text: text.replace("Reason for Referral", "Omega"), minutes=-1
    )
    world.post(second)
    world.post(first)
    settled(world)
    assert "Omega" in json.dumps(world.document_of(ref)) or "Alpha" not in json.dumps(world.document_of(ref))


def test_an_update_of_an_unknown_referral_is_kept_as_a_new_one(world):
    ref = world.refer()
    body = world.later(ref, "notify-update-service-request")
    world.ocean.outage(dt.timedelta(days=300))
    world.post(body)
    world.settle()
    assert len(world.tasks("hub")) == 1


@pytest.mark.parametrize(
    "event",
    ["notify-add-service-request", "notify-report-service-request", "something-new", "notify-remove-appointment"],
)
def test_every_other_event_is_stored_and_shown_and_changes_nothing(world, event):
    ref = world.refer()
    world.settle()
    before = world.names(world.prescription_of(ref))
    world.post(world.later(ref, event))
    assert (event, "done", "stored") in settled(world)
    assert world.names(world.prescription_of(ref)) == before


def test_a_message_for_another_site_is_not_taken(world):
    ref = world.refer()
    body = world.later(
        ref,
        "add-service-request",
        lambda text: (
            text.replace('"value":"1234"', '"value":"9999"')
            .replace(f'"value":"{EXTERNAL}"', '"value":"x"')
            .replace(world.target, "other12345678")
        ),
    )
    world.ocean.outage(dt.timedelta(days=300))
    world.post(body)
    assert settled(world) == [("add-service-request", "failed", "other-site")]
    assert world.tasks("hub") == []


def test_after_the_listing_was_added_a_failed_message_is_read_again(world):
    other = world.ocean.add_listing("1234", title="Second Program").reference
    draft = world.with_answers(
        world.ocean.generator.draft(form="example_social_prescription", need="food", language="en"), consent="Yes"
    )
    world.ocean.refer(draft, listing=other)
    assert settled(world) == [("add-service-request", "failed", "unknown-listing")]
    with world.database.write() as connection:
        entry = Listing.decode(
            {"target": other, "consent": "express-in-form", "categories": ["food-insecurity"], "partner": "hub"}
        )
        put_listing(connection, TENANT, "clinic-ocean", other, entry.encode())
    (row,) = world.stored()
    read_again(world.database, TENANT, row.number)
    world.settle()
    assert len(world.tasks("hub")) == 1


def test_a_revoke_that_comes_first_wins_over_the_referral_that_comes_late(world):
    ref = world.refer()
    add = world.ocean.messages(ref)[0].body
    world.ocean.outage(dt.timedelta(days=300))
    world.clock.advance(dt.timedelta(minutes=5))
    world.post(_revoke(add, world))
    world.settle()
    world.post(add)
    assert settled(world) == [
        ("revoke-service-request", "done", "unknown-referral"),
        ("add-service-request", "done", "old"),
    ]
    assert world.tasks("hub") == []


def _revoke(add, world):
    body = json.loads(add)
    at = world.clock.now().isoformat()
    body |= {"id": "revoke-1", "timestamp": at, "meta": {"lastUpdated": at}}
    for entry in body["entry"]:
        if entry["resource"]["resourceType"] == "MessageHeader":
            entry["resource"]["eventCoding"] |= {"code": "revoke-service-request"}
    return json.dumps(body).encode()


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "x" * 5000])
def test_odd_ids_reach_the_database(world, text):
    ref = world.refer()
    body = json.loads(world.ocean.messages(ref)[0].body)
    body["id"] = "ID"
    world.ocean.outage(dt.timedelta(days=300))
    world.post(json.dumps(body).replace('"ID"', f'"{text}"').encode())
    (row,) = settled(world)
    assert row[1] in {"done", "failed"}


def test_what_fails_once_is_tried_again_and_counts_once(world, monkeypatch):
    from footbridge.referrals import requester_changes

    ref = world.refer()
    world.settle()
    whole, failures = requester_changes.amend, iter([True, True])

    def failing(*given):
        if next(failures, False):
            raise RuntimeError
        return whole(*given)

    monkeypatch.setattr(requester_changes, "amend", failing)
    world.ocean.users.change(ref, "<p>Told although it failed twice.</p>")
    world.settle()
    assert "Told although it failed twice." in json.dumps(world.document_of(ref))
    assert world.names(world.prescription_of(ref)).count("requester-changed") == 1


def test_what_always_fails_waits_for_a_person(world, monkeypatch):
    from footbridge.referrals import requester_changes

    ref = world.refer()
    world.settle()

    def failing(*_given):
        raise RuntimeError

    monkeypatch.setattr(requester_changes, "amend", failing)
    world.ocean.users.change(ref, "<p>Never.</p>")
    world.settle(3)
    assert ("notify-update-service-request", "failed", "not-processed") in settled(world)
