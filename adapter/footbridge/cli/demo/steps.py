"""The steps of ``journeys.json`` as acts of a simulated recipient."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from footbridge.mapping.references import Resource
from footbridge.model.clock import utc_instant
from footbridge.partners.fhir.simulator import actions
from footbridge.partners.fhir.simulator.actions import Act, Plan, Records
from footbridge.partners.fhir.simulator.outcome import activity_output, procedure

SILENT = ("silent",)


def plan_of(steps: Sequence[Mapping[str, Any]]) -> tuple[Plan, int]:
    """The plan of one Task, and the days of silence that are left after its last step."""
    plan: list[actions.Step] = []
    days = 0
    for position, step in enumerate(steps):
        days += step["afterDays"]
        if step["do"] in SILENT:
            continue
        plan.append(_step(step, timedelta(days=days), ahead=_days_of(steps[position + 1 : position + 2])))
        days = 0
    return tuple(plan), days


def _days_of(steps: Sequence[Mapping[str, Any]]) -> timedelta:
    return timedelta(days=sum(step["afterDays"] for step in steps))


def _step(step: Mapping[str, Any], after: timedelta, ahead: timedelta) -> actions.Step:
    """One step; ``ahead`` is how long the one that follows it will wait."""
    match step.get("then", step["do"]):
        case "accept":
            made = actions.accept(after=after)
        case "schedule":
            made = actions.schedule(after=after, in_=ahead)
        case "start":
            made = actions.start(after=after)
        case "reject":
            made = actions.reject(step.get("reason"), after=after)
        case "complete" | "jump-to-completed":
            made = actions.Step("complete", after, _completing(step["procedure"]))
        case "twice":
            made = actions.repeat(after=after)
        case other:
            raise ValueError(f"journeys.json: a service cannot {other!r}")
    return replace(made, act=_saying(made.act, step["note"])) if "note" in step else made


def _saying(act: Act, note: str) -> Act:
    """The act, with words on how it stands."""
    return lambda desk, task: {**act(desk, task), "businessStatus": {"text": note}}


def _completing(done: Mapping[str, Any]) -> Act:
    """Complete the Task with a Procedure that says what was done, and its code where it is another than asked for."""

    def act(desk: Records, task: Resource) -> Resource:
        made = procedure(task, desk.order_of(task), desk.now)
        made["note"] = [{"text": done["text"]}]
        if "code" in done:
            made["code"] = {"coding": [done["code"]]}
        output = activity_output(desk.create(made))
        kept = {name: value for name, value in task.items() if name not in {"statusReason", "businessStatus"}}
        outputs = [*task.get("output", []), output]
        return {**kept, "status": "completed", "output": outputs, "lastModified": utc_instant(desk.now)}

    return act
