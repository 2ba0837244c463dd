"""How each prescription ended, as the adapter's API tells it: one row of the demo's table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from footbridge.cli.demo.api import Api
from footbridge.cli.demo.scenes import Ends, Scene
from footbridge.model.events import EventKind, event_kind

ARROW = " → "


@dataclass(frozen=True, slots=True)
class Row:
    """One prescription at its end.

    Attributes:
        name, kind, id: of the prescription.
        journey: the statuses that its Task went through; another try after ``⇒``, parts in brackets.
        status: as the API shows it.
        tasks: Task.status of every try, then of every part.
        service_request: ServiceRequest.status; None where there is no order.
        goals: ``lifecycleStatus/achievementStatus`` of each.
        follow_up: Task.status of the follow-up.
        days: from the day of writing to the last entry of the timeline.
        expected: how ``journeys.json`` says that it ends.
    """

    name: str
    kind: str
    id: str
    journey: str
    status: str
    tasks: tuple[str, ...]
    service_request: str | None
    goals: tuple[str, ...]
    follow_up: str | None
    days: int
    expected: Ends

    @property
    def as_expected(self) -> bool:
        """Whether it ended as ``journeys.json`` says."""
        return Ends(self.status, self.tasks, self.service_request, self.goals) == self.expected


def row(api: Api, scene: Scene, prescription: str) -> Row:
    """Ask the API how a prescription ended."""
    found = api.read(prescription)
    events = api.read(prescription, "/timeline")["events"]
    tries, parts = _in_order(found["referrals"], scene)
    requests = [one["serviceRequest"]["status"] for one in tries if one["serviceRequest"]]
    return Row(
        name=scene.name,
        kind=scene.kind,
        id=prescription,
        journey=_journey(tries, parts, events),
        status=found["status"],
        tasks=tuple(one["task"]["status"] for one in [*tries, *parts]),
        service_request=requests[-1] if requests else None,
        goals=tuple(_goal(goal) for goal in found["goals"]),
        follow_up=found["followUp"]["status"] if found["followUp"] else None,
        days=(datetime.fromisoformat(events[-1]["recorded"]).date() - scene.authored.date()).days,
        expected=scene.ends,
    )


Referrals = list[Mapping[str, Any]]


def _in_order(referrals: Sequence[Mapping[str, Any]], scene: Scene) -> tuple[Referrals, Referrals]:
    """The tries in their order, and the parts in the order in which they were made."""
    tries = sorted((one for one in referrals if one["parent"] is None), key=lambda one: int(one["attempt"]))
    made = [part["category"] for deed in scene.before for part in deed.event.get("parts", ())]
    parts = sorted((one for one in referrals if one["parent"]), key=lambda one: made.index(one["category"]))
    return tries, parts


def _goal(goal: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (goal["lifecycleStatus"], goal["achievementStatus"])))


def _journey(tries: Referrals, parts: Referrals, events: Sequence[Mapping[str, Any]]) -> str:
    paths = [_path(str(one["id"]), events) for one in tries]
    whole = " ⇒ ".join(ARROW.join(path) for path in paths)
    if not parts:
        return whole
    ends = ", ".join(str(part["task"]["status"]) for part in parts)
    first = paths[0]
    return ARROW.join([*first[:-1], f"[{ends}]", first[-1]])


def _is_of_the_task(kind: EventKind) -> bool:
    return kind.step is None or kind.step[0] == "main"


def _path(referral: str, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The statuses that a Task went through."""
    own = [one for one in events if one["referral"] == referral and _is_of_the_task(event_kind(one["name"]))]
    path: list[str] = []
    for status in (one[side] for one in own for side in ("before", "after")):
        if status is not None and path[-1:] != [status]:
            path.append(status)
    return path
