"""What can happen to a referral. Networks translate what they hear into these; they never set a status."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Which = Literal["main", "follow-up"]
"""The Task meant: the referral's own (or the signpost's), or the practice's follow-up."""


def _with_offset(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("an event's time needs an offset")


@dataclass(frozen=True, slots=True)
class Act:
    """A named event by a user, through our API or pages, or by our own timers.

    It is meant for the state that its author saw, so it is never stale: the store's version check guards it.

    Attributes:
        name: an event of the machine's table, e.g. ``accept``; ``allowed`` lists those that fit.
        at: when it was said, with offset.
        reason: why; the table says which events require it.
        owner: for ``assign``: the partner that shall own the Task; for ``reopen`` and ``forward``: the one to try next,
            where chosen.
        which: the Task meant.
    """

    name: str
    at: datetime
    reason: str | None = None
    owner: str | None = None
    which: Which = "main"

    def __post_init__(self) -> None:
        _with_offset(self.at)


@dataclass(frozen=True, slots=True)
class Reported:
    """A status that a partner's system shows, whatever steps led to it.

    Attributes:
        status: Task.status as the partner writes it.
        at: the partner's own time of it (``meta.lastUpdated`` or message time), with offset.
        reason: Task.statusReason.text; None when the partner gave none.
        version: ``meta.versionId``; opaque, compared for equality only.
        confirmed: read from the partner once more because of a tie, so to be believed.
        which: the Task meant.
    """

    status: str
    at: datetime
    reason: str | None = None
    version: str | None = None
    confirmed: bool = False
    which: Which = "main"

    def __post_init__(self) -> None:
        _with_offset(self.at)


@dataclass(frozen=True, slots=True)
class Answered:
    """The person's answer at the follow-up.

    Attributes:
        at: when it was given, with offset.
        happened: ``yes``, ``no`` or ``partly`` to *did it happen*; None when not asked.
        goal: a code of goal-achievement that holds for every goal of the referral.
        goals: (goal key, code) for single goals; goes before ``goal``.
        reason: why it did not happen, in the words given.
        barriers: kinds of what got in the way; told in the timeline, and moves nothing.
        satisfaction: whether it was right for the person, a code of ``mappings/follow-up.json``; as ``barriers``.
    """

    at: datetime
    happened: str | None = None
    goal: str | None = None
    goals: tuple[tuple[str, str], ...] = ()
    reason: str | None = None
    barriers: tuple[str, ...] = ()
    satisfaction: str | None = None

    def __post_init__(self) -> None:
        _with_offset(self.at)


@dataclass(frozen=True, slots=True)
class RolledUp:
    """What the parts of a split referral say together; ``roll_up`` makes it."""

    status: str
    at: datetime
    reason: str | None = None

    def __post_init__(self) -> None:
        _with_offset(self.at)


Event = Act | Reported | Answered | RolledUp
