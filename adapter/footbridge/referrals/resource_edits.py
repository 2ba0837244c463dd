"""Writes what the lifecycle decided into Task, ServiceRequest and Goal. Pure: a resource in, a new one out."""

from datetime import datetime
from typing import Any

from footbridge.data import read_json
from footbridge.mapping.terms import label
from footbridge.model.clock import utc_instant
from footbridge.model.lifecycle import GoalChanged, TaskStatusChanged

Resource = dict[str, Any]


def with_task_status(task: Resource, change: TaskStatusChanged, at: datetime) -> Resource:
    """Task with its new status and reason; a reason that should be there and is not is said to be not given."""
    changed = {name: value for name, value in task.items() if name != "statusReason"}
    changed |= {"status": change.after, "lastModified": utc_instant(at)}
    if change.reason:
        changed["statusReason"] = {"text": change.reason}
    elif change.reason_missing:
        changed["statusReason"] = {"text": label("reason-not-given", task.get("language", "en"))}
    return changed


def with_business_status(task: Resource, text: str | None) -> Resource:
    """Task with the finer status that its owner gives, in words; without one when it gives none (any more)."""
    changed = {name: value for name, value in task.items() if name != "businessStatus"}
    return changed if text is None else changed | {"businessStatus": {"text": text}}


def with_owner(task: Resource, owner: str) -> Resource:
    """Task with its owner, as a reference ``Organization/id`` of ours."""
    return task | {"owner": {"reference": owner}}


def with_outputs(task: Resource, outputs: list[Resource]) -> Resource:
    """Task with these outputs besides those that it has."""
    there = task.get("output", [])
    fresh = [output for output in outputs if output not in there]
    return task | {"output": there + fresh} if fresh else task


def with_request_status(request: Resource, status: str) -> Resource:
    """ServiceRequest with its new status."""
    return request | {"status": status}


def with_goal_status(goal: Resource, change: GoalChanged, at: datetime) -> Resource:
    """Goal with its lifecycle, its achievement and the day of the change."""
    changed = goal | {"lifecycleStatus": change.lifecycle, "statusDate": at.date().isoformat()}
    if change.achievement is not None:
        system = read_json("mappings", "lifecycle", "codes.json")["goalAchievement"]["system"]
        changed["achievementStatus"] = {"coding": [{"system": system, "code": change.achievement}]}
    return changed
