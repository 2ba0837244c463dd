"""Findings that are the same for many records, counted: one finding says it once, with how often and where first."""

from collections.abc import Iterator
from typing import TypeAlias

from footbridge.directory.records import FOUND_LENGTH, Finding

MOST = 2_000  # different things that are told apart; a hostile source may have one for each byte


Counted: TypeAlias = tuple[str, str, str | None, int, str, int | None]
"""Rule, subject, what was done, how often, path and line of the first."""


class Tally:
    """Counts what was found, by rule and subject (``service.website``)."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str | None], tuple[int, str, int | None]] = {}
        self._orders: dict[tuple[str, str, str | None], int] = {}

    def add(self, rule: str, subject: str, path: str, line: int | None = None, done: str | None = None) -> None:
        """Count one more; ``path`` and ``line`` of the first are kept."""
        key = (rule, subject[:FOUND_LENGTH], done)
        known = self._seen.get(key)
        if known is not None:
            self._seen[key] = (known[0] + 1, *known[1:])
        elif len(self._seen) < MOST:
            self._seen[key] = (1, path, line)

    def taken(self) -> "list[Counted]":
        """What was counted, which is forgotten here."""
        found = [(*key, *value) for key, value in self._seen.items()]
        self._seen.clear()
        return found

    def put(self, counted: "Counted", order: int) -> None:
        """Count what another one counted; of the first places that are told, the one of the lowest order is kept."""
        rule, subject, done, count, path, line = counted
        key = (rule, subject, done)
        known = self._seen.get(key)
        if known is not None:
            first = known[1:] if self._orders.get(key, -1) <= order else (path, line)
            self._seen[key] = (known[0] + count, *first)
            self._orders[key] = min(order, self._orders.get(key, -1))
        elif len(self._seen) < MOST:
            self._seen[key] = (count, path, line)
            self._orders[key] = order

    @property
    def is_full(self) -> bool:
        """Whether something may not have been counted any more."""
        return len(self._seen) >= MOST

    def findings(self) -> Iterator[Finding]:
        """One finding for each rule and subject, in the order of their names."""
        for (rule, subject, done), (count, path, line) in sorted(self._seen.items(), key=lambda item: str(item[0])):
            times = "" if count == 1 else f" ({count:,} times)"
            yield Finding(rule, path, line, member=subject, found=f"{subject}{times}"[:FOUND_LENGTH], done=done)
