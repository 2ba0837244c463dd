"""The first state of a referral, from its prescription's kind and its parties."""

from collections.abc import Iterable

from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.lifecycle.state import GoalState, ReferralState, TaskState
from footbridge.model.lifecycle.tables import machine, machine_for


def begin(  # noqa: PLR0913 - each names one fact of the prescription
    kind: str,
    *,
    requester: str | None = None,
    owner: str | None = None,
    status: str | None = None,
    goals: Iterable[str] = (),
    follow_up: bool = False,
    follow_up_owner: str | None = None,
    service_request: bool = True,
) -> ReferralState:
    """The state that a new referral has.

    Args:
        kind: the prescription's kind: ``signpost``, ``warm-connection`` or ``navigator``.
        requester: partner that requested it; None for our own users.
        owner: partner that shall do it; None when that is our own side, or not yet known.
        status: an initial status of the machine, e.g. ``draft`` while no partner is found;
            None for the usual one (``requested``, a signpost's ``ready``).
        goals: the caller's keys of the Goals that it serves.
        follow_up: whether a follow-up is planned.
        follow_up_owner: the partner that makes the follow-up; None for the practice itself.
        service_request: False when there is no ServiceRequest (a signpost may have none).

    Raises:
        KeyError: no machine serves this kind.
        ValueError: the status is not an initial one.
    """
    table = machine_for(kind)
    status = table.starts if status is None else status
    if status not in table.initial:
        raise ValueError(f"a {table.title} does not begin as {status!r}")
    return ReferralState(
        task=TaskState(table.name, status, owner),
        service_request=table.service_request[status, "as-task"] if service_request else None,
        goals=tuple(GoalState(key, answer_table().goal_starts) for key in goals),
        follow_up=first_task("follow-up", follow_up_owner) if follow_up else None,
        requester=requester,
    )


def first_task(machine_name: str, owner: str | None) -> TaskState:
    """A Task in the usual first status of its machine."""
    return TaskState(machine_name, machine(machine_name).starts, owner)
