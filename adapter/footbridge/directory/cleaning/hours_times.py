"""Which half of the day is meant: "9-5" is 9:00 to 17:00, "7-9" may be a morning or an evening and stays text."""

from footbridge.directory.cleaning.hours_words import Clock

DAY = 1440
_LONGEST_NIGHT = 14 * 60  # what ends on the next day and is longer is a typing error, "9am-5am"
_LONGEST_STAY = 18 * 60  # but that of a shelter for the night, "5pm-9am", which ends in the morning
_MORNING = 10 * 60
_EVENING = 15 * 60


def interval(first: Clock, last: Clock) -> tuple[int, int] | None:
    """Opening and closing in minutes after midnight, the closing over 1440 on the next day; None: not sure."""
    if not first.sure or not last.sure:
        pair = _inferred(first, last)
        if pair is None:
            return None
        start, end = pair
    else:
        start, end = first.minutes, last.minutes
    if start == DAY:
        start = 0
    if end in (0, DAY):
        return (start, DAY) if start else None
    if end > start:
        return start, end
    longest = _LONGEST_STAY if end <= _MORNING else _LONGEST_NIGHT
    if end == start or start < _EVENING or end + DAY - start > longest:
        return None
    return start, end + DAY


def _inferred(first: Clock, last: Clock) -> tuple[int, int] | None:
    if last.sure and last.meridiem:
        return _from_last(first, last)
    if last.sure:
        return _before_sure(first, last)
    if first.sure:
        return _after_sure(first, last)
    return _both_open(first.minutes % 720, last.minutes % 720, first.minutes, last.minutes)


def _from_last(first: Clock, last: Clock) -> tuple[int, int] | None:
    """As "11-4pm", "1-4pm": the same half where that comes before, else the other."""
    if last.minutes == 0:  # "5-12am": not sure
        return None
    hour = first.minutes % 720
    same = hour + (720 if last.meridiem == "p" else 0)
    if same < last.minutes:
        return same, last.minutes
    return (hour, last.minutes) if hour < last.minutes and last.meridiem == "p" else None


def _before_sure(first: Clock, last: Clock) -> tuple[int, int] | None:
    """As "9-noon", "8:30-16:30"."""
    if last.minutes == DAY:
        return None
    return (first.minutes, last.minutes) if first.minutes < last.minutes and first.minutes >= 300 else None


def _after_sure(first: Clock, last: Clock) -> tuple[int, int] | None:
    """As "9am-5", "noon-4", "08:30-4:30": the next time that the clock shows it."""
    hour = last.minutes % 720
    for candidate in (hour, hour + 720):
        if candidate > first.minutes:
            return first.minutes, candidate
    return None


def _both_open(start: int, end: int, first: int, last: int) -> tuple[int, int] | None:
    """No half is written: the usual reading of opening hours, where there is only one."""
    if start == 0:  # twelve is noon
        return (720, end + 720) if 0 < end < 720 else None
    if end == 0:
        return (start, 720) if start >= 420 else None
    if end < start:
        return (start, end + 720) if start >= 360 else None
    if end == start:
        return (start, end + 720) if 420 <= start <= 600 else None
    if start < 360 and first < 720 and last < 720:  # opens at one to five: in the afternoon
        return (start + 720, end + 720) if start >= 60 else None
    return None
