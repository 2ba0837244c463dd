"""The referral's lifecycle: Task, ServiceRequest and Goals together, as one pure function over tables.

Start with ``machine.apply``. Its tables are ``mappings/lifecycle/*.json``; ``docs/reference/lifecycle.md``
shows them as diagrams. The rooms, in the order of reading: ``state`` and ``events`` (what there is and what
can happen), ``results`` and ``effects`` (what comes of it), ``table``, ``compiling``, ``checking``,
``tables`` (the rules), ``acts``, ``orders``, ``reports``, ``answers`` (one kind of event each), ``changes``
and ``news`` (what follows from a step), ``retry`` and ``rollup`` (more than one Task), ``codec``.
"""

from footbridge.model.lifecycle.begin import begin
from footbridge.model.lifecycle.codec import from_dict, to_dict
from footbridge.model.lifecycle.diff_effects import reason_missing
from footbridge.model.lifecycle.effects import (
    CancelParts,
    Effect,
    FollowUpDue,
    GoalChanged,
    NeedsPerson,
    OwnerChanged,
    ServiceRequestStatusChanged,
    TaskStatusChanged,
    TellPartner,
    TryAnotherPartner,
)
from footbridge.model.lifecycle.events import Act, Answered, Event, Reported, RolledUp, Which
from footbridge.model.lifecycle.machine import apply
from footbridge.model.lifecycle.permission import allowed
from footbridge.model.lifecycle.results import Applied, Ignored, Refused, Result, Step
from footbridge.model.lifecycle.retry import NextTry, next_try
from footbridge.model.lifecycle.rollup import Split, roll_up, split
from footbridge.model.lifecycle.state import GoalState, LastAnswer, LastReport, ReferralState, TaskState

__all__ = [
    "Act",
    "Answered",
    "Applied",
    "CancelParts",
    "Effect",
    "Event",
    "FollowUpDue",
    "GoalChanged",
    "GoalState",
    "Ignored",
    "LastAnswer",
    "LastReport",
    "NeedsPerson",
    "NextTry",
    "OwnerChanged",
    "ReferralState",
    "Refused",
    "Reported",
    "Result",
    "RolledUp",
    "ServiceRequestStatusChanged",
    "Split",
    "Step",
    "TaskState",
    "TaskStatusChanged",
    "TellPartner",
    "TryAnotherPartner",
    "Which",
    "allowed",
    "apply",
    "begin",
    "from_dict",
    "next_try",
    "reason_missing",
    "roll_up",
    "split",
    "to_dict",
]
