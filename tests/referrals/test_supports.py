"""Supports end with the prescription: here, at the record, and at every partner that has them."""

import pytest
from support.spine import LINK_WORKER, WARM, prescribed

from footbridge.partners.fhir.simulator.scripts import USUAL, always
from footbridge.referrals.command import NewPart

CONSENT = WARM["consent"] | {"scope": ["contact", "needs", "goals", "supports"]}


def supported(**changes):
    return prescribed(consent=CONSENT, **changes)


def support_at(world, name):
    """Status of a partner's copy of the bus tickets."""
    found = [one for one in world.servers[name].all("ServiceRequest") if one["code"].get("text") == "Two bus tickets."]
    return [one["status"] for one in found]


def test_they_are_completed_with_the_referral(world):
    world.script("hub", always(USUAL))
    world.submit(supported())
    world.pass_time(1)
    assert support_at(world, "emr") == support_at(world, "hub") == ["active"]
    world.pass_time(40)
    assert support_at(world, "emr") == support_at(world, "hub") == ["completed"]


@pytest.mark.parametrize(
    ("event", "status"), [("cancel", "revoked"), ("enter-in-error", "entered-in-error"), ("fail", "active")]
)
def test_they_go_the_way_of_the_prescription(world, event, status):
    receipt = world.submit(supported())
    world.pass_time(1)
    if event == "fail":  # the order waits until a person decides, so the tickets may yet be needed
        world.command(receipt.id, "accept", LINK_WORKER)
        world.command(receipt.id, "fail", LINK_WORKER, reason="Not found")
    else:
        world.command(receipt.id, event, reason="Moved")
    world.pass_time(1)
    assert support_at(world, "emr") == support_at(world, "hub") == [status]


def test_a_partner_that_declined_is_told_too(world):
    world.partner("pantry")
    world.route("food-insecurity", "hub", "pantry")
    receipt = world.submit(supported())
    world.pass_time(1)
    world.act("hub", status="rejected", statusReason={"text": "Full"})
    world.pass_time(1)
    world.command(receipt.id, "accept", LINK_WORKER)
    world.command(receipt.id, "complete", LINK_WORKER)
    world.pass_time(1)
    assert support_at(world, "hub") == support_at(world, "pantry") == support_at(world, "emr") == ["completed"]


def test_to_open_it_again_brings_them_back(world):
    receipt = world.submit(supported())
    world.pass_time(1)
    world.command(receipt.id, "accept", LINK_WORKER)
    world.command(receipt.id, "complete", LINK_WORKER)
    world.pass_time(1)
    assert support_at(world, "emr") == ["completed"]
    world.partner("pantry")
    world.command(receipt.id, "route", LINK_WORKER, partner="pantry")
    world.pass_time(1)
    assert support_at(world, "emr") == support_at(world, "pantry") == ["active"]


def test_a_signpost_without_an_order_ends_them_as_it_ends(world):
    receipt = world.submit(supported(kind="signpost", service={"description": "Good Food Box"}))
    world.pass_time(1)
    world.command(receipt.id, "answer", happened="no")
    world.pass_time(1)
    assert support_at(world, "emr") == ["revoked"]


def test_a_part_of_a_split_never_has_them(world):
    receipt = world.submit(supported(kind="navigator", service=None))
    world.pass_time(1)
    world.command(receipt.id, "split", LINK_WORKER, parts=[NewPart("Box", "food-insecurity", "hub")])
    world.pass_time(1)
    world.command(receipt.id, "cancel", reason="Moved")
    world.pass_time(1)
    assert (support_at(world, "hub"), support_at(world, "emr")) == ([], ["revoked"])
