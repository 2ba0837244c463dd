"""What ``$validate`` may cost a server: processor time of one request, how many at once, and the size of an answer.

A validation is processor time that any caller can ask for, so it must not take the threads and the processor from the
requests that carry prescriptions.
"""

import math
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.store.interaction_errors import Overloaded
from footbridge.validation import Budget, Outcome

MOST_TEXT = 500_000
"""Characters of findings in one answer; a document with more errors than that is corrected in steps."""
PATIENCE = 2.0
"""Seconds that a request waits for its turn."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one process.

    Attributes:
        seconds: processor time of one validation.
        turns: lets only some validations run at once.
    """

    seconds: float
    turns: "Turns"

    @contextmanager
    def budget(self) -> Iterator[Budget]:
        """The budget of one validation, when it is its turn; raises Overloaded when too many run."""
        with self.turns.one(retry_after=self.seconds):
            yield Budget(self.seconds)


class Turns:
    """Lets some run at once and half as many wait; safe to share between threads."""

    def __init__(self, at_once: int, patience: float = PATIENCE) -> None:
        self._free = threading.Semaphore(at_once)
        self._places = threading.Semaphore(max(1, at_once // 2))
        self._patience = patience

    @contextmanager
    def one(self, *, retry_after: float) -> Iterator[None]:
        """Hold a turn; raises Overloaded, with the seconds after which to try again, when there is none in time."""
        if not self._free.acquire(blocking=False) and not self._waited():
            raise Overloaded(_("Too many validations run on this server now; try again later."), math.ceil(retry_after))
        try:
            yield
        finally:
            self._free.release()

    def _waited(self) -> bool:
        if not self._places.acquire(blocking=False):
            return False
        try:
            return self._free.acquire(timeout=self._patience)
        finally:
            self._places.release()


def default_limits(seconds: float = 5.0, at_once: int = 2) -> Limits:
    """Limits with turns of their own."""
    return Limits(seconds, Turns(at_once))


def within_limits(found: Outcome) -> Outcome:
    """What was found, cut where the answer would grow too long; that it was cut is an issue."""
    size = 0
    issues: list[Issue] = []
    for issue in found.issues:
        size += _length((issue.message, issue.expression, issue.profile, issue.spec))
        if size <= MOST_TEXT:
            issues.append(issue)
    unchecked = []
    for row in found.unchecked:
        size += _length((row.rule, row.expression, row.why))
        if size <= MOST_TEXT:
            unchecked.append(row)
    if size <= MOST_TEXT:
        return found
    lost = [issue for issue in found.issues[len(issues) :] if issue.severity == "fatal"]
    return replace(found, issues=(*issues, *lost, _cut(found)), unchecked=tuple(unchecked))


def _length(texts: Iterable[str | None]) -> int:
    return sum(len(text) for text in texts if text)


def _cut(found: Outcome) -> Issue:
    return Issue(
        "validate.answer-limit",
        "information" if found.valid else "error",
        "too-costly",
        _("There is more than one answer can list; the rest is not listed."),
    )
