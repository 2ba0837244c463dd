"""Holidays, for services whose record says that it is closed on them, and the words by which a record says so.

Table: ``mappings/directory/search/holidays.json``. A day is a date of each year, one weekday of a month, or so many
days from Easter Sunday (the anonymous Gregorian computus, https://www.jstor.org/stable/2973263).
"""

import functools
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from footbridge.data import read_json
from footbridge.directory.search.words import plain


@functools.cache
def _table() -> dict[str, Any]:
    read: dict[str, Any] = read_json("mappings", "directory", "search", "holidays.json")
    return read


@functools.cache
def _phrases(name: str) -> tuple[str, ...]:
    return tuple(f" {plain(text)} " for text in _table()[name])


@functools.lru_cache(maxsize=4_096)
def closes_on_holidays(text: str) -> bool:
    """Whether hours in words say that it is closed on holidays."""
    said = f" {plain(text)} "
    return any(phrase in said for phrase in _phrases("closedOnHolidays"))


@functools.lru_cache(maxsize=4_096)
def is_closed_said(text: str) -> bool:
    """Whether hours in words say that it is closed: the first word does."""
    said = plain(text)
    return any(f"{said} ".startswith(phrase[1:]) for phrase in _phrases("closed"))


def is_holiday(day: date, region: str) -> bool:
    """Whether a day is a holiday in a region, ``CA-ON``, or in its whole country where the table has no region."""
    return day in _of_year(day.year, region)


@functools.lru_cache(maxsize=256)
def _of_year(year: int, region: str) -> frozenset[date]:
    country = region.partition("-")[0]
    rules = [
        *_table()["holidays"].get(country, ()),
        *(_table()["holidays"].get(region, ()) if region != country else ()),
    ]
    return frozenset(_day(year, rule) for rule in rules)


def _day(year: int, rule: str) -> date:
    """``12-25``, ``09-MO+1`` (the first Monday), ``05-MO<25`` (the last before the 25th) or ``easter-2``."""
    if rule.startswith("easter"):
        return _easter(year) + timedelta(days=int(rule.removeprefix("easter")))
    month, said = int(rule[:2]), rule[3:]
    if said.isdecimal():
        return date(year, month, int(said))
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU").index(said[:2])
    if said[2] == "<":
        last = date(year, month, int(said[3:]) - 1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    number = int(said[2:])
    if number < 0:
        last = date(year, month, monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-number - 1))
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _easter(year: int) -> date:
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)
