"""What people decide about a client: that contact is safe, that it is not, and that consent is withdrawn."""

import orjson
import pytest
from support.spine import DOCTOR, HCN, LINK_WORKER, TENANT, everything, prescribed

from footbridge.errors import LifecycleError
from footbridge.model.principals import Principal
from footbridge.partners.fhir.simulator.scripts import USUAL, always
from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.referrals.events_offered import events_now
from footbridge.referrals.unit import read_unit
from footbridge.store.exact_json import dumps
from footbridge.store.resource_rows import Scope
from footbridge.validation import Validator

PHONE, NEW_PHONE = "416 555 0142", "416 555 0199"
ADMIN = Principal("admin", name="ada", tenant=TENANT)
HUB = Principal("recipient", "hub", name="hub", tenant=TENANT)
KITCHEN = {"partner": "kitchen", "description": "Community kitchen"}


def text_at(world, name):
    return "\n".join(dumps(one) for one in everything(world.servers[name]))


def last_event(world, receipt, name):
    (found,) = [one for one in world.timeline(receipt.id) if one.name == name]
    return found.actor, found.role, found.reason, found.referral


def refusal(world, receipt, event, principal, **more):
    with pytest.raises(LifecycleError) as refused:
        world.command(receipt.id, event, principal, **more)
    return refused.value.reason


def possible(world, receipt, principal):
    with world.database.read() as connection:
        unit = read_unit(Scope(connection, TENANT, world.clock.now()), receipt.id)
        return events_now(unit, unit.rows[-1], principal)


@pytest.fixture
def delivered(world):
    """A prescription that ``hub`` was asked."""
    receipt = world.submit(prescribed(1))
    world.pass_time()
    assert PHONE in text_at(world, "hub")
    return receipt


@pytest.mark.parametrize("principal", [DOCTOR, LINK_WORKER, ADMIN])
def test_contact_is_prohibited_and_allowed_again(world, delivered, principal):
    world.command(delivered.id, "prohibit-contact", principal, reason="He reads her mail.")
    world.pass_time()
    assert PHONE not in text_at(world, "hub")
    assert last_event(world, delivered, "contact-prohibited")[:3] == (
        principal.name,
        principal.role,
        "He reads her mail.",
    )
    world.command(delivered.id, "allow-contact", LINK_WORKER, reason="She has moved.")
    world.pass_time()
    assert PHONE in text_at(world, "hub")
    assert last_event(world, delivered, "contact-allowed") == ("kit", "navigator", "She has moved.", None)
    assert "He reads" not in text_at(world, "hub")


def test_who_may_allow_contact_and_why(world, delivered):
    assert refusal(world, delivered, "allow-contact", LINK_WORKER, reason="x") == "not-allowed-from-here"
    world.command(delivered.id, "prohibit-contact", DOCTOR)
    assert refusal(world, delivered, "allow-contact", DOCTOR, reason="x") == "not-this-actor"
    assert refusal(world, delivered, "allow-contact", LINK_WORKER) == "reason-required"
    for event in ("prohibit-contact", "withdraw-consent"):
        assert refusal(world, delivered, event, HUB) == "not-this-actor"
    world.pass_time()
    assert PHONE not in text_at(world, "hub")


def test_what_may_be_decided_is_named(world, delivered):
    assert possible(world, delivered, DOCTOR)[-2:] == ["prohibit-contact", "withdraw-consent"]
    world.command(delivered.id, "prohibit-contact", DOCTOR)
    assert "allow-contact" in possible(world, delivered, LINK_WORKER)
    assert {"allow-contact", "prohibit-contact", "withdraw-consent"}.isdisjoint(possible(world, delivered, HUB))
    world.command(delivered.id, "withdraw-consent", DOCTOR)
    assert "withdraw-consent" not in possible(world, delivered, DOCTOR)


def test_a_navigators_word_is_not_lifted_by_a_prescription(world, delivered):
    world.command(delivered.id, "prohibit-contact", LINK_WORKER)
    world.pass_time(days=1)
    client = prescribed()["client"] | {"safeToContact": True}
    world.submit(prescribed(2, client=client, authored=world.clock.now().isoformat(), followUp=None))
    world.pass_time()
    assert PHONE not in text_at(world, "hub")


def test_a_requesters_word_is_lifted_by_its_next_prescription(world, delivered):
    world.command(delivered.id, "prohibit-contact", DOCTOR)
    world.pass_time(days=1)
    client = prescribed()["client"] | {"safeToContact": True}
    world.submit(prescribed(2, client=client, authored=world.clock.now().isoformat(), followUp=None))
    world.pass_time()
    assert PHONE in text_at(world, "hub")


@pytest.mark.parametrize("principal", [DOCTOR, LINK_WORKER, ADMIN])
def test_withdrawn_consent_ends_the_prescription(world, delivered, principal):
    world.command(delivered.id, "withdraw-consent", principal, reason="Fell out with them.")
    world.pass_time()
    assert world.status(delivered.id) == "cancelled"
    assert world.our_task(delivered.id)["statusReason"]["text"] == "The client withdrew consent."
    assert world.task("hub")["status"] == "cancelled"
    assert world.order("hub")["status"] == "revoked"
    assert last_event(world, delivered, "consent-withdrawn") == (
        principal.name,
        principal.role,
        "Fell out with them.",
        None,
    )
    assert "Fell out" not in text_at(world, "hub")
    assert refusal(world, delivered, "withdraw-consent", principal) == "not-allowed-from-here"


def test_our_consent_says_that_it_was_withdrawn(world, delivered):
    world.command(delivered.id, "withdraw-consent", DOCTOR)
    with world.database.read() as connection:
        unit = read_unit(Scope(connection, TENANT, world.clock.now()), delivered.id)
        consent = unit.resource(unit.role("consent"))
    assert (consent["status"], consent["provision"]["type"]) == ("inactive", "deny")
    assert consent["meta"]["versionId"] == "2"
    assert "withdrawn" in consent["text"]["div"]
    assert Validator().check(consent).valid


def test_nothing_more_of_the_client_is_sent_once_consent_is_withdrawn(world, delivered):
    world.partner("kitchen")
    world.command(delivered.id, "withdraw-consent", DOCTOR)
    world.pass_time()
    before = len(world.servers["hub"].requests)
    client = prescribed()["client"] | {"contacts": [{"system": "phone", "value": f"+1 {NEW_PHONE}"}]}
    world.submit(prescribed(2, client=client, authored=world.clock.now().isoformat(), followUp=None, service=KITCHEN))
    world.pass_time()
    assert NEW_PHONE in text_at(world, "kitchen")
    assert NEW_PHONE not in text_at(world, "hub")
    assert [one for one in world.servers["hub"].requests[before:] if one.method != "GET"] == []


def test_a_referral_that_waits_to_be_sent_is_not_sent_after_consent_is_withdrawn(world):
    receipt = world.submit(prescribed(1))
    world.command(receipt.id, "withdraw-consent", DOCTOR)
    world.pass_time(days=1)
    assert list(everything(world.servers["hub"])) == []
    assert world.task("emr")["status"] == "cancelled"


@pytest.mark.parametrize(("event", "more"), [("route", {"partner": "hub"}), ("reopen", {"reason": "x"})])
def test_without_consent_nobody_is_asked_again(world, event, more):
    world.partner("kitchen", script=always(USUAL))
    receipt = world.submit(prescribed(1, service=KITCHEN))
    world.pass_time(days=30)
    assert world.status(receipt.id) == "completed"
    world.command(receipt.id, "withdraw-consent", DOCTOR)
    assert world.status(receipt.id) == "completed"
    assert refusal(world, receipt, event, LINK_WORKER, **more) == "consent-withdrawn"


def test_an_order_that_rests_is_withdrawn_with_its_consent(world):
    receipt = world.submit(prescribed(1))
    world.pass_time()
    world.act("hub", status="rejected", statusReason={"text": "Full."})
    world.pass_time(days=1)
    assert world.status(receipt.id) == "waiting"
    world.command(receipt.id, "withdraw-consent", LINK_WORKER)
    assert world.status(receipt.id) == "cancelled"


def test_consent_to_one_prescription_is_not_consent_to_another(world, delivered):
    world.partner("kitchen")
    other = world.submit(prescribed(2, service=KITCHEN, followUp=None))
    world.command(delivered.id, "withdraw-consent", DOCTOR)
    world.pass_time()
    assert world.status(other.id) == "active"
    assert PHONE in text_at(world, "kitchen")
    assert HCN not in text_at(world, "kitchen")


# What an order says of contact


def says_prohibited(resource):
    return "contacting-subject-prohibited" in dumps(resource)


def warns(resource):
    return "DO NOT CONTACT" in resource["text"]["div"]


def held_by(world, name):
    """The orders and Tasks of a referral, as a partner holds them, but for supports."""
    orders = [one for one in world.servers[name].all("ServiceRequest") if "support-kind" not in dumps(one)]
    return orders + [one for one in world.servers[name].all("Task") if one["intent"] == "order"]


def test_orders_and_tasks_everywhere_say_that_contact_is_prohibited_and_when_it_is_not(world, delivered):
    world.command(delivered.id, "prohibit-contact", LINK_WORKER)
    world.pass_time()
    (row,) = world.referrals(delivered.id)
    own = [world.ours("Task", row.task), world.ours("ServiceRequest", row.service_request)]
    for many in (own, held_by(world, "hub"), held_by(world, "emr")):
        assert len(many) == 2
        assert all(says_prohibited(one) and warns(one) for one in many)
        assert all(Validator().check(one).valid for one in many)
    assert warns(world.follow_up())
    world.command(delivered.id, "allow-contact", LINK_WORKER, reason="She is safe.")
    world.pass_time()
    for many in (held_by(world, "hub"), held_by(world, "emr"), [world.follow_up()]):
        assert not any(says_prohibited(one) or warns(one) for one in many)


def test_parts_of_a_split_say_it_too(world):
    world.partner("kitchen")
    receipt = world.submit(prescribed(service=None, kind="navigator"))
    world.pass_time()
    parts = [
        {"description": "A food box", "category": "food-insecurity", "partner": "hub"},
        {"description": "A choir", "category": "social-connection", "partner": "kitchen"},
    ]
    world.split(receipt.id, parts)
    world.pass_time()
    world.command(receipt.id, "prohibit-contact", LINK_WORKER)
    world.pass_time()
    for name in ("hub", "kitchen"):
        assert len(held_by(world, name)) == 2
        assert all(says_prohibited(one) and warns(one) for one in held_by(world, name))
    world.command(receipt.id, "allow-contact", LINK_WORKER, reason="She is safe.")
    world.pass_time()
    assert not any(says_prohibited(one) or warns(one) for name in ("hub", "kitchen") for one in held_by(world, name))


@pytest.mark.parametrize("how", ["silence", "amendment"])
def test_what_is_written_while_contact_is_prohibited_says_so(world, delivered, how):
    world.command(delivered.id, "prohibit-contact", LINK_WORKER)
    if how == "silence":
        newer = world.submit(prescribed(2)).id
    else:
        newer = delivered.id
        amend_now(world, prescribed(1, priority="urgent"))
    world.pass_time()
    (row,) = world.referrals(newer)
    assert says_prohibited(world.ours("Task", row.task))
    assert says_prohibited(world.ours("ServiceRequest", row.service_request))
    assert all(says_prohibited(one) and warns(one) for name in ("hub", "emr") for one in held_by(world, name))


def amend_now(world, document):
    said = Amendment(message_id="1", document=orjson.dumps(document))
    with world.database.write() as connection:
        amend(Scope(connection, TENANT, world.clock.now()), world.intake, DOCTOR, said)
