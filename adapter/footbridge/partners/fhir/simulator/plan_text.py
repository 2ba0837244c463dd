"""Plans as a person writes them: ``accept,start,complete``, ``accept,reject:"No places"``, ``silent``."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from footbridge.partners.fhir.simulator import actions
from footbridge.partners.fhir.simulator.actions import Plan, Step

Maker = Callable[[str | None, timedelta], Step]
_MAKERS: Final[Mapping[str, Maker]] = {
    "accept": lambda _text, after: actions.accept(after=after),
    "schedule": lambda _text, after: actions.schedule(after=after),
    "start": lambda _text, after: actions.start(after=after),
    "hold": lambda text, after: actions.hold(text, after=after),
    "complete": lambda text, after: actions.complete(text, after=after),
    "reject": lambda text, after: actions.reject(text, after=after),
    "fail": lambda text, after: actions.fail(text, after=after),
    "repeat": lambda _text, after: actions.repeat(after=after),
}
SILENT: Final = "silent"
STEPS: Final = tuple(_MAKERS)
WITH_TEXT: Final = ("hold", "complete", "reject", "fail")
"""Steps that may have a text after a colon: a reason, or of ``complete`` the outcome."""
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?", re.ASCII)
_PIECE = re.compile(r"(?:[^,\"]|\"[^\"]*\"|\")+")
_LONGEST = timedelta(days=400)


def plan_of_text(text: str, *, after: timedelta, each: timedelta, outcome: str | None = None) -> Plan:
    """Read a plan.

    A comma separates steps. It belongs to a text when it is in double quotes, or when a blank and no step follow it.

    Args:
        text: as written.
        after: how long the first step waits.
        each: how long each later one waits, counted from the one before.
        outcome: the text of a ``complete`` that has none of its own.

    Raises:
        ValueError: an unknown step, or a text where there can be none; its message is for people.
    """
    if text.strip() == SILENT:
        return ()
    plan: list[Step] = []
    for name, words in _steps(text):
        if name not in _MAKERS:
            known = ", ".join(STEPS)
            raise ValueError(f"{name!r} is not a step. Steps: {known}; or only {SILENT}.")
        if words is not None and name not in WITH_TEXT:
            raise ValueError(f"{name} has no text; only {', '.join(WITH_TEXT)} have one.")
        said = outcome if words is None and name == "complete" else words
        plan.append(_MAKERS[name](said, each if plan else after))
    if not plan:
        raise ValueError(f"A plan needs a step, or {SILENT}.")
    return tuple(plan)


def duration_of_text(text: str) -> timedelta:
    """Read a duration: ``2s``, ``1.5m``, ``1h``, ``2d``, ``500ms``; seconds without a unit.

    Raises:
        ValueError: it is none, or longer than 400 days.
    """
    found = _DURATION.fullmatch(text.strip())
    seconds = float(found[1]) * _UNITS[found[2] or "s"] if found else None
    if seconds is None or seconds > _LONGEST.total_seconds():
        raise ValueError(f"{text!r} is not a duration, such as 2s, 5m, 1h or 1d (at most {_LONGEST.days}d).")
    return timedelta(seconds=seconds)


def _steps(text: str) -> Iterator[tuple[str, str | None]]:
    """Names and texts of the steps."""
    joined: list[str] = []
    for piece in _PIECE.findall(text):
        name = piece.partition(":")[0].strip()
        goes_on = joined and ":" in joined[-1] and piece[:1].isspace() and name not in _MAKERS
        if goes_on:
            joined[-1] += f",{piece}"
        elif piece.strip():
            joined.append(piece)
    for piece in joined:
        name, colon, words = piece.partition(":")
        yield name.strip(), words.strip().strip('"').strip() or None if colon else None
