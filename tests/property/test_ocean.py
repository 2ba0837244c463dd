"""Many referrals through a simulated Ocean that duplicates, reorders, fails and is out for a day.

In the end the folder of each referral is what Ocean's table gives for the last thing that happened to it; nothing was
lost, nothing doubled, and no echo was answered.
"""

import datetime as dt
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from sqlalchemy import text
from support.ocean import CLINIC, OceanWorld
from support.soak import count, ran
from support.spine import LINK_WORKER, TENANT

from footbridge.errors import LifecycleError
from footbridge.partners.inbound import Appointment, AppointmentTime, Message
from footbridge.partners.networks import register_network
from footbridge.partners.ports import Connection, Poll, Sent
from footbridge.referrals.inbound import receive
from footbridge.simulators.ocean import Rates
from footbridge.store.partners import get_partner
from footbridge.store.resource_rows import Scope

SCRIPTS = {
    # what happens, and the folder by ocean.md section 5 for the last of it
    (): "New",
    ("accept",): "Pending Booking",
    ("accept", "start"): "Pending Booking",
    ("accept", "hold"): "Pending Booking",
    ("accept", "book"): "Booking Confirmed",
    ("accept", "ask"): "Awaiting Reply",
    ("accept", "start", "complete"): "Completed",
    ("accept", "book", "complete"): "Completed",
    ("reject",): "Declined",
    ("accept", "start", "fail"): "Declined",
    ("reject", "reopen"): "New",
    ("reject", "reopen", "accept"): "Pending Booking",
    ("revoke",): "Cancelled",
    ("accept", "revoke"): "Cancelled",
    ("accept", "book", "revoke"): "Cancelled",
    ("change", "accept"): "Pending Booking",
    ("accept", "reply", "start"): "Pending Booking",
    ("accept", "resend"): "Pending Booking",
}
REASONED = {"reject", "hold", "fail"}


class Sink:
    """A service that takes everything."""

    carries = frozenset({"referral", "status", "reason", "client", "message", "cancellation"})
    polls = False
    delivered: ClassVar[Counter] = Counter()

    def deliver(self, outgoing):
        if not outgoing.ended:
            self.delivered[outgoing.referral.key] += not outgoing.extras
        return Sent()

    def update(self, outgoing):
        return Sent()

    def send(self, message):
        return Sent()

    def poll(self, cursor):
        return Poll((), cursor)

    def read_again(self, inbound):
        return ()

    def acknowledge(self, inbound, outcome):
        pass

    def test(self):
        return Connection(reachable=True)


def sink(tenant, partner, around):
    return Sink()


@dataclass
class Story:
    ref: str
    script: tuple
    done: int = 0
    told: list = field(default_factory=list)

    @property
    def over(self):
        return self.done == len(self.script)


def act(world, story, chance):
    """The next step of a story, where what it needs has arrived."""
    step = story.script[story.done]
    users = world.ocean.users
    match step:
        case "revoke":
            users.cancel(story.ref)
        case "reopen":
            if world.ocean.folder(story.ref) != "Declined":
                return
            users.reopen(story.ref)
        case "change":
            users.change(story.ref, f"<p>Reason {chance.random()}</p>")
        case "reply":
            users.reply(story.ref, "Please call her.")
        case "resend":
            world.ocean.resend([story.ref], as_new=True)
        case "book" | "ask":
            if not said_by_service(world, story, step):
                return
        case _:
            try:
                world.say(story.ref, step, LINK_WORKER, **({"reason": "No places"} if step in REASONED else {}))
            except AssertionError:
                return  # it has not arrived
            except LifecycleError as refused:
                if refused.reason == "on-hold" or step in {"accept", "reject"}:  # an odd form that says no consent
                    with suppress(LifecycleError):
                        world.say(story.ref, "confirm-consent", LINK_WORKER)
                return  # or the re-opened one has not arrived
    story.done += 1


def said_by_service(world, story, step):
    rows = [row for row in world.referrals(world.prescription_of(story.ref)) if row.parent is None]
    with world.database.write() as connection:
        scope = Scope(connection, TENANT, world.clock.now())
        hub = get_partner(connection, TENANT, "hub")
        named = {"message_id": f"{story.ref}/{step}", "at": scope.now, "key": rows[-1].task}
        said = (
            Appointment(**named, time=AppointmentTime(scope.now + dt.timedelta(days=7)))
            if step == "book"
            else Message(**named, text=f"When can she come? ({story.ref})")
        )
        return receive(scope, hub, said).code == "applied"


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_every_referral_ends_in_the_folder_that_the_table_gives(sqlite_database, clock, tmp_path):
    register_network("sink", sink)
    Sink.delivered.clear()
    chance = random.Random("ocean")
    total = count(quick=18, soak=10_000)  # each script once, at least
    with OceanWorld(sqlite_database, clock, tmp_path, partner=None) as world:
        world.take_on("hub", "recipient", network="sink", base_url="")
        world.route("*", "hub")
        world.ocean.faults.rates = Rates(drop=0.03, lose=0.02, duplicate=0.2, reorder=0.2, refuse=0.03, forget=0.02)
        scripts = list(SCRIPTS)
        stories = []
        started = clock.now()
        out = False
        while len(stories) < total or not all(story.over for story in stories):
            for _ in range(min(50, total - len(stories))):
                stories.append(Story(world.refer(), scripts[len(stories) % len(scripts)]))
            for story in stories:
                if not story.over and chance.random() < 0.3:
                    act(world, story, chance)
            world.ocean.advance(dt.timedelta(minutes=30), between=world.worker.step)
            if not out and sum(story.done for story in stories) > total // 2:
                out = True
                world.ocean.outage(dt.timedelta(days=1))
            assert clock.now() - started < dt.timedelta(days=60), [one for one in stories if not one.over][:3]
        assert out
        world.ocean.faults.clear()
        for _ in range(24 * 5):
            world.ocean.advance(dt.timedelta(hours=1), between=world.worker.step)
        sent = len(world.ocean.arrivals())
        for _ in range(24):
            world.ocean.advance(dt.timedelta(hours=1), between=world.worker.step)

        wrong = [
            (story.script, world.ocean.folder(story.ref), SCRIPTS[story.script], story.ref)
            for story in stories
            if world.ocean.folder(story.ref) != SCRIPTS[story.script]
        ]
        assert wrong == [], f"{len(wrong)} of {total}"
        assert len(world.ocean.arrivals()) == sent, "an echo was answered"
        with world.database.read() as connection:
            rows = connection.execute(
                text("SELECT identifier_value, count(*) FROM prescription WHERE requester = :of GROUP BY 1"),
                {"of": CLINIC},
            ).all()
            states = dict(connection.execute(text("SELECT state, count(*) FROM ocean_message GROUP BY 1")).all())
            failed = connection.execute(
                text("SELECT why, count(*) FROM ocean_message WHERE state = 'failed' GROUP BY 1")
            ).all()
        missing = {story.ref for story in stories if story.script[:1] != ("revoke",)} - {row[0] for row in rows}
        assert missing == set(), "lost"
        assert {row[1] for row in rows} == {1}, "doubled"
        assert set(states) == {"done"}, (states, failed)
        assert set(Sink.delivered.values()) <= {0, 1}, "delivered twice"
        said = Counter((one.ref, one.event) for one in world.ocean.arrivals() if one.status == 200 and not one.repeated)
        most = max(said.values())
        assert most <= 5, said.most_common(3)
        for _story in stories:
            ran()
