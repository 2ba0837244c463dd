"""Many referrals with every misfortune at once: nothing is lost, and each is in the folder of what happened last.

The receiver here is as plain as one can be. It knows nothing of the simulator's tables: the folders that it expects are
typed here from https://simplifier.net/guide/Ocean-Provider-Network-FHIR-Playbook.
"""

import json
import random
from collections import Counter
from datetime import timedelta

import pytest
from support.ocean_answers import answer, appointment, communication, event_of, header_of, ocean_with, task
from support.soak import count, ran

from footbridge.simulators.ocean import Rates

FOLDERS = {
    "accepted": "Pending Booking", "in-progress": "Pending Booking", "on-hold": "Pending Booking",
    "rejected": "Declined", "completed": "Completed", "booked": "Booking Confirmed", "tentative": "Booking Unconfirmed",
    "message": "Awaiting Reply",
}  # fmt: skip
PLANS = (
    ("accepted", "booked", "in-progress", "completed"),
    ("accepted", "message", "tentative", "booked"),
    ("rejected",),
    ("rejected", "accepted"),
    ("accepted", "on-hold", "message"),
    ("completed",),
    (),
)


class PlainReceiver:
    """Takes each message once, by its id, and carries out a plan for each referral; posts again what was not taken."""

    def __init__(self, seed):
        self.ocean = None
        self.chance = random.Random(seed)
        self.seen, self.events = set(), Counter()
        self.first, self.plans, self.done = {}, {}, {}

    def __call__(self, body):
        bundle = json.loads(body)
        if bundle["id"] not in self.seen:
            self.seen.add(bundle["id"])
            ref = header_of(bundle)["extension"][0]["valueIdentifier"]["value"]
            self.events[ref, event_of(bundle)] += 1
            if ref not in self.first:  # an update may come before the referral itself
                self.first[ref], self.plans[ref], self.done[ref] = bundle, list(self.chance.choice(PLANS)), []
        return 200

    def work(self):
        """Do one step of some referrals."""
        for ref, plan in self.plans.items():
            if plan and self.chance.random() < 0.5 and self.post(ref, plan[0]):
                self.done[ref].append(plan.pop(0))

    def post(self, ref, step):
        """Whether Ocean took a step. One whose answer was lost may have been taken, and is posted again."""
        match step:
            case "booked" | "tentative":
                said = "accepted" if step == "booked" else "tentative"
                posted = answer(self.first[ref], "notify-add-appointment", appointment(ref, said=(said,)))
            case "message":
                posted = answer(self.first[ref], "send-communication-from-provider", communication(ref))
            case _:
                posted = answer(self.first[ref], "notify-update-process-request", task(ref, step))
        return self.ocean.process("1234", json.dumps(posted).encode()).status == 200


@pytest.mark.soak
def test_with_every_misfortune_nothing_is_lost_and_each_folder_is_that_of_what_happened_last():
    number = count(quick=120, soak=10_000)
    receiver = PlainReceiver(11)
    ocean = receiver.ocean = ocean_with(receiver, seed=11)
    ocean.faults.rates = Rates(drop=0.05, lose=0.05, duplicate=0.2, reorder=0.2, refuse=0.05, forget=0.05)
    cancelled, refs = set(), []
    for part in range(12):
        refs += [ocean.refer() for _one in range(number // 12)]
        if part == 5:
            ocean.outage(timedelta(days=1))
        for ref in receiver.chance.sample(refs, number // 100):
            if ref not in cancelled:
                cancelled.add(ref)
                ocean.users.cancel(ref)
        ocean.advance(timedelta(hours=6), between=receiver.work)
    ocean.faults.clear()
    for _round in range(12):
        ocean.advance(timedelta(hours=1))
        receiver.work()
    ocean.advance(timedelta(hours=3))

    assert set(receiver.first) == set(refs)
    assert all(one.state == "delivered" for one in ocean.messages())
    for ref in refs:
        ran()
        assert receiver.plans[ref] == []
        last = receiver.done[ref][-1] if receiver.done[ref] else None
        assert ocean.folder(ref) == ("Cancelled" if ref in cancelled else FOLDERS.get(last, "New"))
        changes = [one for one in ocean.arrivals(ref) if one.status in {200, 500} and "communication" not in one.event]
        assert receiver.events[ref, "notify-update-service-request"] == len(changes)  # an echo for each, and no more
        assert receiver.events[ref, "add-service-request"] == 1
        assert receiver.events[ref, "revoke-service-request"] == (ref in cancelled)
