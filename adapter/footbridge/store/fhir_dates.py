"""FHIR dates as ranges: 2026-03 is the whole of March (https://hl7.org/fhir/R4/search.html#date).

A value with a fraction of a second is a point. So ``gt`` with a ``meta.lastUpdated`` that a client has cut to
milliseconds returns a resource twice, rather than losing one.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_SHAPE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
_STEP = timedelta(microseconds=1)
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last microsecond, both included; in UTC."""

    first: datetime
    last: datetime


def stamp(moment: datetime) -> str:
    """A moment in UTC with microseconds, always 27 characters, so that text sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def span(text: str) -> Span:
    """The range that a FHIR date, dateTime or instant stands for; without a time zone it is read as UTC.

    Raises ValueError when the text is none of them.
    """
    found = _SHAPE.fullmatch(text.replace(" ", "+"))  # a + of the zone that a query string turned into a space
    if not found:
        raise ValueError("not a FHIR date")
    *numbers, fraction, zone = found.groups()
    year, month, day, hour, minute, second = (int(number) if number else None for number in numbers)
    first = datetime(
        year or 1,
        month or 1,
        day or 1,
        hour or 0,
        minute or 0,
        min(second or 0, 59),  # a leap second
        int((fraction or "0")[:6].ljust(6, "0")),
        tzinfo=datetime.fromisoformat(f"2000-01-01T00:00:00{zone or 'Z'}").tzinfo,
    )
    if fraction:
        return Span(_in_utc(first), _in_utc(first))
    given = len([number for number in numbers if number])
    return Span(_in_utc(first), _in_utc(_before_the_next(first, given)))


def _before_the_next(first: datetime, given: int) -> datetime:
    try:
        match given:
            case 1:
                return first.replace(year=first.year + 1) - _STEP
            case 2:
                return (first + timedelta(days=31)).replace(day=1) - _STEP
            case 3:
                return first + timedelta(days=1) - _STEP
            case 5:
                return first + timedelta(minutes=1) - _STEP
            case _:
                return first + timedelta(seconds=1) - _STEP
    except (OverflowError, ValueError):  # beyond the last year that a datetime holds
        return LAST


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST if moment.year == 1 else LAST
