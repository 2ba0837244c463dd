"""Who makes an event happen, and whether that party has a say in this referral at all.

What a role may do is in the transition tables; here stands only whose behalf it may act on.
"""

from footbridge.model.lifecycle.state import ReferralState, TaskState
from footbridge.model.lifecycle.table import Role
from footbridge.model.principals import Principal


def may_speak(role: Role, actor: Principal, state: ReferralState, task: TaskState) -> bool:
    """Whether the actor's party has a say: it owns or requested this Task, or is our own where that counts."""
    return (
        ("own" in role.speaks_for and actor.partner is None)
        or ("owner" in role.speaks_for and actor.partner == task.owner)
        or ("requester" in role.speaks_for and actor.partner is not None and actor.partner == state.requester)
    )
