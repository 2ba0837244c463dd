"""The state of one referral: its Task, and what goes with it (ServiceRequest, Goals, follow-up).

Everything is immutable. ``codec`` turns a state into plain JSON and back; ``begin`` makes the first one.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LastReport:
    """The last report that was taken from one source about one Task.

    Attributes:
        source: who reported (``Principal.reporter``).
        at: the source's own time of it (``meta.lastUpdated`` or the message's time).
        status: the status that it reported, in the words of the Task's machine.
        version: the source's ``meta.versionId``, opaque; None when it has none.
    """

    source: str
    at: datetime
    status: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class TaskState:
    """One Task.

    Attributes:
        machine: the table that it follows: ``referral``, ``patient`` or ``follow-up``.
        status: Task.status.
        owner: name of the partner that owns it; None when that is our own side, or nobody yet.
        reason: Task.statusReason.text of the current status; None when none was given.
        started: whether work was ever done on it, which no later status undoes.
        heard: the last report of each source.
    """

    machine: str
    status: str
    owner: str | None = None
    reason: str | None = None
    started: bool = False
    heard: tuple[LastReport, ...] = ()

    def last_report(self, source: str) -> LastReport | None:
        """The last report that was taken from this source."""
        for heard in self.heard:
            if heard.source == source:
                return heard
        return None


@dataclass(frozen=True, slots=True)
class GoalState:
    """One Goal that the referral serves: its key (the caller's), lifecycleStatus and achievementStatus."""

    key: str
    lifecycle: str
    achievement: str | None = None


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The newest answer to the follow-up: when, whether it happened, and the word for each goal by key."""

    at: datetime
    happened: str | None
    goals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReferralState:
    """One try of one referral.

    Attributes:
        task: the Task for Referral Management, or a signpost's Task for Patient.
        service_request: ServiceRequest.status; None when this state has none to move.
        standing: what beyond the Task decides it (``mappings/lifecycle/codes.json``, ``standing``).
        goals: the Goals that it serves.
        follow_up: the practice's follow-up Task, when one is planned.
        follow_up_due: the follow-up's day has come and nobody has answered yet.
        requester: name of the partner that requested it; None when our own users did.
        answer: the newest answer to the follow-up.
    """

    task: TaskState
    service_request: str | None
    standing: str = "as-task"
    goals: tuple[GoalState, ...] = ()
    follow_up: TaskState | None = None
    follow_up_due: bool = False
    requester: str | None = None
    answer: LastAnswer | None = None
