"""Wherever the process ends in the middle of its work: the next one brings it to the same end, and nothing is doubled.

The crash comes at a step of our database, so that no function of ours is named and no place is forgotten.
"""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from support.crash import for_each_crash
from support.spine import LINK_WORKER, World, everything, prescribed


@pytest.fixture
def prepared(new_world):
    """Makes worlds in which a prescription was handed in, and something happened since."""

    def making(*happened):
        @contextmanager
        def opened():
            with new_world() as world:
                world.receipt = world.submit(prescribed())
                for happen in happened:
                    happen(world)
                yield world

        return opened

    return making


def work(world: World):
    world.worker.step()


def complete(world: World):
    """The hub reports its outcome, and the poll is due."""
    task = world.task("hub")
    procedure = world.servers["hub"].put({"resourceType": "Procedure", "status": "completed", "subject": task["for"]})
    output = [{"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{procedure['id']}"}}]
    world.act("hub", status="completed", output=output)
    world.clock.advance(timedelta(minutes=11))


def settled(world, status, order):
    """Everybody holds the same, once, and nothing is left to do."""
    (row,) = world.referrals(world.receipt.id)
    assert row.status == status
    for name in ("hub", "emr"):
        assert (world.task(name)["status"], world.order(name)["status"]) == (status, order)
        ours = [
            (one["resourceType"], identifier["value"])
            for one in everything(world.servers[name])
            for identifier in one.get("identifier", [])
            if isinstance(identifier, dict) and identifier.get("system", "").endswith("NamingSystem/resource")
        ]
        assert len(ours) == len(set(ours))
    counts = world.counts()
    assert counts["ready"] == counts["failed"] == counts["abandoned"] == 0


def once(world, *names):
    """Each of these is in the timeline one time."""
    found = world.names(world.receipt.id)
    assert {name: found.count(name) for name in names} == dict.fromkeys(names, 1)


def test_while_a_referral_is_delivered(prepared):
    def check(world):
        settled(world, "requested", "active")
        assert world.names(world.receipt.id).count("delivered") == 2
        once(world, "submitted")

    for_each_crash(prepared(), work, check, recover=World.recover, most=10, writes_only=True)


def test_while_an_outcome_is_taken_over(prepared):
    def check(world):
        settled(world, "completed", "completed")
        assert len(world.servers["emr"].all("Procedure")) == 1
        assert len(world.task("emr")["output"]) == 1
        once(world, "complete", "output")

    for_each_crash(prepared(World.pass_time, complete), work, check, recover=World.recover, most=10, writes_only=True)


def test_while_a_user_cancels(prepared):
    def cancel(world):
        world.command(world.receipt.id, "cancel", LINK_WORKER, reason="Moved away")

    def recover(world):
        """The user looks, and says it again where it has had no effect."""
        if world.status(world.receipt.id) == "active":
            cancel(world)
        world.recover()

    def check(world):
        settled(world, "cancelled", "revoked")
        once(world, "cancel")

    for_each_crash(prepared(World.pass_time), cancel, check, recover=recover, most=10, writes_only=True)
