"""What an applied event obliges the caller to do: resources to update, partners to tell, people to ask."""

from dataclasses import dataclass

from footbridge.model.lifecycle.events import Which


@dataclass(frozen=True, slots=True)
class TaskStatusChanged:
    """Write Task.status and Task.statusReason.text. ``before == after`` when only the reason is new.

    ``reason_missing``: the status should carry a reason and its author gave none; show it as not given.
    """

    which: Which
    before: str
    after: str
    reason: str | None
    reason_missing: bool


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """Write Task.owner: the partner of that name."""

    which: Which
    owner: str


@dataclass(frozen=True, slots=True)
class ServiceRequestStatusChanged:
    """Write ServiceRequest.status."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class GoalChanged:
    """Write Goal.lifecycleStatus and Goal.achievementStatus of the goal with that key."""

    goal: str
    lifecycle: str
    achievement: str | None


@dataclass(frozen=True, slots=True)
class TryAnotherPartner:
    """Find another partner: then ``next_try``; where there is none, the event ``no-other-partner``.

    ``tried`` is the partner whose Task ended, None when that was our own side. ``preferred`` is the partner whom a
    person chose, even if it was asked before; None leaves it to the routes.
    """

    tried: str | None
    preferred: str | None = None


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """Put the referral on a person's list. ``why``: the event or status that it was brought there by."""

    why: str


@dataclass(frozen=True, slots=True)
class CancelParts:
    """The whole was called off: cancel every part that is still open."""


@dataclass(frozen=True, slots=True)
class FollowUpDue:
    """Tell whoever owns the follow-up that its day has come."""


@dataclass(frozen=True, slots=True)
class TellPartner:
    """Queue an update for this partner; never for the one that the event came from."""

    partner: str


Effect = (
    TaskStatusChanged
    | OwnerChanged
    | ServiceRequestStatusChanged
    | GoalChanged
    | TryAnotherPartner
    | NeedsPerson
    | CancelParts
    | FollowUpDue
    | TellPartner
)

TABLE_EFFECTS = ("try-another-partner", "needs-person", "cancel-parts", "follow-up-due")
"""The effects that a row of a table may name; the rest follow from what changed."""
