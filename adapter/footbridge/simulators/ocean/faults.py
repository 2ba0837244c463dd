"""What goes wrong between Ocean and its receivers: by rate with a seed, or for a time."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Rates:
    """Chances from 0 to 1.

    Attributes:
        drop: a try does not reach the receiver; it is tried again.
        lose: a try reaches the receiver, and its answer does not come back; it is tried again.
        duplicate: a message that was delivered is delivered once more.
        reorder: a message waits, so that later ones overtake it.
        refuse: Ocean answers 503 to a message, and does nothing.
        forget: Ocean takes a message, and answers 500.
    """

    drop: float = 0.0
    lose: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    refuse: float = 0.0
    forget: float = 0.0


@dataclass(slots=True)
class Faults:
    """The faults of one simulator; change ``rates`` at any time.

    Attributes:
        seed: of all chances.
        rates: what goes wrong how often.
        reorder_minutes: the longest that a reordered message waits.
        down_until: Ocean is out until then: it sends nothing, and answers 503.
    """

    seed: int = 0
    rates: Rates = field(default_factory=Rates)
    reorder_minutes: int = 90
    down_until: datetime | None = None
    _chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"ocean misfortune {self.seed}")  # noqa: S311 - plays misfortune, guards nothing

    def strikes(self, rate: float) -> bool:
        """Whether this happens now."""
        return rate > 0 and self._chance.random() < rate

    def wait(self) -> timedelta:
        """How long a new message waits before its first try."""
        if not self.strikes(self.rates.reorder):
            return timedelta(0)
        return timedelta(seconds=self._chance.randrange(1, self.reorder_minutes * 60 + 1))

    def is_down(self, now: datetime) -> bool:
        """Whether Ocean is out."""
        return self.down_until is not None and now < self.down_until

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self.rates, self.down_until = Rates(), None
