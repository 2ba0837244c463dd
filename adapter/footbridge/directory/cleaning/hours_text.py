"""Hours in words, as schedules: only what is understood whole; else nothing.

A text is a row of statements, days with times ("Mon-Fri 9-5") or times with days ("9 am to 5 pm Monday to Friday"),
with notes that change nothing ("by appointment", "closed on holidays") and breaks ("closed for lunch 12-1").
"""

import functools
from dataclasses import dataclass, field
from typing import NamedTuple

from footbridge.directory.cleaning.hours_times import DAY, interval
from footbridge.directory.cleaning.hours_words import WEEK, Clock, Word, cut

Days = tuple[str, ...]  # "MO", or "2MO" for the second of a month
Times = tuple[tuple[int, int], ...]


class Opening(NamedTuple):
    """Days with one time of opening, in HSDS's terms; a closing up to the opening is on the next day."""

    freq: str
    byday: str
    opens_at: str
    closes_at: str


class Hours(NamedTuple):
    """What a text of hours means."""

    openings: tuple[Opening, ...]
    notes: str | None = None


class NotUnderstood(Exception):  # noqa: N818 - inside of this module only
    """One part has no sure meaning."""


class Item(NamedTuple):
    """A part of the text: ``days`` or ``times``, ``closed``, ``lunch`` or ``note``."""

    kind: str
    value: Days | Times
    start: int
    end: int
    after_separator: bool


@dataclass(slots=True)
class _Statements:
    rows: list[tuple[Days, Times]] = field(default_factory=list)
    breaks: list[tuple[int, int]] = field(default_factory=list)
    notes: list[tuple[int, int]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)


@functools.lru_cache(maxsize=16_384)
def parse_hours(text: str) -> Hours | None:
    """The meaning of a text, or None where any of it is not sure."""
    words = cut(text)
    if not words:
        return None
    try:
        items = _Items(words).read()
        if [item.kind for item in items if item.kind != "note"] == ["times"] and items[0].value == ((0, DAY),):
            items.insert(0, items[0]._replace(kind="days", value=WEEK))  # "Open 24 hours"
        statements = _resolve(items)
        if not statements.rows:
            return None
        openings = _openings(statements)
    except NotUnderstood:
        return None
    notes = "; ".join(text[start:end].strip(" .;,()") for start, end in statements.notes)
    return Hours(openings, notes or None)


class _Items:
    """Reads words into items."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.at = 0
        self.monthly = False
        self.ordinal = False

    def _kind(self, ahead: int = 0) -> str:
        index = self.at + ahead
        return self.words[index].kind if index < len(self.words) else "end"

    def read(self) -> list[Item]:
        """The items of the whole text."""
        items: list[Item] = []
        separated = False
        while self.at < len(self.words):
            kind = self._kind()
            start = self.words[self.at].start
            if kind in {"filler", "and", "range", "separator"}:
                if kind == "range" and not self._is_dash_of_label(items):
                    raise NotUnderstood
                if kind == "and" and self._kind(1) == "end":
                    raise NotUnderstood
                separated = separated or kind == "separator"
                self.at += 1
                continue
            value: Days | Times = ()
            if kind in {"day", "group", "ordinal"}:
                name, value = "days", self._days()
            elif kind in {"time", "all_day"}:
                name, value = "times", self._times()
            elif kind == "always":
                self.at += 1
                items.append(Item("days", WEEK, start, start, separated))
                name, value = "times", ((0, DAY),)
            elif kind == "monthly":
                self.at += 1
                self.monthly = True
                continue
            else:
                name = {"closed": "closed", "lunch": "lunch", "note": "note"}[kind]
                self.at += 1
            items.append(Item(name, value, start, self.words[self.at - 1].end, separated))
            separated = False
        if self.monthly and not self.ordinal:
            raise NotUnderstood
        return items

    def _is_dash_of_label(self, items: list[Item]) -> bool:
        """A dash between days and times, or behind words that say nothing ("Regular hours - Monday 9-5")."""
        if items and items[-1].kind == "days":
            return True
        word = self.words[self.at]
        return word.value == "-" and (self.at == 0 or self.words[self.at - 1].kind in {"filler", "separator"})

    def _days(self) -> Days:
        days: list[str] = []
        with_number = False
        while True:
            numbers = self._ordinals()
            if numbers:
                with_number = self.ordinal = True
            elif with_number and self._kind() in {"day", "group"} and not self._numbered_day():
                raise NotUnderstood  # "first Monday and Tuesday"
            unit = self._unit()
            days += [f"{number}{day}" for number in numbers for day in unit] if numbers else unit
            ahead = 0
            while self._kind(ahead) in {"and", "filler"}:
                ahead += 1
            if not (self._kind(ahead) in {"day", "group", "ordinal"} and (ahead or self._kind() == "ordinal")):
                return tuple(dict.fromkeys(days))
            self.at += ahead

    def _numbered_day(self) -> bool:
        return str(self.words[self.at].value)[0] in "-12345"

    def _ordinals(self) -> list[int]:
        numbers: list[int] = []
        while self._kind() == "ordinal":
            numbers.append(int(str(self.words[self.at].value)))
            self.at += 1
            ahead = 0
            while self._kind(ahead) in {"and", "filler"}:
                ahead += 1
            if self._kind(ahead) == "ordinal" or (self._kind(ahead) == "day" and ahead):
                self.at += ahead
        return numbers

    def _unit(self) -> list[str]:
        if self._kind() not in {"day", "group"}:
            raise NotUnderstood
        word = self.words[self.at]
        self.at += 1
        days = str(word.value).split(",")
        if word.kind == "day" and days[0][0] in "-12345":
            self.ordinal = True
            return days
        ahead = 1
        while self._kind() == "range" and self._kind(ahead) == "filler":
            ahead += 1
        if word.kind == "day" and self._kind() == "range" and self._kind(ahead) == "day":
            last = self.words[self.at + ahead]
            self.at += ahead + 1
            if last.end - last.start == 1 and last.value == "TU":  # "M-T": Tuesday or Thursday
                raise NotUnderstood
            return _range(days[0], str(last.value))
        return days

    def _times(self) -> Times:
        times = [self._interval()]
        while True:
            ahead = 0
            while self._kind(ahead) in {"and", "filler"}:
                ahead += 1
            if self._kind(ahead) not in {"time", "all_day"}:
                return tuple(times)
            self.at += ahead
            times.append(self._interval())

    def _interval(self) -> tuple[int, int]:
        word = self.words[self.at]
        if word.kind == "all_day":
            self.at += 1
            return 0, DAY
        joined = self._kind(1) == "range" or (self._kind(1) == "and" and self._between())
        if not joined or self._kind(2) != "time":
            raise NotUnderstood
        first, last = word.value, self.words[self.at + 2].value
        self.at += 3
        pair = interval(first, last) if isinstance(first, Clock) and isinstance(last, Clock) else None
        if pair is None:
            raise NotUnderstood
        return pair

    def _between(self) -> bool:
        """As "between 9 and 5", "entre 9 h et 17 h": only there does "and" join two times."""
        before = self.words[self.at - 1] if self.at else None
        return before is not None and before.value == "between"


def _range(first: str, last: str) -> list[str]:
    if first not in WEEK or last not in WEEK:
        raise NotUnderstood
    start, length = WEEK.index(first), (WEEK.index(last) - WEEK.index(first)) % 7
    return [WEEK[(start + step) % 7] for step in range(length + 1)]


def _resolve(items: list[Item]) -> _Statements:
    """Pairs days with their times."""
    result = _Statements()
    days_first = next((item.kind == "days" for item in _pairable(items)), True)
    index = 0
    while index < len(items):
        item = items[index]
        following = items[index + 1] if index + 1 < len(items) else None
        kind, next_kind = item.kind, following.kind if following else "end"
        if kind == "note":
            result.notes.append((item.start, item.end))
            index += 1
        elif kind in {"lunch", "closed"}:
            index += _closing(items, index, result)
        elif kind == "days" and next_kind in {"closed", "lunch"} and not _times_follow(items, index + 2):
            result.closed |= {day[-2:] for day in _as_days(item)}
            index += 2
        elif kind == "days" and next_kind == "note" and following:
            result.notes.append((item.start, following.end))
            index += 2
        elif days_first and kind == "days" and next_kind == "times" and following:
            result.rows.append((_as_days(item), _as_times(following)))
            index += 2
        elif not days_first and kind == "times" and next_kind == "days" and following:
            result.rows.append((_as_days(following), _as_times(item)))
            index += 2
        else:
            raise NotUnderstood
    return result


def _pairable(items: list[Item]) -> list[Item]:
    """The items that say when it is open: not what stands with "closed"."""
    kept = []
    index = 0
    while index < len(items):
        kinds = [item.kind for item in items[index : index + 3]]
        if kinds[:2] in (["days", "closed"], ["closed", "days"]) and kinds[2:] != ["times"]:
            index += 2
            continue
        if kinds[:2] == ["days", "closed"] or kinds[0] in {"times", "days"}:
            kept.append(items[index])
        index += 1
    return kept


def _times_follow(items: list[Item], index: int) -> bool:
    return index < len(items) and items[index].kind == "times"


def _closing(items: list[Item], index: int, result: _Statements) -> int:
    """As "closed 12-1" is a break, "closed Sundays" no time at all; how many items it is made of."""
    following = items[index + 1] if index + 1 < len(items) else None
    if following and following.kind == "times":
        result.breaks += _as_times(following)
        return 2
    if following and following.kind == "days" and not _times_follow(items, index + 2):
        result.closed |= {day[-2:] for day in _as_days(following)}
        return 2
    raise NotUnderstood


def _as_days(item: Item) -> Days:
    return tuple(str(day) for day in item.value)


def _as_times(item: Item) -> Times:
    return tuple((int(pair[0]), int(pair[1])) for pair in item.value)


def _openings(statements: _Statements) -> tuple[Opening, ...]:
    rows = [(days, _without(times, statements.breaks)) for days, times in statements.rows]
    taken: dict[str, list[tuple[int, int]]] = {}
    grouped: dict[tuple[str, int, int], set[str]] = {}
    for days, times in rows:
        for day in days:
            if day[-2:] in statements.closed:
                raise NotUnderstood
            for start, end in times:
                if any(start < other_end and other < end for other, other_end in taken.get(day, ())):
                    raise NotUnderstood  # two statements about one day
                taken.setdefault(day, []).append((start, end))
                freq = "WEEKLY" if day in WEEK else "MONTHLY"
                grouped.setdefault((freq, start, end), set()).add(day)
    return tuple(
        Opening(freq, ",".join(sorted(days, key=_day_order)), clock(start), clock(end))
        for (freq, start, end), days in grouped.items()
    )


def _without(times: Times, breaks: list[tuple[int, int]]) -> Times:
    for start, end in breaks:
        parts: list[tuple[int, int]] = []
        found = False
        for opens, closes in times:
            if opens < start and end < closes:
                parts += [(opens, start), (end, closes)]
                found = True
            else:
                parts.append((opens, closes))
        if not found and not any(closes == start for _, closes in times):
            raise NotUnderstood
        times = tuple(parts)
    return times


def _day_order(day: str) -> tuple[int, int]:
    return WEEK.index(day[-2:]), int(day[:-2] or 0) % 7  # the last of a month after the others


def clock(minutes: int) -> str:
    """Minutes after midnight as ``HH:MM``; those of the next day as its time."""
    return f"{minutes % DAY // 60:02d}:{minutes % 60:02d}"
