"""Entries of the timeline in plain words, those of one actor at one moment together."""

from collections.abc import Mapping, Sequence
from typing import Any

_KINDS = {"signpost": "points the way", "warm-connection": "refers to a service", "navigator": "asks a navigator"}
_MOVES = {
    "submit": "is asked",
    "accept": "takes it on",
    "start": "begins",
    "complete": "completes it",
    "reject": "declines",
    "fail": "gives up",
    "cancel": "takes it back",
    "assign": "chooses the service",
    "follow-up-complete": "hears from the client",
    "needs-person": "leaves it to a person",
    "split": "makes several referrals of it",
}
_SILENT = {"follow-up-due", "follow-up-cancel", "part", "submit"}


def told(entries: Sequence[Mapping[str, Any]], kind: str | None) -> str:
    """One line for entries of one prescription, one actor, one moment; empty when there is nothing to say.

    ``kind`` is the prescription's, None when it is not known.
    """
    words = [word for entry in entries if (word := _word(entry, kind))]
    places = [str(entry["reason"]) for entry in entries if entry["name"] == "delivered"]
    goals = [str(entry["reason"]) for entry in entries if entry["name"] == "goal-changed"]
    parts = [str(entry["reason"]) for entry in entries if entry["name"] == "part"]
    implied = [str(entry["after"]) for entry in entries if entry["inferred"] and entry["name"] in _MOVES]
    implied = [status for status in implied if status not in {"completed", "cancelled"}]
    words += [f"({', '.join(implied)} implied)"] if implied else []
    words += [f"“{part}”" for part in parts]
    words += [f"with a {entry['reason']}" for entry in entries if entry["name"] == "output"]
    words += [f"brings it to {' and '.join(dict.fromkeys(places))}"] if places else []
    words += [f"goal{'s' if goals[1:] else ''}: {', '.join(goals)}"] if goals else []
    return ", ".join(dict.fromkeys(words))


def _word(entry: Mapping[str, Any], kind: str | None) -> str | None:
    name, reason = entry["name"], entry["reason"]
    if name == "submitted":
        return _KINDS.get(kind or "", "prescribes")
    if name == "business-status":
        return f"“{reason}”"
    if name in _SILENT or name not in _MOVES:
        return None
    if entry["inferred"] and name != "follow-up-complete":
        return None
    if name == "reject" and not reason:
        return "declines and gives no reason"
    return _MOVES[name] + (f": “{reason}”" if reason else "")
