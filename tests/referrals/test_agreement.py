"""Whatever happens on the way: when it is calm again, record, recipients and we agree, and nothing is doubled.

The rule where two ends collide: what ended first, as we heard it, holds here and in the record. A recipient's copy
that the recipient itself has ended otherwise keeps the recipient's word; the timeline shows that it was refused.
"""

import datetime as dt
import random
from contextlib import suppress

import pytest
from support.crash import crash_at, crash_at_request
from support.spine import DOCTOR, LINK_WORKER, World, everything, prescribed

from footbridge.errors import LifecycleError, NotFoundError
from footbridge.partners.fhir.simulator import Fault
from footbridge.referrals.command import NewPart
from footbridge.store.interaction_errors import PreconditionFailed

STEPS = 45
RECIPIENTS = ("hub", "pantry")
ENDED = {"completed", "rejected", "failed", "cancelled", "entered-in-error"}
FAULTS = [
    Fault(status=503),
    Fault(status=500),
    Fault(drop=True),
    Fault(truncate=True),
    Fault(status=429, retry_after=30),
]


class Chance:
    """One run of things that happen by chance, from a seed."""

    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.prescriptions = []
        self.number = 0

    def apply_event(self):
        deeds = [self.submit] * 2 + [self.recipient_acts] * 6 + [self.record_acts] * 2 + [self.user_acts] * 4
        deeds += [self.trouble, self.better, self.kill, self.kill, self.time_passes, self.time_passes, self.time_passes]
        self.random.choice(deeds)()

    def submit(self):
        self.number += 1
        service = self.random.choice([{"partner": "hub", "description": "Box"}, {"partner": "pantry"}, None])
        kind = self.random.choice(["warm-connection", "navigator", "signpost"])
        document = prescribed(self.number, kind=kind, service=service)
        self.prescriptions.append(self.world.submit(document).id)

    def recipient_acts(self):
        name = self.random.choice(RECIPIENTS)
        status = self.random.choice(
            ["accepted", "in-progress", "on-hold", "completed", "rejected", "failed", "cancelled"]
        )
        self._write(name, status)

    def record_acts(self):
        self._write("emr", self.random.choice(["cancelled", "requested", "accepted", None, None, "entered-in-error"]))

    def _write(self, name, status):
        tasks = self.world.tasks(name)
        if not tasks:
            return
        task = self.random.choice(tasks)
        members = {"note": [{"text": f"note {self.random.random()}"}]} if status is None else {"status": status}
        if status == "completed" and name != "emr":
            body = {"resourceType": "Procedure", "status": "completed", "subject": task["for"]}
            procedure = self.world.servers[name].put(body)
            reference = {"reference": f"Procedure/{procedure['id']}"}
            members["output"] = [*task.get("output", []), {"type": {"text": "done"}, "valueReference": reference}]
        with suppress(PreconditionFailed):
            self.world.rewrite(name, task, **members)

    def user_acts(self):
        if not self.prescriptions:
            return
        event, author, more = self.random.choice(
            [
                ("cancel", DOCTOR, {"reason": "Moved"}),
                ("accept", LINK_WORKER, {}),
                ("complete", LINK_WORKER, {}),
                ("reopen", DOCTOR, {"reason": "Again"}),
                ("route", LINK_WORKER, {"partner": self.random.choice(RECIPIENTS)}),
                ("answer", DOCTOR, {"happened": "yes", "goal": "achieved"}),
                (
                    "split",
                    LINK_WORKER,
                    {"parts": [NewPart("Box", "food-insecurity"), NewPart("Choir", "social-connection")]},
                ),
            ]
        )
        with suppress(LifecycleError, NotFoundError):
            self.world.command(self.random.choice(self.prescriptions), event, author, **more)

    def trouble(self):
        server = self.world.servers[self.random.choice(["emr", *RECIPIENTS])]
        server.faults.sometimes(0.4, self.random.choice(FAULTS), seed=self.random.randrange(1000))

    def better(self):
        for server in self.world.servers.values():
            server.faults.clear()

    def kill(self):
        """The process ends at some step or request; whatever it held comes free when its lease is over."""
        database, server = self.world.database, self.world.servers[self.random.choice(["emr", *RECIPIENTS])]
        if self.random.random() < 0.5:
            when = self.random.choice(["before", "after"])
            crash = crash_at(database, self.random.randrange(1, 60), when)
        else:
            took_effect = self.random.random() < 0.5
            crash = crash_at_request(database, server, self.random.randrange(1, 6), took_effect=took_effect)
        with crash:
            self.world.worker.step()
        self.world.clock.advance(dt.timedelta(minutes=2))

    def time_passes(self):
        self.world.clock.advance(dt.timedelta(minutes=self.random.choice([0, 1, 5, 11, 60, 600])))
        self.world.worker.step()


@pytest.mark.parametrize("seed", range(6))
def test_all_agree_in_the_end_on_sqlite(sqlite_database, clock, seed):
    run(sqlite_database, clock, seed)


@pytest.mark.parametrize("seed", range(100, 102))
def test_all_agree_in_the_end_on_postgresql(postgresql_database, clock, seed):
    run(postgresql_database, clock, seed)


def run(database, clock, seed):
    with World(database, clock) as world:
        world.partner("emr", "requester")
        for name in RECIPIENTS:
            world.partner(name)
        world.route("food-insecurity", *RECIPIENTS)
        chance = Chance(world, seed)
        chance.submit()
        for _ in range(STEPS):
            chance.apply_event()
        world.calm(8)
        assert_agreed(world, chance.prescriptions)


def by_identifier(server):
    """A partner's resources by our id of them; each is there once."""
    found = {}
    for one in everything(server):
        held = one.get("identifier", [])
        for identifier in held if isinstance(held, list) else [held]:
            if identifier.get("system", "").endswith("NamingSystem/resource"):
                key = (one["resourceType"], identifier["value"])
                assert key not in found, f"{key[0]} is doubled"
                found[key] = one
    return found


def assert_agreed(world, prescriptions):
    there = {name: by_identifier(server) for name, server in world.servers.items()}
    for prescription in prescriptions:
        refused = {event.referral for event in world.timeline(prescription) if event.name == "refused"}
        for row in world.referrals(prescription):
            assert world.ours("Task", row.task)["status"] == row.status
            assert there["emr"]["Task", row.task]["status"] == row.status
            if row.service_request:
                order = world.ours("ServiceRequest", row.service_request)
                assert there["emr"]["ServiceRequest", row.service_request]["status"] == order["status"]
            copy = there.get(row.partner or "", {}).get(("Task", row.task))
            if copy is not None and copy["status"] != row.status:
                assert copy["status"] in ENDED
                assert row.id in refused
            outputs = len(world.ours("Task", row.task).get("output", []))
            assert len(there["emr"]["Task", row.task].get("output", [])) == outputs
    counts = world.counts()
    assert counts["ready"] == 0
    assert counts["failed"] == counts["abandoned"] == 0
