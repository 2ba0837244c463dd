"""A recipient who works on the Tasks of a simulated server by a script, as time goes by.

    with FhirSimulator(clock=clock) as server:
        recipient = ScriptedRecipient(server, in_order(USUAL, DECLINES), clock)
        ...                                   # a Task arrives
        clock.advance(timedelta(days=1))
        recipient.step()                      # does what has fallen due

The recipient writes to its own records directly: faults and tokens of the HTTP side are not in its way.
"""

from dataclasses import dataclass
from datetime import datetime

from footbridge.model.clock import Clock
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.simulator.actions import Plan
from footbridge.partners.fhir.simulator.scripts import Script
from footbridge.partners.fhir.simulator.server import FhirSimulator
from footbridge.partners.fhir.translate import last_updated
from footbridge.store.interaction_errors import PreconditionFailed

WITHDRAWN = frozenset({"cancelled", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Done:
    """One step that was taken: the Task's id on the recipient's server, and the step's name."""

    task_id: str
    name: str


@dataclass(slots=True)
class _Work:
    """Where a recipient stands with one Task."""

    left: Plan
    since: datetime


class ScriptedRecipient:
    """Acts when it is told to look at the clock; not for several threads."""

    def __init__(self, server: FhirSimulator, script: Script, clock: Clock) -> None:
        self._server = server
        self._script = script
        self._clock = clock
        self._work: dict[str, _Work] = {}

    @property
    def now(self) -> datetime:
        """The time on the recipient's clock."""
        return self._clock.now()

    def order_of(self, task: Resource) -> Resource | None:
        """The ServiceRequest that a Task is about, when it is on the recipient's server."""
        type_, _, id_ = str(task.get("focus", {}).get("reference", "")).partition("/")
        return self._server.get(type_, id_) if type_ == "ServiceRequest" else None

    def create(self, resource: Resource) -> Resource:
        """Store a resource in the recipient's records."""
        return self._server.put(resource)

    def step(self) -> list[Done]:
        """Take every step that is due by now, Task by Task in the order of arrival; which they were."""
        return [done for task in self._server.all("Task") if _is_referral(task) for done in self._work_on(task)]

    def next_due(self) -> datetime | None:
        """When the next step falls due; None when nothing is left to do with the Tasks seen so far."""
        return min((work.since + work.left[0].after for work in self._work.values() if work.left), default=None)

    def _work_on(self, task: Resource) -> list[Done]:
        id_ = str(task["id"])
        if id_ not in self._work:
            plan = self._script(task, self.order_of(task))
            # In whole seconds: the store sets writes that share a moment some microseconds apart.
            self._work[id_] = _Work(plan, (last_updated(task) or self.now).replace(microsecond=0))
        work = self._work[id_]
        if task["status"] in WITHDRAWN:
            work.left = ()
        taken = []
        while work.left and work.since + work.left[0].after <= self.now:
            step, *rest = work.left
            try:
                task = self._server.put(step.act(self, task))
            except PreconditionFailed:  # the Task changed in the middle of the step: look again next time
                break
            work.left, work.since = tuple(rest), work.since + step.after
            taken.append(Done(id_, step.name))
        return taken


def _is_referral(task: Resource) -> bool:
    """Whether a Task asks for a ServiceRequest to be fulfilled, as the guide's Task for Referral Management does."""
    codings = task.get("code", {}).get("coding", [])
    return task.get("intent") == "order" and any(coding.get("code") == "fulfill" for coding in codings)
