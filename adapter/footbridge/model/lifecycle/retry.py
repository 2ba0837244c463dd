"""Another try: the order goes on under a new Task, and the old Task stays as it ended."""

from dataclasses import dataclass, replace

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.model.lifecycle.begin import first_task
from footbridge.model.lifecycle.effects import Effect, TellPartner
from footbridge.model.lifecycle.state import ReferralState


@dataclass(frozen=True, slots=True)
class NextTry:
    """The old try with its Task alone, the new one with the order, the goals and the follow-up."""

    previous: ReferralState
    current: ReferralState
    effects: tuple[Effect, ...]


def next_try(state: ReferralState, owner: str | None) -> NextTry:
    """Give the order a new Task, owned by that partner (None: our own side).

    The state must await another try: its Task was declined, or it was reopened. The ServiceRequest keeps its
    status, ``active``. The caller makes the new Task resource, with the same focus.

    Raises:
        LifecycleError: no other try was asked for (``no-try-asked``).
    """
    if state.standing != "another-try":
        raise LifecycleError(_("The referral is not waiting for another attempt."), reason="no-try-asked")
    previous = ReferralState(state.task, None, "superseded", requester=state.requester)
    current = replace(state, task=first_task(state.task.machine, owner), standing="as-task")
    partners = sorted({name for name in (owner, state.requester) if name is not None})
    return NextTry(previous, current, tuple(TellPartner(name) for name in partners))
