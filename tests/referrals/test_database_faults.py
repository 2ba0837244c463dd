"""A fault of the database in the middle of intake, delivery, poll or answer: nothing is lost or doubled afterwards.

Whoever got an error sends it again; the worker looks again by itself. ``make soak`` loses a session at
every step, ``make test`` at some.
"""

import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError
from support.crash import steps_of
from support.faults import Faults, clock_back
from support.soak import some
from support.spine import LINK_WORKER, everything, prescribed

from footbridge.store import patience

SHORT = 0.3  # seconds


class Case:
    """One action in a world: what leads to it, the action, and what must hold in the end."""

    status, task = "requested", "requested"

    def before(self, world):
        world.receipt = world.submit(prescribed())

    def act(self, world):
        world.worker.step()

    def repeat(self, world):
        """What the one does who got an error."""


class Intake(Case):
    def before(self, world):
        world.receipt = None

    def act(self, world):
        world.receipt = world.submit(prescribed())

    def repeat(self, world):
        world.receipt = world.submit(prescribed())


class Delivery(Case):
    pass


class Poll(Case):
    status, task = "completed", "completed"

    def before(self, world):
        super().before(world)
        world.pass_time()
        world.act("hub", status="completed")
        world.clock.advance(timedelta(minutes=11))


class Answer(Case):
    status, task = "cancelled", "cancelled"

    def before(self, world):
        super().before(world)
        world.pass_time()

    def act(self, world):
        world.command(world.receipt.id, "cancel", LINK_WORKER, reason="Moved away")

    def repeat(self, world):
        if world.status(world.receipt.id) == "active":
            self.act(world)


CASES = {"intake": Intake(), "delivery": Delivery(), "poll": Poll(), "answer": Answer()}


@contextmanager
def short_waits():
    """While the database answers nobody; else a busy machine is slower than this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience, "USUAL", SHORT)
        patch.setattr("footbridge.store.engine.SQLITE_BUSY_MILLISECONDS", int(SHORT * 1000))
        yield


@contextmanager
def full(world):
    with Faults(world.database).full_disk():
        yield


@contextmanager
def frozen(world):
    with Faults(world.database).frozen(), short_waits():
        yield


@contextmanager
def an_hour_back(world):
    with clock_back(world.clock, timedelta(hours=1)):
        yield


@contextmanager
def years_back(world):
    with clock_back(world.clock, timedelta(days=800)):
        yield


FAULTS = {"full disk": full, "frozen": frozen, "an hour back": an_hour_back, "years back": years_back}


def play(new_world, case, fault):
    """The action under the fault, then without it, until everybody is at rest."""
    with new_world() as world:
        case.before(world)
        failed = False
        with fault(world):
            try:
                case.act(world)
            except SQLAlchemyError:
                failed = True
        if failed:
            case.repeat(world)
        world.recover()
        check(world, case)
        return failed


def check(world, case):
    (row,) = world.referrals(world.receipt.id)
    assert row.status == case.status
    for name in ("hub", "emr"):
        assert world.task(name)["status"] == case.task
        ours = [
            (one["resourceType"], identifier["value"])
            for one in everything(world.servers[name])
            for identifier in one.get("identifier", [])
            if isinstance(identifier, dict) and identifier.get("system", "").endswith("NamingSystem/resource")
        ]
        assert len(ours) == len(set(ours))
    counts = world.counts()
    assert counts["ready"] == counts["failed"] == counts["abandoned"] == 0
    names = world.names(world.receipt.id)
    assert names.count("submitted") == 1
    assert names.count("complete") == (case.status == "completed")
    assert names.count("cancel") == (case.status == "cancelled")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("case", CASES)
def test_it_recovers_by_itself(new_world, case, fault):
    failed = play(new_world, CASES[case], FAULTS[fault])
    if case in {"intake", "answer"}:
        assert failed == (fault in {"full disk", "frozen"})


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES)
def test_sessions_that_end_at_any_step(new_world, case):
    with new_world() as world:
        if world.database.is_sqlite:
            return  # it has no sessions
        CASES[case].before(world)
        with steps_of(world.database) as steps:
            CASES[case].act(world)
    for step in some(range(1, len(steps) + 1), quick=2, seed=case):

        @contextmanager
        def lost(world, step=step):
            found = Faults(world.database)
            with ExitStack() as stack:
                stack.enter_context(found.lost_session(step))
                yield
            assert found.reached

        play(new_world, CASES[case], lost)


def test_a_worker_goes_on_in_its_loop(new_world, faults):
    """``run`` outlives a database that loses sessions, is full, and freezes, one after the other."""
    with new_world() as world:
        world.receipt = world.submit(prescribed())
        stop = threading.Event()
        thread = threading.Thread(target=world.worker.run, args=(stop,))
        found = faults(world.database)
        with found.full_disk():
            thread.start()
            time.sleep(0.5)
            found.end_sessions()
        with found.frozen(), short_waits():
            time.sleep(0.8)
        time.sleep(1.5)
        assert thread.is_alive()
        stop.set()
        world.worker.wake()
        thread.join(30)
        assert not thread.is_alive()
        world.recover()
        check(world, CASES["delivery"])
