"""A requester is told by signed requests what happens to its own prescriptions, in order and each at least once."""

import contextlib
import copy
import datetime as dt
import json

import pytest
from support.receivers import Receiver
from support.spine import TENANT, WARM, World

from footbridge.client import WebhookError, verify_webhook
from footbridge.jobs.queue import JobQueue
from footbridge.model.principals import Principal
from footbridge.referrals.unit import open_unit
from footbridge.referrals.webhooks import MOST
from footbridge.store.resource_rows import Scope
from footbridge.store.webhooks import Webhook, get_webhook, remove_webhook, set_webhook

SECRET, NEWER = "a-secret-that-is-long-enough", "another-secret-that-is-long-enough"
EMR = Principal("requester", "emr", name="emr user", tenant=TENANT)
OTHER = Principal("requester", "other", name="other user", tenant=TENANT)
CANARIES = ("Okafor", "Grace", "1951", "9876543217", "416 555", "Sample Street", "After four", "food", "Tremblay")


@pytest.fixture
def world(database, clock, monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("HOOK_NEWER", NEWER)
    with World(database, clock) as made:
        made.partner("emr", "requester")
        made.partner("other", "requester")
        made.partner("hub")
        made.route("*", "hub")
        yield made


@pytest.fixture
def receiver(world):
    with Receiver(SECRET, lambda: world.clock.now().timestamp()) as made:
        hook(world, "emr", made.url)
        yield made


def hook(world, partner, url, secret="env:HOOK_SECRET", old_secret=None):
    with world.database.write() as connection:
        set_webhook(connection, TENANT, Webhook(partner, url, secret, old_secret), world.clock.now())


def document(number=1):
    made = copy.deepcopy(WARM)
    made["identifier"]["value"] = f"RX-{number}"
    return made


def last_sent(world, partner="emr"):
    with world.database.read() as connection:
        return get_webhook(connection, TENANT, partner).last_sent


def hours(world, count=8):
    for _ in range(count):
        world.clock.advance(dt.timedelta(hours=1))
        world.work()


def test_what_happens_is_told_signed_and_in_order(world, receiver):
    receipt = world.submit(document(), EMR)
    world.work()
    world.command(receipt.id, "cancel", EMR, reason="She moved away.")
    world.work()
    assert set(receiver.statuses) == {204}
    timeline = world.timeline(receipt.id)
    assert [(one.number, one.name) for one in receiver.events] == [(one.number, one.name) for one in timeline]
    assert {one.prescription for one in receiver.events} == {receipt.id}
    assert {(one.system, one.value) for one in receiver.events} == {("urn:footbridge:test:order", "RX-1")}


def test_nothing_but_numbers_names_and_identifiers_leaves(world, receiver):
    receipt = world.submit(document(), EMR)
    world.command(receipt.id, "cancel", EMR, reason="Grace Okafor moved away.")
    hours(world, 2)
    assert receiver.requests
    for headers, body in receiver.requests:
        sent = json.loads(body)
        assert set(sent) == {"timestamp", "events"}
        for one in sent["events"]:
            assert set(one) == {"number", "name", "prescription"}
            assert set(one["prescription"]) == {"id", "identifier"}
            assert set(one["prescription"]["identifier"]) == {"system", "value"}
        whole = body.decode() + json.dumps(headers)
        assert not [canary for canary in CANARIES if canary in whole]


def test_only_the_requesters_own_prescriptions_are_told(world, receiver):
    with Receiver(NEWER, receiver.now) as second:
        hook(world, "other", second.url, "env:HOOK_NEWER")
        mine, theirs = world.submit(document(1), EMR), world.submit(document(2), OTHER)
        hours(world, 2)
        assert {one.prescription for one in receiver.events} == {mine.id}
        assert {one.prescription for one in second.events} == {theirs.id}


def test_what_was_there_before_the_webhook_is_not_told(world):
    world.submit(document(1), EMR)
    world.work()
    with Receiver(SECRET, lambda: world.clock.now().timestamp()) as receiver:
        hook(world, "emr", receiver.url)
        later = world.submit(document(2), EMR)
        hours(world, 2)
        assert {one.prescription for one in receiver.events} == {later.id}


@pytest.mark.parametrize("status", [500, 503, 429, 401])
def test_it_is_sent_again_under_the_same_id_until_it_is_taken(world, receiver, status):
    receiver.plan = [(status, {}), (status, {})]
    world.submit(document(), EMR)
    world.work()
    assert receiver.events == []
    hours(world)
    names = [one.name for one in receiver.events]
    assert names[0] == "submitted"
    assert receiver.numbers == sorted(set(receiver.numbers))
    assert receiver.statuses[:2] == [status, status]


def test_the_receivers_retry_after_is_obeyed(world, receiver):
    receiver.plan = [(503, {"Retry-After": "7200"})]
    world.submit(document(), EMR)
    hours(world, 1)
    assert receiver.events == []
    hours(world, 2)
    assert receiver.events


def test_a_wrong_secret_is_refused_and_mended_later(world, receiver):
    receiver.secret = NEWER
    world.submit(document(), EMR)
    hours(world, 2)
    assert set(receiver.statuses) == {401}
    hook(world, "emr", receiver.url, "env:HOOK_NEWER")
    hours(world)
    assert receiver.events[0].name == "submitted"
    assert last_sent(world) == receiver.numbers[-1]


def test_a_secret_is_changed_without_a_loss(world, receiver):
    """Both secrets sign, so that a receiver with either takes the request."""
    hook(world, "emr", receiver.url, "env:HOOK_NEWER", "env:HOOK_SECRET")
    world.submit(document(1), EMR)
    world.work()
    receiver.secret = [NEWER]
    world.submit(document(2), EMR)
    world.work()
    assert set(receiver.statuses) == {204}
    assert len({one.prescription for one in receiver.events}) == 2


def test_a_replayed_or_altered_request_is_refused(world, receiver):
    world.submit(document(), EMR)
    world.work()
    headers, body = receiver.requests[0]
    assert verify_webhook(headers, body, SECRET, now=receiver.now)
    world.clock.advance(dt.timedelta(seconds=301))
    with pytest.raises(WebhookError, match="timestamp"):
        verify_webhook(headers, body, SECRET, now=receiver.now)
    assert verify_webhook(headers, body, SECRET, tolerance=400, now=receiver.now)
    for name, value in (("webhook-timestamp", str(int(receiver.now()))), ("webhook-id", "msg_0")):
        with pytest.raises(WebhookError, match="signature"):
            verify_webhook({**lowered(headers), name: value}, body, SECRET, now=receiver.now)
    with pytest.raises(WebhookError, match="signature"):
        verify_webhook(headers, body + b" ", SECRET, now=receiver.now)


def lowered(headers):
    return {name.lower(): value for name, value in headers.items()}


def test_a_receiver_that_is_down_keeps_nothing_else_and_nobody_else(world, receiver):
    receiver.plan = [(500, {})] * 1000
    with Receiver(SECRET, receiver.now) as second:
        hook(world, "other", second.url)
        for number in range(6):
            world.submit(document(number), EMR)
            world.submit(document(number), OTHER)
            hours(world, 1)
        assert len(world.tasks("hub")) == 12
        assert len([one for one in world.servers["emr"].all("Task") if one["intent"] == "order"]) >= 6
        assert {one.name for one in second.events} >= {"submitted", "delivered"}
        assert circuits(world) <= {"webhook/emr"}
    world.clock.advance(dt.timedelta(days=1))
    receiver.plan = []
    hours(world)
    assert len({one.prescription for one in receiver.events}) == 6
    assert receiver.numbers == sorted(set(receiver.numbers))


def test_an_open_circuit_of_the_receiver_is_not_that_of_its_partner(world, receiver):
    receiver.plan = [(500, {})] * 1000
    world.submit(document(1), EMR)
    world.work()
    for _ in range(60):
        if circuits(world):
            break
        world.clock.advance(dt.timedelta(minutes=1))
        world.worker.step()
    assert circuits(world) == {"webhook/emr"}
    asked = len(receiver.requests)
    there = len(world.servers["emr"].all("ServiceRequest"))
    world.submit(document(2), EMR)
    world.work()
    assert len(world.servers["emr"].all("ServiceRequest")) > there
    assert len(receiver.requests) == asked


def circuits(world):
    with world.database.read() as connection:
        return {name for _, name in JobQueue(connection).open_circuits(world.clock.now())}


def test_many_events_go_in_one_request_and_more_in_the_next(world, receiver):
    for number in range(MOST // 2 + 10):
        receipt = world.submit(document(number), EMR)
        world.command(receipt.id, "prohibit-contact", EMR)
    for _ in range(4):
        world.worker.step()
        world.clock.advance(dt.timedelta(seconds=5))
    sizes = [len(json.loads(body)["events"]) for _, body in receiver.requests]
    assert sizes[0] == MOST
    assert len(sizes) < 40
    assert receiver.numbers == sorted(set(receiver.numbers))
    assert len({one.prescription for one in receiver.events}) == MOST // 2 + 10


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(world, receiver, status):
    with Receiver(SECRET, receiver.now) as second:
        receiver.plan = [(status, {"Location": second.url})] * 100
        world.submit(document(), EMR)
        hours(world, 1)
        assert second.requests == []
    assert receiver.events == []
    failed = [one for one in world.entries(state="failed") if one.kind == "webhook"]
    assert [one.last_status for one in failed] == [status]


@pytest.mark.parametrize(
    "url",
    [
        "http://emr.test/hook",
        "https://169.254.169.254/hook",
        "https://[::ffff:169.254.169.254]/hook",
        "https://metadata.google.internal/hook",
        "https://user:word@emr.test/hook",
        "https://emr.test/hook?token=1",
        "https://emr.test\\@evil.test/hook",
        "ftp://emr.test/hook",
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_allowed(world, url, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_ALLOW_HTTP", "true")
    hook(world, "emr", url)
    world.submit(document(), EMR)
    world.work()
    (failed,) = [one for one in world.entries(state="failed") if one.kind == "webhook"]
    assert "URL" in failed.last_error


def test_it_is_queued_in_the_transaction_of_the_event(world, receiver):
    """What is not stored is not told; what is stored is queued, whatever happens to the process next."""
    receipt = world.submit(document(), EMR)
    assert len([one for one in world.entries(state="ready") if one.kind == "webhook"]) == 1
    world.work()
    sent = len(receiver.requests)
    with contextlib.suppress(RuntimeError), world.database.write() as connection:
        with open_unit(Scope(connection, TENANT, world.clock.now()), receipt.id) as unit:
            unit.note(EMR, "contact-prohibited")
        raise RuntimeError
    hours(world, 2)
    assert len(receiver.requests) == sent
    assert last_sent(world) == world.timeline(receipt.id)[-1].number


def test_a_webhook_that_was_removed_is_silent(world, receiver):
    world.submit(document(), EMR)
    with world.database.write() as connection:
        assert remove_webhook(connection, TENANT, "emr")
    hours(world, 2)
    assert receiver.requests == []
    assert not [one for one in world.entries(state="failed") if one.kind == "webhook"]
