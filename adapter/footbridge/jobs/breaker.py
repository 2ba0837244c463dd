"""A circuit per partner: a partner that is down is left alone, by all workers at once.

Its circuit opens after some failures in a row. While it is open its messages stay where they are. When its time is
over, one message goes through as a probe; an answer of any kind closes the circuit, a failure opens it again for twice
as long. ``JobQueue`` stores a circuit; what a failure makes of it is decided here.
"""

from dataclasses import dataclass
from datetime import datetime

from footbridge.jobs.retry import Policy, requested_wait


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of a partner's health.

    Attributes:
        failures: in a row, since its last answer.
        open_until: no message goes there before; None while the circuit is closed.
    """

    failures: int = 0
    open_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether messages wait, but for a probe."""
        return self.open_until is not None and self.open_until > now

    def after_failure(
        self, now: datetime, policy: Policy, *, probe: bool = False, retry_after: float | None = None
    ) -> "Circuit":
        """The circuit after the partner gave no answer; ``retry_after`` is what it asked for, in seconds.

        A failure of a message that was under way when the circuit opened says nothing new and changes nothing.
        """
        if self.is_open(now) and not probe:
            return self
        failures = self.failures + 1
        if failures < policy.trip_after:
            return Circuit(failures)
        wait = max(policy.circuit.bound(failures - policy.trip_after + 1), requested_wait(retry_after))
        return Circuit(failures, now + wait)
