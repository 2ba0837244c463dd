"""What a report is asked to be, beyond its format."""

from collections.abc import Iterable
from dataclasses import dataclass

from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import ERRORS, Checked


@dataclass(frozen=True, slots=True)
class Shape:
    """What counts as failing, and how much is told.

    Attributes:
        fail_on: ``error``, ``warning``, ``unchecked``: what makes a resource fail. Errors always do.
        quiet: tell only what makes a resource fail (format ``text``).
        all_unchecked: a line for each rule that was not checked, in place of one that counts them (``text``).
    """

    fail_on: frozenset[str] = ERRORS
    quiet: bool = False
    all_unchecked: bool = False

    def fails(self, checked: Checked) -> bool:
        """Whether a resource fails."""
        return checked.fails(self.fail_on)

    def failing(self, checked: Checked) -> list[Issue]:
        """The issues that make it fail."""
        return checked.failing(self.fail_on)

    @property
    def counts_unchecked(self) -> bool:
        """Whether what was not checked makes a resource fail."""
        return "unchecked" in self.fail_on


USUAL = Shape()


def tally(names: Iterable[str]) -> str:
    """Names with how often each occurs, the most frequent first: ``binding.required (9), slicing.match``."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return ", ".join(name if count == 1 else f"{name} ({count})" for name, count in rows)
