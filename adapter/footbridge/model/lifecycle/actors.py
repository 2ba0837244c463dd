"""Who makes an event happen, and whether that party has a say in this referral at all.

What a role may do is in the transition tables; here stands only whose behalf it may act on.
"""

from dataclasses import dataclass

from footbridge.model.lifecycle.state import ReferralState, TaskState
from footbridge.model.lifecycle.table import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """One party.

    Attributes:
        role: a role of ``mappings/lifecycle/actors.json``: ``requester``, ``recipient``, ``navigator``,
            ``person``, ``system`` or ``admin``.
        partner: name of the partner that it comes from; None for our own users and timers.
    """

    role: str
    partner: str | None = None

    @property
    def source(self) -> str:
        """The key under which the time order of its reports is kept."""
        return f"own/{self.role}" if self.partner is None else f"partner/{self.partner}"


def may_speak(role: Role, actor: Actor, state: ReferralState, task: TaskState) -> bool:
    """Whether the actor's party has a say: it owns or requested this Task, or is our own where that counts."""
    return (
        ("own" in role.speaks_for and actor.partner is None)
        or ("owner" in role.speaks_for and actor.partner == task.owner)
        or ("requester" in role.speaks_for and actor.partner is not None and actor.partner == state.requester)
    )
