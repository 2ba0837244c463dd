"""How the simulated Ocean behaves where public documents are silent or disagree: shapes of messages, and habits.

Only ``add-service-request`` is attested by real messages. Every other event has several plausible shapes, and a
receiver must take each: ``SHAPES`` names four, ``Shape`` combines them freely. All of this is unattested.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of the messages that no public document shows.

    Attributes:
        tasks: which Tasks an update carries: all, the last one, or none.
        focus: what the header of an update points at: the ServiceRequest, what changed, or both.
        reason: text of ``MessageHeader.reason`` of an update; None leaves the reason out.
        author: who is author of an update that the target caused: the requester, or the target.
        revoked: whether the ServiceRequest of a revoke has the status revoked; active otherwise.
        revoke_task: whether a revoke carries a Task with the status cancelled.
        communication: where the words of a Communication are: an entry in focus, an output of the Task, or a note of
            the ServiceRequest.
        communication_event: the event of a message of the requester.
        based_on: whether a Communication names the ServiceRequest.
        lean: whether a communication and a revoke carry what their event needs only: no forms, no letter, no Tasks.
        accumulate: whether each message carries everything that was added so far.
        same_keys: whether the entries of two messages have the same UUIDs; the ServiceRequest always has.
        ids: whether Tasks, Appointments and Communications have an id (the real message's entries have none).
        declined: ``ServiceRequest.status`` of a declined referral.
        completed: ``ServiceRequest.status`` of a completed one.
    """

    tasks: Literal["all", "last", "none"] = "all"
    focus: Literal["request", "changed", "both"] = "request"
    reason: str | None = "Status changed"
    author: Literal["requester", "target"] = "requester"
    revoked: bool = True
    revoke_task: bool = False
    communication: Literal["entry", "task-output", "note"] = "entry"
    communication_event: Literal["send-communication", "send-communication-from-requester"] = "send-communication"
    based_on: bool = True
    lean: bool = False
    accumulate: bool = True
    same_keys: bool = True
    ids: bool = True
    declined: Literal["active", "revoked"] = "active"
    completed: Literal["active", "completed"] = "completed"


SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "composed": Shape(),
        "lean": Shape(
            tasks="none", reason=None, revoked=False, lean=True, accumulate=False, ids=False,
            communication_event="send-communication-from-requester",
        ),
        "changed": Shape(tasks="last", focus="changed", author="target", revoke_task=True, communication="task-output",
                         declined="revoked", ids=False),
        "loose": Shape(focus="both", reason="Update", same_keys=False, based_on=False, communication="note",
                       completed="active"),
    }
)  # fmt: skip
"""Shapes by name; ``composed`` is that of the examples that were composed from the guides."""


@dataclass(slots=True)
class Habits:
    """What else is not known of Ocean; change it at any time.

    Attributes:
        shape: of the messages.
        label: whether every resource has the security label HTEST, as one of the two real messages has.
        echo: whether each change returns to the target as notify-update-service-request, its own too.
        echo_communications: whether its own communications return too.
        token_seconds: lifetime of a token.
        retry_ids: whether a message that is tried again has the same ids or new ones.
        refusal: HTTP status for one who is not the current target.
        unsupported: whether a Task status that Ocean does not list is refused or ignored.
        after_end: whether a change of a cancelled or forwarded referral is refused or ignored.
        answer: body of a success: an OperationOutcome, or nothing.
        strict_events: whether a site of v0.10.0 gets only the events that its guide names: neither updates nor revokes.
        corrections: whether notify-data-correction is taken or refused; no message of Ocean attests one.
        reply_returns: whether a reply of the requester moves the referral back to where it was.
    """

    shape: Shape = field(default_factory=Shape)
    label: bool = True
    echo: bool = True
    echo_communications: bool = False
    token_seconds: int = 3600
    retry_ids: Literal["same", "new"] = "same"
    refusal: int = 403
    unsupported: Literal["refuse", "ignore"] = "refuse"
    after_end: Literal["refuse", "ignore"] = "ignore"
    answer: Literal["outcome", "empty"] = "outcome"
    strict_events: bool = False
    corrections: Literal["take", "refuse"] = "take"
    reply_returns: bool = True


def is_allowed(kind: type, name: str, value: object) -> bool:
    """Whether a member of ``Shape`` or ``Habits`` exists and may have a value, by its annotation."""
    hint = get_type_hints(kind).get(name)
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    options = get_args(hint) or (hint,)
    return hint is not None and type(value) in options
