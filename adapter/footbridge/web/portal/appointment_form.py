"""The day and the time of an appointment: what cannot be meant is asked again, at its field."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from footbridge.i18n import _, spoken
from footbridge.web.portal import forms
from footbridge.web.portal.forms import Field

FARTHEST: Final = timedelta(days=366)
"""How far ahead an appointment can be: further is a wrong year."""


def start_of(day: str, time: str, zone: tzinfo) -> datetime:
    """When it begins, in the zone; of a time that the clocks show twice the first one."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone)


def can_be_meant(fields: Sequence[Field], now: datetime, zone: tzinfo) -> bool:
    """Whether the day and the time can be meant; else the field that is wrong says so.

    Wrong are a day that has passed, one more than a year ahead, and a time that the clocks jump over.
    """
    known = forms.by_name(fields)
    day, time = known["day"], known["time"]
    if day.error or time.error:
        return False
    start, today = start_of(day.value, time.value, zone), now.astimezone(zone).date()
    if start.date() < today:
        day.error = spoken(_("This day has passed. Enter the day of the appointment."))
    elif start.date() > today + FARTHEST:
        day.error = spoken(_("This is more than a year ahead: check the year."))
    elif start.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != start.replace(tzinfo=None):
        time.error = spoken(_("There is no such time on that day: the clocks go forward. Enter another time."))
    return not (day.error or time.error)
