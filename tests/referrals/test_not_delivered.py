"""A message that does not reach its partner is seen: in the worklist, at the referral, in the timeline; once."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import update
from support.spine import DOCTOR, LINK_WORKER, TENANT, World, prescribed

from footbridge.errors import PartnerRefused
from footbridge.jobs.queue import JobQueue
from footbridge.jobs.retention import Retention
from footbridge.model.principals import Principal
from footbridge.partners.fhir.exchange import FhirExchange
from footbridge.partners.fhir.simulator import Fault
from footbridge.partners.ports import Message
from footbridge.referrals import outbox
from footbridge.referrals.command import NewPart
from footbridge.referrals.deadlines import RESPONSE
from footbridge.referrals.delivery_status import deliveries_of
from footbridge.referrals.inbound import receive
from footbridge.referrals.unit import read_unit
from footbridge.security.lists import Page, Wanted, summaries
from footbridge.settings import settings
from footbridge.store.partners import change_partner, get_partner
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import job, prescription
from footbridge.store.worklist import waiting_referrals

OPERATOR = Principal("admin", name="kit", channel="command")


def waiting(world):
    with world.database.read() as connection:
        rows = waiting_referrals(connection, prescription.c.tenant == TENANT)
    return [(row.identifier_value, row.partner, row.why, row.cause) for row in rows]


def undelivered(world):
    with world.database.read() as connection:
        rows = summaries(connection, DOCTOR, Wanted(), Page(limit=50), now=world.clock.now())
    return [row.identifier_value for row in rows if row.undelivered]


def deliveries(world, receipt):
    with world.database.read() as connection:
        return deliveries_of(read_unit(Scope(connection, TENANT, world.clock.now()), receipt.id))


def delivery(world, receipt, place=0):
    """Status and reason of a referral's delivery, and of what its service misses since."""
    one = deliveries(world, receipt).referrals.get(world.referrals(receipt.id)[place].id)
    if one is None:
        return None
    return one.status, one.why, None if one.update is None else (one.update.status, one.update.why, one.update.kind)


def told(world, receipt, *names, partner="hub"):
    wanted = names or ("delivered", "delivery-failed", "delivery-abandoned", "delivery-retried")
    return [
        (event.name, event.detail["kind"], event.detail.get("why"))
        for event in world.timeline(receipt.id)
        if event.name in wanted and event.detail["partner"] == partner
    ]


def failed(world, partner="hub"):
    (entry,) = world.entries(state="failed", partner=partner)
    return entry


def retry(world, message=None, **named):
    with world.database.write() as connection:
        return outbox.retry(connection, world.clock, OPERATOR, message, **named)


def drop(world, message=None, **named):
    with world.database.write() as connection:
        return outbox.drop(connection, world.clock, OPERATOR, message, **named)


def refuse(world, name, status=422, method="POST"):
    world.servers[name].faults.next(status=status, method=method, times=1000)


@pytest.mark.parametrize(
    ("status", "why"), [(422, "refused"), (404, "not-found"), (401, "unauthorized"), (403, "unauthorized")]
)
def test_a_referral_that_its_service_refused_is_seen_until_it_is_delivered(world, status, why):
    receipt = world.submit(prescribed())
    assert delivery(world, receipt) == ("queued", None, None)
    assert (waiting(world), undelivered(world)) == ([], [])
    refuse(world, "hub", status)
    world.work()
    one = deliveries(world, receipt).referrals[world.referrals(receipt.id)[0].id]
    assert (one.status, one.since, one.why, one.partner) == ("failed", world.clock.now(), why, "hub")
    assert waiting(world) == [("RX-1", "hub", "not-delivered", why)]
    assert undelivered(world) == ["RX-1"]
    world.pass_time(settings().response_days + 2)
    assert waiting(world) == [("RX-1", "hub", "not-delivered", why)], "it is never overdue"
    assert "overdue" not in world.names(receipt.id)
    world.servers["hub"].faults.clear()
    retry(world, failed(world).id)
    assert waiting(world) == []
    world.work()
    assert delivery(world, receipt) == ("delivered", None, None)
    assert (waiting(world), undelivered(world)) == ([], [])
    assert told(world, receipt) == [
        ("delivery-failed", "referral", why),
        ("delivery-retried", "referral", None),
        ("delivered", "referral", None),
    ]
    at = world.clock.now()
    world.pass_time(settings().response_days + 1)
    (overdue,) = [event.at for event in world.timeline(receipt.id) if event.name == "overdue"]
    assert overdue - at >= dt.timedelta(days=settings().response_days)
    assert waiting(world) == [("RX-1", "hub", "overdue", None)]


def test_a_service_that_does_not_respond_fails_once_after_many_attempts(world):
    receipt = world.submit(prescribed())
    world.servers["hub"].faults.sometimes(1.0, Fault(status=503), seed=1)
    world.pass_time()
    assert delivery(world, receipt) == ("queued", "no-answer", None)
    assert told(world, receipt) == []
    for _ in range(60):
        world.clock.advance(dt.timedelta(hours=1))
        world.worker.step()
    assert delivery(world, receipt) == ("failed", "no-answer", None)
    assert told(world, receipt) == [("delivery-failed", "referral", "no-answer")]
    assert waiting(world) == [("RX-1", "hub", "not-delivered", "no-answer")]


@pytest.mark.parametrize("name", ["emr", "hub"])
def test_a_missing_credential_counts_as_not_delivered(world, name, monkeypatch):
    monkeypatch.delenv("NOBODY_SET_THIS", raising=False)
    with world.database.write() as connection:
        partner = replace(get_partner(connection, TENANT, name), credential="env:NOBODY_SET_THIS")
        change_partner(connection, TENANT, partner)
    receipt = world.submit(prescribed())
    world.work()
    assert waiting(world) == [("RX-1", name, "not-delivered", "configuration")]
    assert told(world, receipt, "delivery-failed", partner=name) == [("delivery-failed", "referral", "configuration")]


def test_a_referral_that_was_given_up_waits_until_its_service_answers_by_other_means(world):
    receipt = world.submit(prescribed())
    refuse(world, "hub")
    world.work()
    drop(world, failed(world).id)
    assert waiting(world) == [("RX-1", "hub", "given-up", "dropped")]
    assert delivery(world, receipt) == ("abandoned", "dropped", None)
    assert told(world, receipt)[-1] == ("delivery-abandoned", "referral", None)
    (entry,) = [event for event in world.timeline(receipt.id) if event.name == "delivery-abandoned"]
    assert (entry.actor, entry.role, entry.source) == ("kit", "admin", "command")
    world.pass_time(settings().response_days + 2)
    assert "overdue" not in world.names(receipt.id)
    world.command(receipt.id, "accept", LINK_WORKER)
    assert waiting(world) == []
    assert delivery(world, receipt)[0] == "abandoned"


@pytest.mark.parametrize("event", ["cancel", "enter-in-error"])
@pytest.mark.parametrize("given_up", [False, True])
def test_what_never_reached_its_service_waits_no_more_when_it_ends(world, event, given_up):
    receipt = world.submit(prescribed())
    refuse(world, "hub")
    world.work()
    if given_up:
        drop(world, failed(world).id)
    assert undelivered(world) == ["RX-1"]
    world.command(receipt.id, event, reason="Moved away.")
    assert (waiting(world), undelivered(world)) == ([], [])


def test_a_service_that_does_not_hear_of_the_end_is_seen(world):
    receipt = world.submit(prescribed())
    world.work()
    refuse(world, "hub", 403, method="PUT")
    world.command(receipt.id, "cancel", reason="Moved away.")
    world.work()
    assert waiting(world) == [("RX-1", "hub", "not-delivered", "unauthorized")]
    assert delivery(world, receipt) == ("delivered", None, ("failed", "unauthorized", "update"))
    world.servers["hub"].faults.clear()
    retry(world, partner="hub", tenant=TENANT)
    world.work()
    assert (waiting(world), delivery(world, receipt)) == ([], ("delivered", None, None))
    assert told(world, receipt)[1:] == [
        ("delivery-failed", "update", "unauthorized"),
        ("delivery-retried", "update", None),
        ("delivered", "update", None),
    ]


def test_an_update_that_is_superseded_waits_no_more_and_says_it_failed_once(world):
    receipt = world.submit(prescribed())
    world.work()
    refuse(world, "hub", 403, method="PUT")
    world.command(receipt.id, "accept", LINK_WORKER)
    world.work()
    assert waiting(world) == [("RX-1", "hub", "not-delivered", "unauthorized")]
    world.command(receipt.id, "start", LINK_WORKER)
    assert (waiting(world), delivery(world, receipt)[2][:2]) == ([], ("queued", None))
    superseded = [entry for entry in world.entries(partner="hub") if entry.why == "superseded"]
    assert [(one.state, one.last_status, one.last_error) for one in superseded] == [("done", None, None)]
    world.work()
    assert told(world, receipt, "delivery-failed") == [("delivery-failed", "update", "unauthorized")]
    world.servers["hub"].faults.clear()
    world.command(receipt.id, "hold", LINK_WORKER, reason="Ill.")
    world.work()
    assert told(world, receipt)[-1] == ("delivered", "update", None)
    assert waiting(world) == []


def test_a_later_update_takes_the_place_of_one_that_was_given_up(world):
    receipt = world.submit(prescribed())
    world.work()
    refuse(world, "hub", 403, method="PUT")
    world.command(receipt.id, "accept", LINK_WORKER)
    world.work()
    drop(world, failed(world).id)
    assert waiting(world) == [("RX-1", "hub", "given-up", "dropped")]
    world.servers["hub"].faults.clear()
    world.command(receipt.id, "start", LINK_WORKER)
    world.work()
    assert (waiting(world), delivery(world, receipt)) == ([], ("delivered", None, None))
    assert told(world, receipt)[-1] == ("delivered", "update", None)
    world.clock.advance(dt.timedelta(days=400))
    Retention(world.database, world.clock, dt.timedelta(days=30)).purge_if_due()
    assert waiting(world) == [], "also when the later one was purged"
    assert delivery(world, receipt) == ("delivered", None, None)


def test_an_outcome_that_the_record_does_not_get_is_seen_after_the_end(world):
    receipt = world.submit(prescribed())
    world.work()
    assert deliveries(world, receipt).requester.status == "delivered"
    refuse(world, "emr", 403, method="PUT")
    world.act("hub", status="completed")
    world.pass_time(1)
    assert world.status(receipt.id) == "completed"
    assert waiting(world) == [("RX-1", "emr", "not-delivered", "unauthorized")]
    assert undelivered(world) == ["RX-1"]
    home = deliveries(world, receipt).requester
    assert (home.status, home.partner, home.update.status) == ("delivered", "emr", "failed")
    assert delivery(world, receipt) == ("delivered", None, None)


def test_a_record_that_never_got_the_prescription_is_seen(world):
    refuse(world, "emr")
    receipt = world.submit(prescribed())
    world.work()
    assert waiting(world) == [("RX-1", "emr", "not-delivered", "refused")]
    home = deliveries(world, receipt).requester
    assert (home.status, home.why, home.update) == ("failed", "refused", None)
    world.command(receipt.id, "accept", LINK_WORKER)
    assert deliveries(world, receipt).requester.status == "failed"
    world.servers["emr"].faults.clear()
    retry(world)
    world.work()
    assert deliveries(world, receipt).requester.update is None
    assert waiting(world) == []


def test_each_part_and_each_try_has_its_own_delivery(world):
    world.partner("pantry")
    receipt = world.submit(prescribed(kind="navigator", service=None))
    refuse(world, "pantry")
    parts = [NewPart("Box", "food-insecurity", "hub"), NewPart("Bus", "transportation-insecurity", "pantry")]
    world.command(receipt.id, "split", LINK_WORKER, parts=parts)
    world.work()
    rows = {row.partner: place for place, row in enumerate(world.referrals(receipt.id))}
    assert delivery(world, receipt, rows["hub"])[0] == "delivered"
    assert delivery(world, receipt, rows["pantry"])[0] == "failed"
    assert delivery(world, receipt, rows[None]) is None
    assert waiting(world) == [("RX-1", "pantry", "not-delivered", "refused")]


def test_what_waits_behind_a_failed_message_says_so(world):
    """Two parts at one service: its messages about the prescription go in order, and the first one is refused."""
    receipt = world.submit(prescribed(kind="navigator", service=None))
    refuse(world, "hub")
    parts = [NewPart("Box", "food-insecurity", "hub"), NewPart("Bus", "transportation-insecurity", "hub")]
    world.command(receipt.id, "split", LINK_WORKER, parts=parts)
    first, second = [place for place, row in enumerate(world.referrals(receipt.id)) if row.partner == "hub"]
    assert (delivery(world, receipt, first), delivery(world, receipt, second)) == (("queued", None, None),) * 2
    world.work()
    assert delivery(world, receipt, first)[:2] == ("failed", "refused")
    assert delivery(world, receipt, second) == ("queued", "behind", None)
    world.servers["hub"].faults.clear()
    retry(world)
    assert (delivery(world, receipt, first), delivery(world, receipt, second)) == (("queued", None, None),) * 2
    world.work()
    assert {delivery(world, receipt, place)[0] for place in (first, second)} == {"delivered"}


def test_an_update_that_is_sent_again_is_queued(world):
    receipt = world.submit(prescribed())
    world.work()
    refuse(world, "hub", 403, method="PUT")
    world.command(receipt.id, "accept", LINK_WORKER)
    world.work()
    retry(world)
    one = deliveries(world, receipt).referrals[world.referrals(receipt.id)[0].id]
    assert (one.update.status, one.update.why) == ("queued", None)


def test_the_timeline_outlives_a_prescription_that_cannot_be_read(world, monkeypatch):
    """Whatever is wrong with the entry in the timeline, the message is settled."""
    from footbridge.referrals import delivery_notes

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(delivery_notes, "note_failed", broken)
    world.submit(prescribed())
    refuse(world, "hub")
    world.work()
    assert waiting(world) == [("RX-1", "hub", "not-delivered", "refused")]


@pytest.mark.parametrize("state", ["ready", "failed", "abandoned"])
def test_a_deadline_that_was_planned_too_early_marks_nothing(world, state):
    """As before delivery planned it, or by any other way: what its service never got is not overdue."""
    receipt = world.submit(prescribed())
    (row,) = world.referrals(receipt.id)
    if state != "ready":
        refuse(world, "hub")
        world.work()
    if state == "abandoned":
        drop(world, failed(world).id)
    with world.database.write() as connection:
        JobQueue(connection).plan(tenant=TENANT, kind=RESPONSE, subject=row.id, due=world.clock.now())
        if state == "ready":
            unsent = update(job).where(job.c.state == "ready", job.c.partner == "hub")
            connection.execute(unsent.values(due=world.clock.now() + dt.timedelta(days=1)))
    world.worker.step()
    assert "overdue" not in world.names(receipt.id)
    world.servers["hub"].faults.clear()
    if state != "ready":
        (entry,) = [one for one in world.entries(partner="hub") if one.state == state and one.kind == "deliver"]
        retry(world, entry.id)
    world.pass_time(1)
    delivered = deliveries(world, receipt).referrals[row.id].since
    world.pass_time(settings().response_days + 1)
    (overdue,) = [event.at for event in world.timeline(receipt.id) if event.name == "overdue"]
    assert overdue - delivered >= dt.timedelta(days=settings().response_days)


def test_a_service_on_our_server_has_it_when_the_worker_has_delivered_it(database, clock):
    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.hosted("hub")
        receipt = world.submit(prescribed())
        world.clock.advance(dt.timedelta(days=3))
        assert delivery(world, receipt) == ("queued", None, None)
        world.work()
        assert delivery(world, receipt) == ("delivered", None, None)
        at = deliveries(world, receipt).referrals[world.referrals(receipt.id)[0].id].since
        assert at == world.clock.now()
        world.pass_time(settings().response_days + 1)
        (overdue,) = [event.at for event in world.timeline(receipt.id) if event.name == "overdue"]
        assert overdue - at >= dt.timedelta(days=settings().response_days)


def test_a_message_in_words_that_was_refused_waits_until_it_is_sent_again(world, monkeypatch):
    receipt = world.submit(prescribed())
    world.work()

    def send(_exchange, _message):
        raise PartnerRefused("The partner refused it.", status=422)

    with monkeypatch.context() as patched:
        patched.setattr(FhirExchange, "send", send)
        with world.database.write() as connection:
            scope = Scope(connection, TENANT, world.clock.now())
            said = Message(message_id="m1", key=world.referrals(receipt.id)[0].task, text="May I call?")
            receive(scope, get_partner(connection, TENANT, "emr"), said)
        world.worker.step()
    assert waiting(world) == [("RX-1", "hub", "given-up", "refused")]
    assert delivery(world, receipt) == ("delivered", None, ("abandoned", "refused", "message"))
    (entry,) = [one for one in world.entries() if one.kind == "message"]
    retry(world, entry.id)
    world.worker.step()
    assert waiting(world) == []
    assert told(world, receipt)[1:] == [
        ("delivery-failed", "message", "refused"),
        ("delivery-retried", "message", None),
        ("delivered", "message", None),
    ]
