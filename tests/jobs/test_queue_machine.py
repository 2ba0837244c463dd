"""Any order of owing, claiming, settling, waiting and interfering keeps the promises of the queue.

A model beside the database says, for every message, its state, who holds it and until when. Each claim must hand
out exactly what the model allows, and each settlement must succeed if and only if the model says that its claim
still stands.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from footbridge.errors import ConflictError, PartnerUnavailable
from footbridge.jobs.job import Failure
from footbridge.jobs.queue import JobQueue
from footbridge.jobs.worker import Worker
from footbridge.model.clock import ManualClock
from footbridge.store.tables import circuit
from footbridge.store.tables import job as table

LEASE = timedelta(seconds=60)
FAILURE = Failure(503, "The partner is down.")
EXAMPLES = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@dataclass
class Expected:
    id: int
    key: str
    due: datetime
    state: str = "ready"
    token: int = 0
    held: bool = False
    lease_until: datetime | None = None
    attempts: int = 0

    def leased(self, now):
        return self.held and self.lease_until > now


class QueueMachine(RuleBasedStateMachine):
    store = None

    @initialize()
    def begin(self):
        self.clock = ManualClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
        self.messages = {}
        self.claimed = []  # every claim ever made, stale ones too
        self.number = 0
        with self.store.write() as connection:
            connection.execute(delete(table))

    def allowed(self):
        """Ids that a claim may hand out now."""
        now = self.clock.now()
        heads = {}
        for message in sorted(self.messages.values(), key=lambda one: one.id):
            if message.state in ("ready", "failed"):
                heads.setdefault(message.key, message)
        return {
            head.id for head in heads.values() if head.state == "ready" and head.due <= now and not head.leased(now)
        }

    @rule(key=st.sampled_from("abc"), delay=st.integers(0, 90))
    def queue(self, key, delay):
        self.owe(key, delay)

    def owe(self, key, delay, *, coalesce=False):
        self.number += 1
        due = self.clock.now() + timedelta(seconds=delay)
        with self.store.write() as connection:
            assert JobQueue(connection).enqueue(
                tenant="north",
                partner="foodbank",
                key=key,
                kind="update",
                payload={},
                dedupe=f"d{self.number}",
                due=due,
                created=self.clock.now(),
                coalesce=coalesce,
            )
            number = connection.execute(select(table.c.id).where(table.c.dedupe == f"d{self.number}")).scalar_one()
        assert all(number > other for other in self.messages)
        self.messages[number] = Expected(number, key, due)

    @rule(seconds=st.sampled_from([1, 20, 60, 100]))
    def wait(self, seconds):
        self.clock.advance(timedelta(seconds=seconds))

    @rule(worker=st.sampled_from(["w1", "w2", "w3"]), limit=st.integers(1, 4))
    def claim(self, worker, limit):
        allowed = self.allowed()
        with self.store.write() as connection:
            found = JobQueue(connection).claim(
                owner=worker, kinds=["update"], now=self.clock.now(), lease=LEASE, limit=limit
            )
        assert len(found) == min(limit, len(allowed))
        assert {message.id for message in found} <= allowed
        for message in found:
            expected = self.messages[message.id]
            assert message.lease_token == expected.token + 1
            expected.token, expected.held, expected.lease_until = message.lease_token, True, self.clock.now() + LEASE
            self.claimed.append(message)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), how=st.sampled_from(["finish", "retry", "fail", "release", "renew"]))
    def settle(self, data, how):
        message = data.draw(st.sampled_from(self.claimed))
        expected = self.messages[message.id]
        stands = expected.state == "ready" and expected.held and expected.token == message.lease_token
        now = self.clock.now()
        later = now + timedelta(seconds=30)
        with self.store.write() as connection:
            before = connection.execute(select(table).where(table.c.id == message.id)).one()
            match how:
                case "finish":
                    kept = JobQueue(connection).finish(message, now=now)
                case "retry":
                    kept = JobQueue(connection).retry(message, due=later, failure=FAILURE)
                case "fail":
                    kept = JobQueue(connection).fail(message, now=now, failure=FAILURE)
                case "release":
                    kept = JobQueue(connection).release(message)
                case "renew":
                    kept = JobQueue(connection).renew([message], until=now + LEASE) == [message]
            after = connection.execute(select(table).where(table.c.id == message.id)).one()
        assert kept == stands
        if not kept:
            assert before == after
            return
        states = {"finish": "done", "fail": "failed"}
        expected.state = states.get(how, "ready")
        expected.held = how == "renew"
        expected.lease_until = now + LEASE if how == "renew" else None
        expected.due = {"retry": later, "fail": now, "finish": now}.get(how, expected.due)
        if how in ("retry", "fail", "finish"):
            expected.attempts = message.attempt

    @precondition(lambda self: self.messages)
    @rule(data=st.data(), how=st.sampled_from(["retry", "abandon"]))
    def interfere(self, data, how):
        expected = data.draw(st.sampled_from(list(self.messages.values())))
        possible = expected.state in ({"failed", "abandoned"} if how == "retry" else {"failed", "ready"})
        try:
            with self.store.write() as connection:
                if how == "retry":
                    JobQueue(connection).retry_again(expected.id, now=self.clock.now())
                else:
                    JobQueue(connection).abandon(expected.id, by="ops", now=self.clock.now())
        except ConflictError:
            assert not possible
            return
        assert possible
        if how == "retry":
            expected.state, expected.due, expected.held = "ready", self.clock.now(), False
            expected.attempts = 0
        else:
            expected.state, expected.held, expected.token = "abandoned", False, expected.token + 1

    @rule(key=st.sampled_from("abc"))
    def supersede(self, key):
        now = self.clock.now()
        older = [
            one
            for one in self.messages.values()
            if one.key == key and one.state in ("ready", "failed") and not one.leased(now)
        ]
        self.owe(key, 0, coalesce=True)
        newest = self.messages[max(self.messages)]
        newest.due = max([now, *(one.due for one in older)])
        for one in older:
            one.state, one.held = "done", False

    @invariant()
    def the_rows_are_as_expected(self):
        with self.store.read() as connection:
            rows = connection.execute(select(table.c.id, table.c.state, table.c.lease_token)).all()
        assert {row.id: (row.state, row.lease_token) for row in rows} == {
            one.id: (one.state, one.token) for one in self.messages.values()
        }


def test_any_order_of_things_keeps_the_promises(store):
    machine = type("Machine", (QueueMachine,), {"store": store, "TestCase": None})
    run_state_machine_as_test(machine, settings=EXAMPLES)


@settings(EXAMPLES, max_examples=40)
@given(
    failures=st.lists(st.one_of(st.none(), st.floats(0.1, 200_000)), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
)
def test_each_wait_is_within_its_bounds(store, policy, failures, seed):
    """Whatever mixture of silence and ``Retry-After`` a partner answers with."""
    clock = ManualClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    answers = iter(failures)

    def fail(_message):
        raise PartnerUnavailable("No answer.", retry_after=next(answers))

    worker = Worker(store, clock, {"deliver": fail}, policy=policy, chance=random.Random(seed))
    with store.write() as connection:
        connection.execute(delete(table))
        connection.execute(delete(circuit))
        JobQueue(connection).enqueue(
            tenant="north",
            partner="foodbank",
            key="k",
            kind="deliver",
            payload={},
            dedupe="d",
            due=clock.now(),
        )
    for tried, retry_after in enumerate(failures[: policy.attempts], start=1):
        assert worker.step() == 1
        with store.read() as connection:
            (entry,) = JobQueue(connection).list()
        assert entry.attempts == tried
        if tried == policy.attempts:
            assert entry.state == "failed"
            return
        least = timedelta(seconds=min(retry_after or 0, 86_400))
        assert least <= entry.due - clock.now() <= max(least, policy.retry.bound(tried))
        assert worker.step() == 0
        clock.advance(entry.due - clock.now())
