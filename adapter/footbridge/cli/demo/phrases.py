"""Entries of the timeline in plain words, those of one actor about one referral together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Entry = Mapping[str, Any]

SYSTEM: Final = "system"
_KINDS = {"signpost": "points the way", "warm-connection": "refers to a service", "navigator": "asks a navigator"}
_MOVES = {
    "accept": "takes it on",
    "start": "begins",
    "complete": "completes it",
    "reject": "declines",
    "fail": "cannot help",
    "cancel": "takes it back",
    "assign": "chooses the service",
    "follow-up-complete": "asks the client",
    "needs-person": "leaves it to a person",
    "split": "makes several referrals of it",
}
_SIGNPOST_MOVES = {"complete": "it happened", "fail": "it did not happen"}
_UNDERWAY: Final = "in-progress"


def told(entries: Sequence[Entry], kind: str, part: str | None) -> str:
    """One line for entries of one prescription, by one actor, about one referral; empty when there is nothing to say.

    Args:
        entries: as ``GET /api/v1/changes`` shows them, oldest first.
        kind: of the prescription.
        part: what is asked for, where the referral is a part of a split.
    """
    words = [*_moves(entries, kind), *_implied(entries), *_goals(entries)]
    words += [f"with a {entry['detail']['type']}" for entry in _named(entries, "output")]
    line = ", ".join(dict.fromkeys(words))
    return f"{line} ({part})" if line and part else line


def reached(entries: Sequence[Entry]) -> str:
    """Whom the adapter brought it to, one after the other; empty when to nobody."""
    return " and ".join(dict.fromkeys(str(entry["detail"]["partnerTitle"]) for entry in _named(entries, "delivered")))


def _named(entries: Sequence[Entry], name: str) -> Iterator[Entry]:
    return (entry for entry in entries if entry["name"] == name)


def _moves(entries: Sequence[Entry], kind: str) -> Iterator[str]:
    for entry in entries:
        name = entry["name"]
        if name == "submitted":
            yield _KINDS[kind]
        elif name == "business-status":
            yield f"“{entry['detail']['text']}”"
        elif name == "follow-up-due" and kind == "signpost":
            yield "the follow-up is due"
        elif name in _MOVES and (name == "follow-up-complete" or not entry["inferred"]):
            yield _move(entry, kind)


def _move(entry: Entry, kind: str) -> str:
    name, reason = entry["name"], entry["reason"]
    if entry["role"] == SYSTEM:
        return f"the whole is {entry['after']}" if name != "needs-person" else "nobody else to ask: a person decides"
    words = _SIGNPOST_MOVES.get(name, _MOVES[name]) if kind == "signpost" else _MOVES[name]
    if name == "reject" and not reason:
        return f"{words} and gives no reason"
    return f"{words}: “{reason}”" if reason else words


def _implied(entries: Sequence[Entry]) -> Iterator[str]:
    """Steps that nobody reported, since a later one implies them."""
    steps = [str(entry["after"]) for entry in entries if entry["inferred"] and entry["name"] in {"accept", "start"}]
    if steps and entries[0]["role"] != SYSTEM:
        yield f"{' and '.join(steps)} implied"


def _goals(entries: Sequence[Entry]) -> Iterator[str]:
    """What became of the goals; that they are being sought goes without saying while the work goes on."""
    details = [entry["detail"] for entry in _named(entries, "goal-changed")]
    goals = [str(detail.get("achievement", detail["lifecycle"])) for detail in details]
    asked = any(entry["name"] == "follow-up-complete" for entry in entries)
    if goals and (asked or set(goals) != {_UNDERWAY}):
        yield f"goal{'s' if goals[1:] else ''} {', '.join(goals)}"
