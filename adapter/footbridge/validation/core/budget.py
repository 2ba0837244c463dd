"""How much processor time a validation may take, so that a hostile document cannot hold a server.

The work looks at the clock now and then and stops by itself: no thread is killed, and nothing shared is left half made.
"""

import time

from footbridge.model.issues import Issue

EVERY = 50  # units of work between two looks at the clock; a unit takes some 10 microseconds


class OutOfTime(Exception):  # noqa: N818 - reads as the state that it names
    """The budget is used up. It ends a validation, which then says so in an issue; no caller sees it."""


class Budget:
    """Processor time of the thread that made it, counted from then. For one validation, in that thread.

    >>> Budget(5.0).spend()
    """

    __slots__ = ("_ends", "_left", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.thread_time() + seconds
        self._left = EVERY

    def spend(self, amount: int = 1) -> None:
        """Count work; raises OutOfTime when the time is over."""
        self._left -= amount
        if self._left <= 0:
            self._left = EVERY
            if time.thread_time() > self._ends:
                raise OutOfTime

    def issue(self) -> Issue:
        """What is said of a validation that was stopped."""
        return Issue(
            "validation.time-limit",
            "fatal",
            "too-costly",
            f"The validation was stopped after {self.seconds:g} seconds of processor time; "
            "the rest of the resource is not checked.",
            expression="$this",
            spec="https://hl7.org/fhir/R4/valueset-issue-type.html",
        )
