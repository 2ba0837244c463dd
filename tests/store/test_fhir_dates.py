"""FHIR dates as ranges."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.store.fhir_dates import span, stamp


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01T00:00:00.000000Z", "2026-12-31T23:59:59.999999Z"),
        ("2024-02", "2024-02-01T00:00:00.000000Z", "2024-02-29T23:59:59.999999Z"),
        ("2026-12", "2026-12-01T00:00:00.000000Z", "2026-12-31T23:59:59.999999Z"),
        ("2026-03-02", "2026-03-02T00:00:00.000000Z", "2026-03-02T23:59:59.999999Z"),
        ("2026-03-02T12:30Z", "2026-03-02T12:30:00.000000Z", "2026-03-02T12:30:59.999999Z"),
        ("2026-03-02T12:30:05", "2026-03-02T12:30:05.000000Z", "2026-03-02T12:30:05.999999Z"),
        ("2026-03-02T12:30:05.25-05:00", "2026-03-02T17:30:05.250000Z", "2026-03-02T17:30:05.250000Z"),
        ("2026-03-02T12:30:05 02:00", "2026-03-02T10:30:05.000000Z", "2026-03-02T10:30:05.999999Z"),
        ("9999", "9999-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"),
        ("9999-12", "9999-12-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_range(text: str, first: str, last: str):
    found = span(text)
    assert (stamp(found.first), stamp(found.last)) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-02-30", "2026-03-02T25:00Z", "today", "2026-03-02T12", "٢٠٢٦"]
)
def test_what_is_no_date_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - that is all it promises
        span(text)


MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_stamps_sort_as_time_does(one: datetime, other: datetime):
    assert (stamp(one) < stamp(other)) == (one < other)
    assert span(stamp(one)).first == span(stamp(one)).last == one
