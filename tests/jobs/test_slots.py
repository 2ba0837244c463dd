"""No partner holds every thread of a worker, and what was claimed beside a slow job does not wait for it."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from footbridge.errors import ConfigurationError, PartnerUnavailable
from footbridge.jobs.deadline import end_of_job
from footbridge.jobs.job import Result
from footbridge.jobs.lease import Lease
from footbridge.jobs.retry import Policy
from footbridge.jobs.worker import Worker
from footbridge.model.clock import SystemClock


class Crowd:
    """Jobs of slow partners wait until they may end; it counts who works at a time."""

    def __init__(self, *slow):
        self.slow = slow
        self.may_end, self.arrived = threading.Event(), {}
        self.now, self.most = {}, {}
        self._lock = threading.Lock()

    def __call__(self, job):
        who = job.talks_to
        with self._lock:
            self.now[who] = self.now.get(who, 0) + 1
            self.most[who] = max(self.most.get(who, 0), self.now[who])
        if who in self.slow:
            self.may_end.wait(30)
        with self._lock:
            self.now[who] -= 1
            self.arrived.setdefault((job.tenant, who), threading.Event()).set()
        return Result(due=None)

    def has(self, tenant, who, seconds=15):
        end = time.monotonic() + seconds
        while (tenant, who) not in self.arrived and time.monotonic() < end:
            time.sleep(0.01)
        return (tenant, who) in self.arrived


@contextmanager
def running(worker, crowd):
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        crowd.may_end.set()
        worker.wake()
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("batch", [1, 5])
def test_another_tenants_partner_is_served_while_one_drips(store, owe, threads, batch):
    crowd = Crowd("lake")
    now = SystemClock().now()
    for number in range(12):
        owe(f"lake-{number}", partner="lake", due=now)
    owe("hub-1", partner="hub", tenant="south", due=now)
    worker = Worker(store, SystemClock(), {"deliver": crowd}, threads=threads, batch=batch)
    with running(worker, crowd):
        assert crowd.has("south", "hub")
        owe("hub-2", partner="shelter", tenant="south", due=SystemClock().now())
        worker.wake()
        assert crowd.has("south", "shelter")
        assert crowd.most["lake"] <= threads


def test_polls_count_too(store, owe, plan):
    crowd = Crowd("lake")
    plan(kind="poll", subject="lake", due=SystemClock().now())
    owe("lake-1", partner="lake", due=SystemClock().now())
    owe("hub-1", partner="hub", tenant="south", due=SystemClock().now())
    worker = Worker(store, SystemClock(), {"deliver": crowd, "poll": crowd}, threads=1)
    with running(worker, crowd):
        assert crowd.has("south", "hub")
        assert crowd.most["lake"] == 1


def test_partners_of_two_tenants_at_one_server_count_together(store, owe):
    crowd = Crowd("lake", "pond")
    for tenant, partner in (("north", "lake"), ("south", "pond")):
        for number in range(3):
            owe(f"{partner}-{number}", partner=partner, tenant=tenant, due=SystemClock().now())
    owe("hub-1", partner="hub", tenant="south", due=SystemClock().now())
    same = lambda job: "host" if job.talks_to in {"lake", "pond"} else job.talks_to  # noqa: E731
    worker = Worker(store, SystemClock(), {"deliver": crowd}, threads=1, endpoint=same)
    with running(worker, crowd):
        assert crowd.has("south", "hub")
        assert sum(crowd.now.get(one, 0) for one in ("lake", "pond")) == 1


def test_everything_is_done_once_in_the_end(store, owe, queue):
    crowd = Crowd()
    for number in range(40):
        owe(f"k{number}", partner=f"p{number % 3}", due=SystemClock().now())
    worker = Worker(store, SystemClock(), {"deliver": crowd}, threads=3)
    with running(worker, crowd):
        end = time.monotonic() + 30
        while queue.counts()["done"] < 40 and time.monotonic() < end:
            time.sleep(0.02)
    assert queue.counts() == {"ready": 0, "done": 40, "failed": 0, "abandoned": 0}


def test_the_work_on_a_job_has_an_end(store, owe, clock):
    ends = []
    owe("r1")
    policy = Policy(work=timedelta(seconds=90))
    Worker(store, clock, {"deliver": lambda _: ends.append(end_of_job() - time.monotonic())}, policy=policy).step()
    assert 80 < ends[0] <= 90
    assert end_of_job() is None


def test_a_lease_is_not_extended_for_ever(store, owe, claim):
    time_ = SystemClock()
    owe("r1", due=time_.now())
    with store.write() as connection:
        from footbridge.jobs.queue import JobQueue

        (job,) = JobQueue(connection).claim(owner="w", kinds=["deliver"], now=time_.now(), lease=timedelta(seconds=0.6))
    length, longest = timedelta(seconds=0.6), timedelta(seconds=1)
    with Lease(store, time_, [job], since=time_.now(), length=length, longest=longest) as held:
        time.sleep(0.8)
        assert held.holds(job)
        time.sleep(1.4)
        assert not held.holds(job)


@pytest.mark.parametrize("kind", ["deliver", "poll"])
@pytest.mark.parametrize(
    "error",
    [PartnerUnavailable("The partner did not respond (too slow)."), ConfigurationError("Credential not found: env:X.")],
)
def test_the_log_names_the_partner_and_the_cause(store, owe, plan, clock, kind, error):
    def fail(_job):
        raise error

    if kind == "poll":
        plan(kind="poll", subject="lake")
    else:
        owe("r1", partner="lake")
    with capture_logs() as logs:
        Worker(store, clock, {kind: fail}).step()
    (line,) = [log for log in logs if log["event"] in {"job.retried", "job.failed"}]
    assert (line["partner"], line["cause"], line["kind"]) == ("lake", str(error), kind)


def test_what_a_full_partner_has_waiting_is_left_to_other_workers(store, owe):
    """A worker that may hold one job of a partner claims no second one, however often it looks."""
    crowd, time_now, looks = Crowd("foodbank"), SystemClock(), []
    first = Worker(store, time_now, {"deliver": crowd}, name="first", upkeep=[lambda: looks.append(1)])
    handled = []
    second = Worker(store, time_now, {"deliver": lambda job: handled.append(job.key)}, name="second")
    owe("r1", due=time_now.now())
    with running(first, crowd):
        while not crowd.now.get("foodbank"):
            time.sleep(0.01)
        owe("r2", due=time_now.now())
        seen = len(looks)
        while len(looks) < seen + 3:
            first.wake()
            time.sleep(0.01)
        assert second.step() == 1
        assert handled == ["r2"]
