"""Days and times in words, in the language that is spoken, as people of Canada write them: 1 November, 1er novembre.

Source of the French forms: https://www.noslangues-ourlanguages.gc.ca/en/writing-tips-plus/ (Translation Bureau): the
first day of a month is ``1er``, and an hour is written ``14 h 30``.
"""

from datetime import date, datetime, time

from babel.dates import format_date, format_datetime, format_time

from footbridge.i18n.current import current

LOCALES = {"en": "en_CA", "fr": "fr_CA"}
"""The locale of Babel for each language."""


def day(value: date) -> str:
    """A day: 7 November 2026."""
    return str(format_date(value, _day(value), locale=LOCALES[current()]))


def moment(value: datetime, *, weekday: bool = False) -> str:
    """A day and a time, as its own zone has them; ``weekday``: with the day of the week before it."""
    hours = "HH:mm" if current() == "en" else "HH 'h' mm"
    form = f"{'EEEE ' if weekday else ''}{_day(value)}, {hours}"
    return str(format_datetime(value, form, locale=LOCALES[current()]))


def clock(value: time) -> str:
    """A time of day: 9:30 is 09:30, in French 9 h 30."""
    return str(format_time(value, "HH:mm" if current() == "en" else "H 'h' mm", locale=LOCALES[current()]))


def _day(value: date) -> str:
    return "d'er' MMMM y" if current() == "fr" and value.day == 1 else "d MMMM y"
