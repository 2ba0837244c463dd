"""Opening hours of a service: compact rules, and whether they hold at a moment.

A rule is a list ``[days, from, to, every, first, last]``: ``days`` a bit mask of weekdays (Monday is 1), or of days of
the month where ``every`` is ``"D"``; ``from`` and ``to`` in minutes of the day, ``to`` beyond 1440 for a night;
``every`` is ``"W"`` each week, ``"D"`` days of the month, which one of the month (2: the second, -1: the last), or
``"2@2026-03-02"``: every second week from that of a day; ``first`` and ``last`` dates (YYYY-MM-DD) or None.

Two kinds take away: ``"X"`` holds alone on the days from first to last (an exception of the record; closed where it is
empty), and ``"H"`` closes on the holidays of the region that stands in the place of ``first``.
Schedules: https://docs.openreferral.org/en/3.1/hsds/schema_reference.html#schedule; RFC 5545, section 3.3.10,
https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10.
"""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from footbridge.directory.search.holidays import closes_on_holidays, is_closed_said, is_holiday

DAY = 1440  # minutes
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?\d)?\s*(MO|TU|WE|TH|FR|SA|SU)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_EACH_DAY = 127
_NOT_READ = ("byweekno", "byyearday")
_LOOKED_AT = 1500  # days from the first in which occurrences are counted

Rule = tuple[int, int, int, str | int, str | None, str | None]
Span = tuple[str | None, str | None]


def rules_of(schedules: Sequence[Mapping[str, Any]], region: str = "") -> tuple[list[Rule], bool]:
    """The rules of some HSDS schedules, and whether they are complete.

    A schedule that cannot be placed (only text, every second week from nobody knows when) gives no rule; then a service
    is not closed outside of the others, but nothing is known.

    Args:
        schedules: of a service.
        region: country and province or state, ``CA-ON``, whose holidays count; empty: those of the whole country.
    """
    found: set[Rule] = set()
    complete = bool(schedules)
    for schedule in schedules:
        some = _rules(schedule)
        found.update(some)
        complete = complete and bool(some)
    if found and any(closes_on_holidays(_texts(schedule)) for schedule in schedules):
        found.add((0, 0, 0, "H", region or "CA", None))
    return (sorted(found, key=repr) if len(found) > 1 else list(found)), complete


def _texts(schedule: Mapping[str, Any]) -> str:
    return " ; ".join(str(schedule.get(member) or "") for member in ("description", "notes"))


def _rules(schedule: Mapping[str, Any]) -> list[Rule]:
    opens, closes = _minutes(schedule.get("opens_at")), _minutes(schedule.get("closes_at"))
    span = _span(schedule)
    if opens is None and closes is None and all(span) and is_closed_said(_texts(schedule)):
        return [(0, 0, 0, "X", *span)]
    if opens is None or closes is None or any(schedule.get(member) for member in _NOT_READ):
        return []
    if opens == closes and opens % DAY:
        return []  # from nine to nine: all day, or a slip; from midnight to midnight is all day
    if closes <= opens:
        closes += DAY
    if all(span) and not any(schedule.get(member) for member in ("freq", "byday", "bymonthday")):
        return [(_EACH_DAY, opens, closes, "X", *span)]  # hours of a holiday or of a few days
    found = [(days, opens, closes, every, *span) for days, every in _days(schedule, span)]
    if span[0] is not None and span[0] == span[1]:  # one day: it stands for what else holds on it
        return [(days, opens, closes, "X", *span) for days, _, _, every, *_ in found if every == "W"]
    return _counted(found, schedule, span)


def _span(schedule: Mapping[str, Any]) -> Span:
    """The first and last day of a schedule, by whichever members say so."""
    first = [day for member in ("valid_from", "dtstart") if (day := _day(schedule.get(member)))]
    last = [day for member in ("valid_to", "until") if (day := _day(schedule.get(member)))]
    return max(first, default=None), min(last, default=None)


def _days(schedule: Mapping[str, Any], span: Span) -> list[tuple[int, str | int]]:
    """Days, and how often: empty where nobody knows."""
    interval = str(schedule.get("interval") or "1")
    monthdays, byday = schedule.get("bymonthday"), str(schedule.get("byday") or "").upper()
    if monthdays:
        if "-" in str(monthdays) or byday or interval != "1":
            return []  # counted from the end of the month; only the Fridays that are a 13th
        days = sum({1 << int(number) for number in re.findall(r"\d+", str(monthdays)) if 1 <= int(number) <= 31})
        return [(days, "D")] if days else []
    by_ordinal: dict[int, int] = {}
    for ordinal, weekday in _BYDAY.findall(byday):
        key = int(ordinal or 0)
        by_ordinal[key] = by_ordinal.get(key, 0) | 1 << _WEEKDAYS.index(weekday)
    monthly = str(schedule.get("freq") or "WEEKLY").upper() == "MONTHLY"
    if monthly and 0 in by_ordinal:
        return []  # monthly, on a weekday: nobody knows on which of them
    if interval == "1":
        return [(days, ordinal or "W") for ordinal, days in by_ordinal.items()]
    if not interval.isdecimal() or monthly or set(by_ordinal) != {0} or span[0] is None:
        return []
    return [(by_ordinal[0], f"{int(interval)}@{span[0]}")]


def _counted(found: list[Rule], schedule: Mapping[str, Any], span: Span) -> list[Rule]:
    """The rules of a schedule that ends after so many times."""
    count = schedule.get("count")
    if not count:
        return found
    if span[0] is None or not str(count).isdecimal():
        return []
    day, left = date.fromisoformat(span[0]), int(str(count))
    for _ in range(_LOOKED_AT):
        left -= any(_is_on(day, days, every) for days, _, _, every, *_ in found)
        if left <= 0:
            last = min(day.isoformat(), span[1] or day.isoformat())
            return [(days, opens, closes, every, span[0], last) for days, opens, closes, every, *_ in found]
        day += timedelta(days=1)
    return found


def _minutes(text: object) -> int | None:
    match = _TIME.match(str(text or ""))
    if match is None:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if minutes <= DAY else None


def _day(text: object) -> str | None:
    if not text:
        return None
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
        exceptions = [rule for rule in rules if rule[3] == "X" and _valid(day, *rule[4:])]
        if not exceptions and any(rule[3] == "H" and is_holiday(day, rule[4]) for rule in rules):
            continue
        for days, opens, closes, every, first, last in exceptions or rules:
            if opens <= minute < closes and (
                (exceptions and days & 1 << day.weekday())
                or (every not in ("X", "H") and _is_on(day, days, every) and _valid(day, first, last))
            ):
                return True
    return False


def _is_on(day: date, days: int, every: str | int) -> bool:
    if every == "D":
        return bool(days >> day.day & 1)
    if not days & 1 << day.weekday():
        return False
    if every == "W":
        return True
    if isinstance(every, int):
        return _nth(day, every)
    interval, _, first = every.partition("@")
    return (_monday(day) - _monday(date.fromisoformat(first))).days // 7 % int(interval) == 0


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _nth(day: date, ordinal: int) -> bool:
    from_start = (day.day - 1) // 7 + 1
    from_end = -((monthrange(day.year, day.month)[1] - day.day) // 7 + 1)
    return ordinal in (from_start, from_end)


def _valid(day: date, first: str | None, last: str | None) -> bool:
    text = day.isoformat()
    return (first is None or first <= text) and (last is None or text <= last)
