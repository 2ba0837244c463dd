"""Dates: ISO, day and month in words or numbers; what may be read in two ways is not read."""

import datetime as dt
import functools
import re
from typing import NamedTuple

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold, table

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s?(Z|[+-]\d{2}:?\d{2})?)?")
_NUMBERS = re.compile(
    r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{2,4})(?:[T ]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?)?Z?",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th|er|e)?\s+)?([a-z]{3,9})\.?\s*(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})(?:\s+\d{1,2}:\d{2}.*)?"
)


class Read(NamedTuple):
    """A date as ``YYYY-MM-DD`` (None: none), and the rule that changed it."""

    date: str | None
    rule: str | None


@functools.lru_cache(maxsize=8_192)
def read_date(text: str, country: str | None) -> Read:
    """The date that a text means."""
    rows = table("dates")
    text = text.strip()
    if text[:10] in rows["never"]:
        return Read(None, "date.never")
    iso = _ISO.fullmatch(text)
    if iso:
        date = _date(int(iso[1]), int(iso[2]), int(iso[3]))
        rule = None if date == text else "date.form"
        return Read(date, rule) if date else Read(None, "date.not-parsed")
    read = _of_numbers(text, country) or _of_words(text)
    if read is None:
        return Read(None, "date.not-parsed")
    return Read(None, "date.never") if read.date in rows["never"] else read


def _date(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


def _of_numbers(text: str, country: str | None) -> Read | None:
    match = _NUMBERS.fullmatch(text)
    if not match:
        return None
    first, second, third = match[1], int(match[2]), match[3]
    if len(first) == 4:
        date = _date(int(first), second, int(third)) if len(third) <= 2 else None
        return Read(date, "date.form" if date else "date.not-parsed")
    if len(first) == 3 or len(third) == 3:
        return None
    year = int(third) if len(third) == 4 else int(third) + (2000 if int(third) < 70 else 1900)
    month_first, day_first = _date(year, int(first), second), _date(year, second, int(first))
    if month_first and day_first and month_first != day_first:
        if country in table("dates")["month_first"]:
            return Read(month_first, "date.month-first")
        return Read(None, "date.ambiguous")
    date = month_first or day_first
    return Read(date, "date.form" if date else "date.not-parsed")


@functools.cache
def _months() -> dict[str, int]:
    return {name: int(number) for number, names in table("dates")["months"].items() for name in names}


def _of_words(text: str) -> Read | None:
    match = _WORDS.fullmatch(fold(text))
    if not match or match[2] not in _months() or (match[1] is None) == (match[3] is None):
        return None
    date = _date(int(match[4]), _months()[match[2]], int(match[1] or match[3]))
    return Read(date, "date.form") if date else None


def clean_date(value: object, changes: Changes, member: str) -> str | None:
    """A date, or None where it is not sure which."""
    text = str(value)
    date, rule = read_date(text, changes.country)
    if rule:
        changes.note(rule, member, text, date)
    return date


def clean_datetime(value: object, changes: Changes, member: str) -> str | None:
    """A date with or without a time of day: an ISO time stays as it is."""
    text = str(value).strip()
    iso = _ISO.fullmatch(text)
    if iso and text[:10] not in table("dates")["never"] and _date(int(iso[1]), int(iso[2]), int(iso[3])):
        if text != value:
            changes.note("date.form", member, value, text)
        return text
    return clean_date(text, changes, member)
