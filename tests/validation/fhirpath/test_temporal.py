"""Dates, dateTimes, times: precision, offsets, arithmetic, boundaries, the clock."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.validation.fhirpath import Context, FHIRPathError, compile, evaluate  # noqa: A004 - the library's name
from footbridge.validation.fhirpath.temporal import compare, complete, parse_date_time

T, F, NONE = [True], [False], []


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("@2012 = @2012", T), ("@2012 = @2012-01", NONE), ("@2012 = @2013-01", F), ("@2012 ~ @2012-01", F),
        ("@2012-04-15 = @2012-04-15T10:00:00Z", NONE), ("@2012-04-15 = @2012-04-20T10:00:00Z", F),
        ("@2012-04-15T15:00:00+02:00 = @2012-04-15T16:00:00+03:00", T),
        ("@2012-04-15T15:00:00Z = @2012-04-15T10:00:00", NONE), ("@2012-04-15T15:00:00Z = @2012-04-17T10:00:00", F),
        ("@2012-04-15T15:30:31 = @2012-04-15T15:30:31.0", T), ("@T10:30 < @T10:31", T), ("@T10:30 = @T10:30:00", NONE),
        ("@2018-03 < @2018-03-01", NONE), ("@2018-02 < @2018-03-01", T), ("@2018-03-01T10:30 > @2018-03-01T10:30:00", NONE),
        ("@2012-04-15T15:00:00Z < @2012-04-15T16:00:00", NONE), ("@2012-04-15T15:00:00Z < @2012-04-17T15:00:00", T),
        ("@2012-01-31 + 1 month", ["2012-02-29"]), ("@2012-02-29 + 1 year", ["2013-02-28"]),
        ("@2012 + 23 months", ["2013"]), ("@2012-01-01 + 23 hours", ["2012-01-01"]), ("@2012-01-01 + 49 hours", ["2012-01-03"]),
        ("@2012-01-01 - 1 'd'", ["2011-12-31"]), ("@2012-12-31T23:59:59Z + 1 second", ["2013-01-01T00:00:00Z"]),
        ("@2012-01-01T10:00:00.000Z + 10 'ms'", ["2012-01-01T10:00:00.010Z"]), ("@T23:30 + 1 hour", ["00:30"]),
        ("@9999-12-31 + 1 day", NONE), ("@0001-01-01 - 1 year", NONE),
    ],
)  # fmt: skip
def test_gives(expression, expected):
    assert evaluate(None, expression) == expected


@pytest.mark.parametrize("unit", ["'a'", "'mo'", "'cm'", "'mg'"])
def test_a_date_moves_by_calendar_durations_alone(unit):
    with pytest.raises(FHIRPathError) as refused:
        evaluate(None, f"@2012-01-01 + 1 {unit}")
    assert refused.value.kind == "execution"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("@2014.lowBoundary(6)", "2014-01"), ("@2014.highBoundary()", "2014-12-31"), ("@2015-02.highBoundary()", "2015-02-28"),
        ("@2014-01-01T08:05+08:00.lowBoundary(17)", "2014-01-01T08:05:00.000+08:00"),
        ("@2014-01-01T08:05.highBoundary(17)", "2014-01-01T08:05:59.999-12:00"),
        ("@2014-01-01.lowBoundary(17)", "2014-01-01T00:00:00.000+14:00"),
        ("@2014-01-01T08:05:30.5Z.lowBoundary(8)", "2014-01-01"),
        ("@2014-01-01T08:05:25Z.highBoundary(17)", "2014-01-01T08:05:25.999Z"), ("@T10:30:20.5.highBoundary()", "10:30:20.599"),
        ("@2014-01-01T08:05:25Z.lowBoundary(17)", "2014-01-01T08:05:25.000Z"), ("@T10:30.highBoundary(9)", "10:30:59.999"), ("@T10:30.lowBoundary(6)", "10:30:00"),
    ],
)  # fmt: skip
def test_boundaries(expression, expected):
    assert evaluate(None, expression) == [expected]


def test_boundaries_beyond_any_precision_are_empty():
    assert evaluate(None, "@2014.lowBoundary(20)") == []
    assert evaluate(None, "@T10.highBoundary(17)") == []


def test_precision_counts_digits():
    asked = (
        "@2014.precision() | @2014-01.precision() | @2014-01-05T10:30:00.000.precision() | @T10:30:00.000.precision()"
    )
    assert evaluate(None, asked) == [4, 6, 17, 9]


def test_the_clock_stands_still_in_one_evaluation_and_can_be_set():
    context = Context(now=datetime(2026, 3, 1, 9, 30, 5, 250_000, tzinfo=UTC))
    shown = compile("now().toString() & ' ' & today().toString() & ' ' & timeOfDay().toString()")
    assert shown.evaluate((), context) == ["2026-03-01T09:30:05.250Z 2026-03-01 09:30:05.250"]
    assert evaluate(None, "now() = now() and timeOfDay() = timeOfDay()") == T


texts = st.from_regex(r"(19|20)\d{2}(-(0[1-9]|1[0-2])(-(0[1-9]|1\d|2[0-8])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-](0\d|1[0-3]):[0-5]\d)?)?)?)?", fullmatch=True)  # fmt: skip


@given(texts)
def test_what_is_read_is_written_the_same(text):
    written = parse_date_time(text).text()
    assert parse_date_time(written) == parse_date_time(text)


@given(texts, texts)
def test_order_is_antisymmetric_and_boundaries_enclose(left, right):
    one, other = parse_date_time(left), parse_date_time(right)
    order, reverse = compare(one, other), compare(other, one)
    assert (order is None) == (reverse is None)
    assert order is None or order == -reverse
    low, high = complete(one, high=False), complete(one, high=True)
    assert compare(low, high) in {-1, 0}
