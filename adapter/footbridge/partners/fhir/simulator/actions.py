"""What a recipient may do with a Task, each as a step of a plan: ``accept(after=timedelta(days=2))``.

A plan is a tuple of steps; each waits for its ``after``, counted from the step before (the first from when the Task
was last written by others). ``plans`` has the usual plans; any other order is a plan too, sensible or not.

The statuses are those of the guide's Task for Referral Management. *Scheduled* is no status there, so it stays
``accepted`` and the appointment stands in ``businessStatus``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from footbridge.model.clock import utc_instant
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.simulator.outcome import activity_output, procedure


class Records(Protocol):
    """What a step may use of the recipient's own records."""

    @property
    def now(self) -> datetime:
        """The time on the recipient's clock."""

    def order_of(self, task: Resource) -> Resource | None:
        """The ServiceRequest that the Task is about, when it is at hand."""

    def create(self, resource: Resource) -> Resource:
        """Store a resource; it comes back with its id."""


Act = Callable[[Records, Resource], Resource]
"""The next version of a Task, from its current one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act and how long it waits; ``name`` is for people who watch."""

    name: str
    after: timedelta
    act: Act


Plan = tuple[Step, ...]

_A_DAY = timedelta(days=1)


def accept(*, after: timedelta = _A_DAY) -> Step:
    """Take the referral on."""
    return Step("accept", after, lambda _desk, task: _moved(task, "accepted"))


def schedule(*, after: timedelta = _A_DAY, in_: timedelta = timedelta(days=7)) -> Step:
    """Accept it, if that was not done, with an appointment that lies ``in_`` ahead."""

    def act(desk: Records, task: Resource) -> Resource:
        day = (desk.now + in_).date().isoformat()
        return {**_moved(task, "accepted"), "businessStatus": {"text": f"Scheduled for {day}"}}

    return Step("schedule", after, act)


def start(*, after: timedelta = timedelta(days=7)) -> Step:
    """Begin the work."""
    return Step("start", after, lambda _desk, task: _moved(task, "in-progress"))


def hold(reason: str | None = None, *, after: timedelta = _A_DAY) -> Step:
    """Put it on hold."""
    return Step("hold", after, lambda _desk, task: _moved(task, "on-hold", reason))


def complete(outcome: str | None = None, *, after: timedelta = timedelta(days=14)) -> Step:
    """Record what was done as a Procedure, its note the outcome, then complete the Task with it as its output."""

    def act(desk: Records, task: Resource) -> Resource:
        made = procedure(task, desk.order_of(task), desk.now)
        done = desk.create(made if outcome is None else {**made, "note": [{"text": outcome}]})
        outputs = [*task.get("output", []), activity_output(done)]
        return {**_moved(task, "completed"), "output": outputs, "lastModified": utc_instant(desk.now)}

    return Step("complete", after, act)


def complete_with_nothing(*, after: timedelta = timedelta(days=14)) -> Step:
    """Complete the Task and leave out what was done, as some do."""
    return Step("complete", after, lambda _desk, task: _moved(task, "completed"))


def reject(reason: str | None = None, *, after: timedelta = _A_DAY) -> Step:
    """Decline it, with a reason or without."""
    return Step("reject", after, lambda _desk, task: _moved(task, "rejected", reason))


def fail(reason: str | None = None, *, after: timedelta = _A_DAY) -> Step:
    """Give it up after it was accepted."""
    return Step("fail", after, lambda _desk, task: _moved(task, "failed", reason))


def repeat(*, after: timedelta = _A_DAY) -> Step:
    """Say the same once more: another version, with nothing new in it."""
    return Step("repeat", after, lambda _desk, task: dict(task))


def _moved(task: Resource, status: str, reason: str | None = None) -> Resource:
    moved = {name: value for name, value in task.items() if name not in {"statusReason", "businessStatus"}}
    moved["status"] = status
    if reason is not None:
        moved["statusReason"] = {"text": reason}
    return moved
