"""What ``apply`` answers. Every result carries the state to keep, so callers can write ``result.state``."""

from dataclasses import dataclass
from typing import Literal

from footbridge.model.lifecycle.effects import Effect
from footbridge.model.lifecycle.events import Which
from footbridge.model.lifecycle.state import ReferralState

IgnoredReason = Literal["stale", "duplicate", "no-change", "behind", "tie"]
RefusedReason = Literal[
    "not-allowed-from-here",
    "not-this-actor",
    "terminal",
    "reason-required",
    "unknown-status",
    "unknown-event",
    "unknown-answer",
    "unknown-goal",
    "no-follow-up",
    "no-parts",
    "parts-open",
    "has-owner",
    "owner-required",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One transition that a Task took. ``inferred``: nobody said it; a later status implies it."""

    which: Which
    event: str
    before: str
    after: str
    inferred: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """The event holds: the new state, the Task steps that it took (maybe none), what is to be done."""

    state: ReferralState
    steps: tuple[Step, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing changes but, at most, the memory of what was heard: keep ``state`` all the same.

    ``stale``: older than what the source said before. ``duplicate``: said before. ``no-change``: true
    already. ``behind``: a requester's copy that has not caught up. ``tie``: the source said something else
    at the very same time.
    """

    state: ReferralState
    reason: IgnoredReason

    @property
    def read_again(self) -> bool:
        """Whether to read the partner's resource once more and report it with ``confirmed=True``."""
        return self.reason == "tie"


@dataclass(frozen=True, slots=True)
class Refused:
    """The event may not happen. ``code`` is stable, ``message`` a plain sentence with no personal data.

    ``wanted``: what was asked for, where the message goes on to say what is allowed instead; else None.
    """

    state: ReferralState
    code: RefusedReason
    message: str
    wanted: str | None = None


Result = Applied | Ignored | Refused
