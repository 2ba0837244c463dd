"""Times are read and written in the time zone of the tenant's people, whoever serves the page."""

from datetime import UTC, date, datetime

import pytest

from footbridge.i18n import dates, speaking
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import set_timezone


def agreed(house, referral):
    """The time that is stored of the appointment of a referral."""
    from footbridge.referrals.appointments import appointments_of
    from footbridge.referrals.unit import read_unit
    from footbridge.store.referrals import get_referral

    with house.database.read() as connection:
        scope = Scope(connection, "north", house.clock.now())
        unit = read_unit(scope, get_referral(connection, "north", referral).prescription)
        return appointments_of(unit)[referral].start


@pytest.mark.parametrize(
    ("zone", "called", "start"),
    [
        (None, "Eastern Time", datetime(2026, 3, 9, 18, 30, tzinfo=UTC)),  # of the country: Canada
        ("America/Vancouver", "Pacific Time", datetime(2026, 3, 9, 21, 30, tzinfo=UTC)),
        ("UTC", "UTC", datetime(2026, 3, 9, 14, 30, tzinfo=UTC)),
    ],
)
def test_an_appointment_is_meant_in_the_zone_of_the_tenant_and_the_form_says_which(house, zone, called, start):
    with house.database.write() as connection:
        set_timezone(connection, "north", zone)
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    assert f"Time zone: {called}." in ana.get(f"/portal/referrals/{referral}/do/schedule").text
    assert ana.act(referral, "schedule", day="2026-03-09", time="14:30").status_code == 303
    assert agreed(house, referral) == start
    assert "9 March 2026, 14:30" in ana.get(f"/portal/referrals/{referral}").text
    assert called in ana.get("/portal/account").text


@pytest.mark.parametrize(
    ("language", "value", "words"),
    [
        ("en", date(2026, 11, 1), "1 November 2026"),
        ("fr", date(2026, 11, 1), "1er novembre 2026"),
        ("fr", date(2026, 11, 11), "11 novembre 2026"),
    ],
)
def test_a_day_is_written_as_people_write_it(language, value, words):
    with speaking(language):
        assert dates.day(value) == words
        at = datetime(value.year, value.month, value.day, 9, 5, tzinfo=UTC)
        assert dates.moment(at) == f"{words}, {'09:05' if language == 'en' else '09 h 05'}"
