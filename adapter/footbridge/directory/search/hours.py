"""Opening hours of a service: compact rules, and whether they hold at a moment.

A rule is a list ``[days, from, to, every, first, last]``: ``days`` a bit mask of weekdays (Monday is 1), or of days of
the month where ``every`` is ``"D"``; ``from`` and ``to`` in minutes of the day, ``to`` beyond 1440 for a night;
``every`` is ``"W"`` each week, ``"D"`` days of the month, or which one of the month (2: the second, -1: the last);
``first`` and ``last`` dates (YYYY-MM-DD) or None.
Schedules: https://docs.openreferral.org/en/3.1/hsds/schema_reference.html#schedule.
"""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

DAY = 1440  # minutes
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?\d)?\s*(MO|TU|WE|TH|FR|SA|SU)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")

Rule = tuple[int, int, int, str | int, str | None, str | None]


def rules_of(schedules: Sequence[Mapping[str, Any]]) -> tuple[list[Rule], bool]:
    """The rules of some HSDS schedules, and whether they are complete.

    A schedule that cannot be placed (only text, every second week) gives no rule; then a service is not closed outside
    of the others, but nothing is known.
    """
    found: set[Rule] = set()
    complete = bool(schedules)
    for schedule in schedules:
        some = _rules(schedule)
        found.update(some)
        complete = complete and bool(some)
    return (sorted(found, key=repr) if len(found) > 1 else list(found)), complete


def _rules(schedule: Mapping[str, Any]) -> list[Rule]:
    opens, closes = _minutes(schedule.get("opens_at")), _minutes(schedule.get("closes_at"))
    interval = schedule.get("interval")
    if opens is None or closes is None or (interval not in (None, "", 1, "1", 0)):
        return []
    if closes <= opens:
        closes += DAY
    span = (_day(schedule.get("valid_from")), _day(schedule.get("valid_to")))
    if monthdays := schedule.get("bymonthday"):
        if "-" in str(monthdays):
            return []  # counted from the end of the month
        days = sum({1 << int(number) for number in re.findall(r"\d+", str(monthdays)) if 1 <= int(number) <= 31})
        return [(days, opens, closes, "D", *span)] if days else []
    by_ordinal: dict[int, int] = {}
    for ordinal, weekday in _BYDAY.findall(str(schedule.get("byday") or "").upper()):
        key = int(ordinal or 0)
        by_ordinal[key] = by_ordinal.get(key, 0) | 1 << _WEEKDAYS.index(weekday)
    monthly = str(schedule.get("freq") or "WEEKLY").upper() == "MONTHLY"
    if monthly and 0 in by_ordinal:
        return []  # monthly, on a weekday: nobody knows on which of them
    return [(days, opens, closes, ordinal or "W", *span) for ordinal, days in by_ordinal.items()]


def _minutes(text: object) -> int | None:
    match = _TIME.match(str(text or ""))
    if match is None:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if minutes <= DAY else None


def _day(text: object) -> str | None:
    try:
        return date.fromisoformat(str(text)[:10]).isoformat()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at the service: what rules are compared with, for its day and for the night before."""

    days: tuple[tuple[date, int], tuple[date, int]]

    @classmethod
    def of(cls, local: datetime) -> "Moment":
        """The moment of a local time."""
        minute = local.hour * 60 + local.minute
        return cls(((local.date(), minute), (local.date() - timedelta(days=1), minute + DAY)))


def is_open(rules: Sequence[Sequence[Any]], moment: Moment) -> bool:
    """Whether any of the rules holds."""
    for day, minute in moment.days:
        weekday = 1 << day.weekday()
        for days, opens, closes, every, first, last in rules:
            if not opens <= minute < closes:
                continue
            hit = days >> day.day & 1 if every == "D" else days & weekday
            if hit and (every in ("W", "D") or _nth(day, every)) and _valid(day, first, last):
                return True
    return False


def _nth(day: date, ordinal: int) -> bool:
    from_start = (day.day - 1) // 7 + 1
    from_end = -((monthrange(day.year, day.month)[1] - day.day) // 7 + 1)
    return ordinal in (from_start, from_end)


def _valid(day: date, first: str | None, last: str | None) -> bool:
    text = day.isoformat()
    return (first is None or first <= text) and (last is None or text <= last)
