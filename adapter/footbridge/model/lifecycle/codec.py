"""A referral's state as plain JSON, and back. The names are those of the state, in camelCase."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.model.lifecycle.state import GoalState, LastAnswer, LastReport, ReferralState, TaskState
from footbridge.model.lifecycle.tables import machine


def to_dict(state: ReferralState) -> dict[str, Any]:
    """The state as a JSON document; times are in UTC and keep their microseconds."""
    return {
        "task": _task_to_dict(state.task),
        "serviceRequest": state.service_request,
        "standing": state.standing,
        "goals": [
            {"key": goal.key, "lifecycle": goal.lifecycle, "achievement": goal.achievement} for goal in state.goals
        ],
        "followUp": None if state.follow_up is None else _task_to_dict(state.follow_up),
        "followUpDue": state.follow_up_due,
        "requester": state.requester,
        "answer": None if state.answer is None else _answer_to_dict(state.answer),
    }


def from_dict(document: Mapping[str, Any]) -> ReferralState:
    """The state that ``to_dict`` wrote.

    Raises:
        LifecycleError: it is not such a document (``unreadable-state``).
    """
    try:
        return ReferralState(
            task=_task_from_dict(document["task"]),
            service_request=document["serviceRequest"],
            standing=document["standing"],
            goals=tuple(GoalState(row["key"], row["lifecycle"], row["achievement"]) for row in document["goals"]),
            follow_up=None if document["followUp"] is None else _task_from_dict(document["followUp"]),
            follow_up_due=document["followUpDue"],
            requester=document["requester"],
            answer=None if document["answer"] is None else _answer_from_dict(document["answer"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LifecycleError(_("The stored state cannot be read."), reason="unreadable-state") from error


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _task_to_dict(task: TaskState) -> dict[str, Any]:
    return {
        "machine": task.machine,
        "status": task.status,
        "owner": task.owner,
        "reason": task.reason,
        "started": task.started,
        "heard": [
            {"source": heard.source, "at": _time(heard.at), "status": heard.status, "version": heard.version}
            for heard in task.heard
        ],
    }


def _task_from_dict(row: Mapping[str, Any]) -> TaskState:
    if row["status"] not in machine(row["machine"]).statuses:
        raise ValueError("a status that the machine does not have")
    heard = tuple(
        LastReport(entry["source"], datetime.fromisoformat(entry["at"]), entry["status"], entry["version"])
        for entry in row["heard"]
    )
    return TaskState(row["machine"], row["status"], row["owner"], row["reason"], row["started"], heard)


def _answer_to_dict(answer: LastAnswer) -> dict[str, Any]:
    return {"at": _time(answer.at), "happened": answer.happened, "goals": [list(pair) for pair in answer.goals]}


def _answer_from_dict(row: Mapping[str, Any]) -> LastAnswer:
    goals = tuple((key, code) for key, code in row["goals"])
    return LastAnswer(datetime.fromisoformat(row["at"]), row["happened"], goals)
