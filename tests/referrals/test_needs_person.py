"""Whatever the timeline says needs a person stands in the worklist, until something is decided or heard."""

import datetime as dt

import pytest
from support.spine import LINK_WORKER, TENANT, prescribed

from footbridge.data import read_json
from footbridge.model.reasons import action_for, meaning_of, reason_text, waiting_codes
from footbridge.partners.fhir.inbound import Reader
from footbridge.referrals.command import NewPart
from footbridge.store.tables import prescription
from footbridge.store.worklist import mark_needs, waiting_referrals


def waiting(world):
    with world.database.read() as connection:
        rows = waiting_referrals(connection, prescription.c.tenant == TENANT)
    return [(row.identifier_value, row.partner, row.status, row.why) for row in rows]


def set_aside(world, monkeypatch):
    """Let a report be one that cannot be processed, until it is set aside."""
    real = Reader.report

    def report(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Reader, "report", report)
    world.act("hub", status="accepted")
    for _ in range(6):
        world.clock.advance(dt.timedelta(minutes=11))
        world.worker.step()
    monkeypatch.setattr(Reader, "report", real)


def test_what_a_poll_set_aside_waits_until_the_service_is_heard(world, monkeypatch):
    receipt = world.submit(prescribed())
    world.work()
    set_aside(world, monkeypatch)
    assert waiting(world) == [("RX-1", "hub", "requested", "not-processed")]
    assert world.names(receipt.id).count("needs-person") == 1
    world.act("hub", status="in-progress")
    world.clock.advance(dt.timedelta(minutes=11))
    world.worker.step()
    assert waiting(world) == []


@pytest.mark.parametrize("event", ["accept", "cancel"])
def test_what_a_poll_set_aside_waits_until_a_person_decides(world, monkeypatch, event):
    receipt = world.submit(prescribed())
    world.work()
    set_aside(world, monkeypatch)
    world.command(receipt.id, event, LINK_WORKER, reason="She called.")
    assert waiting(world) == []


def test_what_the_clock_does_decides_nothing(world, monkeypatch):
    receipt = world.submit(prescribed())
    world.work()
    set_aside(world, monkeypatch)
    world.pass_time(30)
    assert "follow-up-due" in world.names(receipt.id)
    assert [row[-1] for row in waiting(world)] == ["not-processed"]


def test_an_answer_that_contradicts_waits_until_it_is_put_right(world):
    receipt = world.submit(prescribed())
    world.work()
    for event in ("accept", "complete"):
        world.command(receipt.id, event, LINK_WORKER)
    world.command(receipt.id, "answer", happened="no")
    assert [event.detail for event in world.timeline(receipt.id) if event.name == "needs-person"] == [
        {"why": "answer-contradicts"}
    ]
    assert waiting(world) == [("RX-1", "hub", "completed", "answer-contradicts")]
    world.clock.advance(dt.timedelta(days=1))
    world.command(receipt.id, "answer", happened="yes")
    assert waiting(world) == []


def test_a_part_that_failed_waits_while_the_others_go_on(world):
    world.partner("pantry")
    receipt = world.submit(prescribed(kind="navigator", service=None))
    parts = [NewPart("Box", "food-insecurity", "hub"), NewPart("Bus", "transportation-insecurity", "pantry")]
    world.command(receipt.id, "split", LINK_WORKER, parts=parts)
    world.work()
    rows = {row.partner: row.id for row in world.referrals(receipt.id)}
    world.command(receipt.id, "accept", LINK_WORKER, referral=rows["hub"])
    world.command(receipt.id, "accept", LINK_WORKER, referral=rows["pantry"])
    world.command(receipt.id, "fail", LINK_WORKER, referral=rows["pantry"], reason="No bus.")
    assert waiting(world) == [("RX-1", "pantry", "failed", "failed")]
    world.command(receipt.id, "complete", LINK_WORKER, referral=rows["hub"])
    assert waiting(world) == []


@pytest.mark.parametrize("event", ["fail", "cancel"])
def test_the_whole_that_did_not_help_stands_once(world, event):
    receipt = world.submit(prescribed())
    world.work()
    world.act("hub", status="accepted")
    world.pass_time(1)
    world.act("hub", status={"fail": "failed", "cancel": "cancelled"}[event])
    world.pass_time(1)
    assert "needs-person" in world.names(receipt.id)
    assert [row[-1] for row in waiting(world)] == ["not-helped"]


def test_the_same_reason_keeps_its_time(world):
    receipt = world.submit(prescribed())
    world.work()
    (row,) = world.referrals(receipt.id)
    first = world.clock.now()
    for _ in range(2):
        with world.database.write() as connection:
            mark_needs(connection, TENANT, row.id, "ended-otherwise", world.clock.now())
        world.clock.advance(dt.timedelta(hours=1))
    with world.database.read() as connection:
        (found,) = waiting_referrals(connection, prescription.c.tenant == TENANT)
    assert (found.why, found.since) == ("ended-otherwise", first)


def test_every_reason_has_its_words_in_both_languages():
    events = read_json("mappings", "events.json")["codes"]["why"]
    assert set(events) <= set(waiting_codes())
    for language in ("en", "fr"):
        for code in waiting_codes():
            assert meaning_of(code, language)
            assert action_for(code, language)
        for code in read_json("mappings", "delivery.json")["why"]:
            assert reason_text(code, language)
