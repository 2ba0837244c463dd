"""What a service without a system says by phone, recorded by whoever phoned it, as one form."""

import functools
from dataclasses import dataclass, field, replace

from footbridge.errors import LifecycleError
from footbridge.model.lifecycle import Act, Refused
from footbridge.model.principals import Principal
from footbridge.partners.ports import Output
from footbridge.referrals.events import apply_event
from footbridge.referrals.outputs import element_of
from footbridge.referrals.resource_edits import with_outputs
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """What a service said by phone, recorded by whoever phoned.

    Attributes:
        said: ``accepted``, ``rejected``, ``completed``, or ``not-reached`` where nobody answered the phone.
        reason: why it was declined.
        outputs: what was done.
        spoke_with: who said it.
    """

    said: str
    reason: str | None = field(default=None, repr=False)
    outputs: tuple[Output, ...] = field(default=(), repr=False)
    spoke_with: str | None = None


def record_phone_answer(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, said: PhoneAnswer) -> None:
    """Let the referral move as the service said; that it was phoned is an entry of the timeline.

    Whoever phoned records it as a navigator does, for a service without a system has nobody else to say it. Raises
    LifecycleError where the referral has moved on.
    """
    at = unit.scope.now
    detail = {"reached": "not-reached" if said.said == "not-reached" else "reached"}
    unit.note(
        principal,
        "answered-by-phone",
        row.id,
        detail=detail | ({"spokeWith": said.spoke_with} if said.spoke_with else {}),
    )
    recorder = replace(principal, role="navigator")
    for event in _STEPS[said.said]:
        reason = said.reason if event == "reject" else None
        result = apply_event(unit, row.id, Act(event, at, reason), recorder)
        if isinstance(result, Refused):
            raise LifecycleError(result.message, reason=result.code)
    if said.outputs:
        made = [element_of(one) for one in said.outputs]
        unit.edit(("Task", row.task), functools.partial(with_outputs, outputs=made))


_STEPS = {"accepted": ("accept",), "rejected": ("reject",), "completed": ("accept", "complete"), "not-reached": ()}
