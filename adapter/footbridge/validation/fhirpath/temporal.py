"""Dates, dateTimes and times with the precision that they were written in.

Comparing follows https://hl7.org/fhirpath/N1/#datetime-equality: precision by precision, None (empty)
where one value stops before a difference shows; seconds and their fractions are one precision.
Adding follows https://hl7.org/fhirpath/N1/#datetime-arithmetic; whole units count, decimals are dropped.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

Kind = Literal["Date", "DateTime", "Time"]

_CLOCK = r"(?P<hour>\d{2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d+)?))?)?"
_DATE = r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?"
_ZONE = r"(?P<zone>Z|[+-]\d{2}:\d{2})"
_DATE_TIME = re.compile(rf"{_DATE}(?P<t>T(?:{_CLOCK}{_ZONE}?)?)?\Z")
_TIME = re.compile(rf"T?{_CLOCK}\Z")

DATE_PARTS = 3
WIDEST_OFFSET = timedelta(hours=14)
SECONDS = {
    "week": Decimal(604800), "day": Decimal(86400), "hour": Decimal(3600), "minute": Decimal(60),
    "second": Decimal(1), "millisecond": Decimal("0.001"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Temporal:
    """A date, dateTime or time.

    ``parts`` are year, month, day, hour, minute, second (a time starts at the hour) as far as they are
    given; the second is a Decimal with the digits that it was written with. ``offset`` is in minutes
    east of UTC, None when none is given.
    """

    kind: Kind
    parts: tuple[int | Decimal, ...]
    offset: int | None = None

    def text(self) -> str:
        """As FHIR writes it: ``2015-02``, ``2015-02-04T14:34:28.123+10:00``, ``14:34``."""
        if self.kind == "Time":
            return _clock_text(self.parts)
        date = "-".join(f"{part:0{4 if at == 0 else 2}}" for at, part in enumerate(self.parts[:DATE_PARTS]))
        if len(self.parts) <= DATE_PARTS:
            return date
        return f"{date}T{_clock_text(self.parts[DATE_PARTS:])}{_offset_text(self.offset)}"

    def in_utc(self) -> "Temporal":
        """The same instant with a UTC offset of zero; unchanged without an offset or a time."""
        if not self.offset or len(self.parts) <= DATE_PARTS:
            return self
        moved = _shift(self.parts, -60 * Decimal(self.offset))
        return self if moved is None else Temporal(self.kind, moved, 0)


def _clock_text(parts: tuple[int | Decimal, ...]) -> str:
    whole = [f"{part:02}" for part in parts[:2]]
    if len(parts) > 2:
        second = parts[2]
        whole.append(("0" if second < 10 else "") + format(second, "f"))
    return ":".join(whole)


def _offset_text(offset: int | None) -> str:
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"


def parse_date_time(text: str, kind: Kind | None = None) -> Temporal | None:
    """A date or dateTime from its text; None when it is neither, or no such day or hour exists.

    Without ``kind`` the text decides: a ``T`` makes a DateTime.
    """
    match = _DATE_TIME.match(text)
    if match is None or (kind == "Date" and match["t"]):
        return None
    names = ("year", "month", "day", "hour", "minute")
    parts: list[int | Decimal] = [int(match[name]) for name in names if match[name]]
    if match["second"]:
        parts.append(Decimal(match["second"]))
    if match["t"] and match["hour"] and not match["day"]:
        return None
    offset = _offset(match["zone"])
    if not _exists(parts) or (offset is not None and abs(offset) > 14 * 60):
        return None
    return Temporal(kind or ("DateTime" if match["t"] else "Date"), tuple(parts), offset)


def parse_time(text: str) -> Temporal | None:
    """A time from ``14:34:28.123`` (with or without a leading T), else None."""
    match = _TIME.match(text)
    if match is None:
        return None
    parts: list[int | Decimal] = [int(match[name]) for name in ("hour", "minute") if match[name]]
    if match["second"]:
        parts.append(Decimal(match["second"]))
    return Temporal("Time", tuple(parts)) if _clock_exists(parts) else None


def _offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes


def _exists(parts: list[int | Decimal]) -> bool:
    year, month, day = (*(int(part) for part in parts[:DATE_PARTS]), 1, 1, 1)[:3]
    if len(parts) < DATE_PARTS:
        day = 1
    if len(parts) < 2:
        month = 1
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return False
    return _clock_exists(parts[DATE_PARTS:])


def _clock_exists(parts: list[int | Decimal]) -> bool:
    return all(part < limit for part, limit in zip(parts, (24, 60, 61), strict=False))


def from_datetime(moment: datetime, kind: Kind) -> Temporal:
    """A Python datetime as a Date, a DateTime with its offset, or a Time, to the millisecond."""
    second = Decimal(moment.second * 1000 + moment.microsecond // 1000).scaleb(-3)
    clock = (moment.hour, moment.minute, second)
    date = (moment.year, moment.month, moment.day)
    if kind == "Time":
        return Temporal(kind, clock)
    if kind == "Date":
        return Temporal(kind, date)
    away = moment.utcoffset()
    return Temporal(kind, date + clock, None if away is None else int(away.total_seconds() // 60))


def compare(left: Temporal, right: Temporal) -> int | None:
    """-1, 0 or 1; None when the precisions, or an offset missing on one side, leave it open."""
    if (left.kind == "Time") != (right.kind == "Time"):
        return None
    if left.kind != "Time" and _one_offset_missing(left, right):
        return _compare_ranges(left, right)
    first, second = left.in_utc().parts, right.in_utc().parts
    for one, other in zip(first, second, strict=False):
        if one != other:
            return -1 if one < other else 1
    return 0 if len(first) == len(second) else None


def _one_offset_missing(left: Temporal, right: Temporal) -> bool:
    both_timed = len(left.parts) > DATE_PARTS and len(right.parts) > DATE_PARTS
    return both_timed and (left.offset is None) != (right.offset is None)


def _compare_ranges(left: Temporal, right: Temporal) -> int | None:
    """Compare by the earliest and latest instant that each may stand for."""
    first, second = _range(left), _range(right)
    if first is None or second is None:
        return None
    if first[1] < second[0]:
        return -1
    return 1 if second[1] < first[0] else None


def equal(left: Temporal, right: Temporal) -> bool | None:
    """Equality; None where the precisions or offsets leave it open.

    A date beside a dateTime with an offset is unequal only where no offset could make them meet.
    """
    if (left.kind == "Time") != (right.kind == "Time"):
        return False
    if left.kind != "Time" and (left.offset is None) != (right.offset is None):
        return None if _compare_ranges(left, right) is None else False
    order = compare(left, right)
    return None if order is None else order == 0


def equivalent(left: Temporal, right: Temporal) -> bool:
    """Equality to the same precision, False where it stays open."""
    return len(left.parts) == len(right.parts) and equal(left, right) is True


def _range(value: Temporal) -> tuple[datetime, datetime] | None:
    """The first and the last instant (UTC) that the value may stand for."""
    try:
        low = _as_datetime(complete(value, high=False).parts)
        high = _as_datetime(complete(value, high=True).parts)
        if value.offset is None:
            return low - WIDEST_OFFSET, high + WIDEST_OFFSET
        away = timedelta(minutes=value.offset)
    except OverflowError:
        return None
    else:
        return low - away, high - away


def complete(value: Temporal, *, high: bool) -> Temporal:
    """The value to the millisecond, missing parts at their least or greatest."""
    parts = list(value.parts)
    lead = 0 if value.kind != "Time" else DATE_PARTS
    if high and len(parts) + lead == 6:
        parts[-1] = _last_millisecond(Decimal(parts[-1]))
    while len(parts) + lead < 6:
        at = len(parts) + lead
        low: tuple[int | Decimal, ...] = (1, 1, 1, 0, 0, Decimal("0.000"))
        if not high:
            parts.append(low[at])
        elif at == 2:
            parts.append(calendar.monthrange(int(parts[0]), int(parts[1]))[1])
        else:
            parts.append((9999, 12, 31, 23, 59, Decimal("59.999"))[at])
    return Temporal(value.kind, tuple(parts), value.offset)


def _last_millisecond(second: Decimal) -> Decimal:
    """The last millisecond that a second with fewer than three decimals may stand for."""
    exponent = second.as_tuple().exponent
    if not isinstance(exponent, int) or exponent <= -3:
        return second
    return second + Decimal(1).scaleb(exponent) - Decimal("0.001")


def _as_datetime(parts: tuple[int | Decimal, ...]) -> datetime:
    """A naive datetime of complete parts."""
    year, month, day, hour, minute = (int(part) for part in parts[:5])
    micro = int(Decimal(parts[5]) * 1_000_000)
    return datetime(year, month, day, hour, minute) + timedelta(microseconds=micro)  # noqa: DTZ001 - offsets are kept apart


def _shift(parts: tuple[int | Decimal, ...], seconds: Decimal) -> tuple[int | Decimal, ...] | None:
    """Parts moved by seconds, to the same precision; None when the calendar ends before."""
    full = complete(Temporal("DateTime", parts), high=False).parts
    try:
        moved = _as_datetime(full) + timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError:
        return None
    second = Decimal(moved.second * 1_000_000 + moved.microsecond).scaleb(-6)
    digits = max(Decimal(full[5]).as_tuple().exponent, -6) if len(parts) == 6 else 0
    second = second.quantize(Decimal(1).scaleb(int(digits)), rounding="ROUND_DOWN")
    whole = (moved.year, moved.month, moved.day, moved.hour, moved.minute, second)
    return whole[: len(parts)]


def add(value: Temporal, amount: Decimal, unit: str) -> Temporal | None:
    """The value moved by whole calendar units (year to millisecond); None when the calendar ends before.

    A unit finer than the value's precision first becomes whole units of that precision.
    """
    count = int(amount)
    if abs(count) > 10**12:
        return None
    if value.kind == "Time":
        return _add_to_time(value, count, unit)
    if unit in {"year", "month"}:
        return _add_months(value, count * 12 if unit == "year" else count)
    seconds = SECONDS[unit] * count
    precision = len(value.parts)
    if precision < DATE_PARTS:
        days = int(seconds / SECONDS["day"])
        months = int(days / Decimal(30)) if precision == 2 else int(days / Decimal(365)) * 12
        return _add_months(value, months)
    if precision == DATE_PARTS:
        seconds = int(seconds / SECONDS["day"]) * SECONDS["day"]
    elif precision < 6:
        step = SECONDS["hour"] if precision == 4 else SECONDS["minute"]
        seconds = int(seconds / step) * step
    moved = _shift(value.parts, seconds)
    return None if moved is None else Temporal(value.kind, moved, value.offset)


def _add_months(value: Temporal, months: int) -> Temporal | None:
    if len(value.parts) == 1:
        months = int(months / 12) * 12
    month = value.parts[1] if len(value.parts) > 1 else 1
    year, at = divmod(int(value.parts[0]) * 12 + int(month) - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    moved: list[int | Decimal] = [year, at + 1, *value.parts[2:]]
    if len(value.parts) > 2:
        moved[2] = min(int(value.parts[2]), calendar.monthrange(year, at + 1)[1])
    return Temporal(value.kind, tuple(moved[: len(value.parts)]), value.offset)


def _add_to_time(value: Temporal, count: int, unit: str) -> Temporal | None:
    """A time moved round the clock; days and longer units leave it where it is."""
    if unit in {"year", "month"}:
        return value
    moved = _shift((2000, 1, 2, *value.parts), SECONDS[unit] * count % SECONDS["day"])
    return None if moved is None else Temporal("Time", moved[DATE_PARTS:])
