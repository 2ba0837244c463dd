"""A referral is passed on while systems work on it: one service stops, one is asked, and every copy says the same."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from support.crash import for_each_crash
from support.spine import LINK_WORKER, World, everything, prescribed

from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.model.principals import Principal

WORDS = "Passed on to another service. It is nearer."


@pytest.fixture
def prepared(new_world):
    @contextmanager
    def opened():
        with new_world() as world:
            world.partner("pantry")
            world.receipt = world.submit(prescribed())
            world.pass_time()
            yield world

    return opened


def pass_on(world: World, partner: str = "pantry") -> None:
    world.command(world.receipt.id, "forward", LINK_WORKER, partner=partner, reason="It is nearer.")


def tries(world):
    return [(row.partner, row.status) for row in world.referrals(world.receipt.id)]


def settled(world):
    """Everybody holds the same, and nothing is left to do."""
    assert tries(world) == [("hub", "cancelled"), ("pantry", "requested")]
    assert (world.task("hub")["status"], world.task("hub")["statusReason"]["text"]) == ("cancelled", WORDS)
    assert world.task("pantry")["status"] == "requested"
    assert world.order("pantry")["status"] == "active"
    assert [(one["status"], one.get("statusReason", {}).get("text")) for one in world.tasks("emr")] == [
        ("cancelled", WORDS),
        ("requested", None),
    ]
    assert len({one["focus"]["reference"] for one in world.tasks("emr")}) == 1
    assert world.names(world.receipt.id).count("another-try") == 1
    assert world.status(world.receipt.id) == "active"
    counts = world.counts()
    assert counts["ready"] == counts["failed"] == counts["abandoned"] == 0


def test_both_services_and_the_record_hear_of_it(prepared):
    with prepared() as world:
        world.act("hub", status="accepted")
        world.clock.advance(timedelta(minutes=11))
        world.pass_time()
        pass_on(world)
        world.calm()
        settled(world)
        assert "pantry" not in str(list(everything(world.servers["hub"]))).casefold()
        told = [one for one in world.timeline(world.receipt.id) if one.name in {"forward", "another-try"}]
        assert [(one.name, one.actor, one.reason) for one in told] == [
            ("forward", "kit", WORDS),
            ("another-try", "kit", None),
        ]


def test_wherever_the_process_ends_one_service_is_asked(prepared):
    def act(world):
        pass_on(world)
        world.worker.step()

    def again(world):
        if len(tries(world)) == 1:  # it was not stored: whoever clicked was told, and clicks again
            pass_on(world)
        world.recover()

    for_each_crash(prepared, act, settled, recover=again, most=4, writes_only=True)


def test_a_service_that_accepts_too_late_is_told_again_that_it_was_passed_on(prepared):
    with prepared() as world:
        pass_on(world)
        world.act("hub", status="accepted")
        world.calm()
        settled(world)


def test_nobody_is_asked_where_it_cannot_be_passed_on(prepared):
    with prepared() as world:
        for partner, error in [("hub", LifecycleError), ("nobody", PrescriptionError), ("emr", PrescriptionError)]:
            with pytest.raises(error):
                pass_on(world, partner)
        hub = Principal("recipient", "hub", tenant=LINK_WORKER.tenant)
        with pytest.raises(LifecycleError):
            world.command(world.receipt.id, "forward", hub, partner="pantry")
        pass_on(world)
        with pytest.raises(LifecycleError):
            pass_on(world)  # it is there already
        old = world.referrals(world.receipt.id)[0].id
        with pytest.raises(LifecycleError):
            world.command(world.receipt.id, "forward", LINK_WORKER, partner="hub", referral=old)
        world.calm()
        settled(world)


def test_a_person_who_must_not_be_contacted_stays_so_at_the_next_service(prepared):
    with prepared() as world:
        world.command(world.receipt.id, "prohibit-contact", LINK_WORKER, reason="He reads her mail")
        pass_on(world)
        world.calm()
        text = str(list(everything(world.servers["pantry"])))
        assert "416 555 0142" not in text
        assert "12 Sample Street" not in text
        assert world.task("pantry")["status"] == "requested"
