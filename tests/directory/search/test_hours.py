"""Whether a service is open at a moment, by its HSDS schedules."""

from datetime import datetime

import pytest

from footbridge.directory.search.hours import Moment, is_open, rules_of


def weekly(days: str, opens: str, closes: str, **more: object) -> dict[str, object]:
    return {"freq": "WEEKLY", "byday": days, "opens_at": opens, "closes_at": closes, **more}


# 2 March 2026 is a Monday, the first of its month; 9 March the second, 30 March the fifth and last.
CASES = [
    (weekly("MO,TU", "09:00", "17:00"), "2026-03-02 09:00", True),
    (weekly("MO,TU", "09:00", "17:00"), "2026-03-02 08:59", False),
    (weekly("MO,TU", "09:00", "17:00"), "2026-03-02 16:59", True),
    (weekly("MO,TU", "09:00", "17:00"), "2026-03-02 17:00", False),
    (weekly("MO,TU", "09:00", "17:00"), "2026-03-04 10:00", False),
    (weekly("MO", "22:00", "06:00"), "2026-03-02 23:00", True),
    (weekly("MO", "22:00", "06:00"), "2026-03-03 05:59", True),
    (weekly("MO", "22:00", "06:00"), "2026-03-03 06:00", False),
    (weekly("MO", "22:00", "06:00"), "2026-03-02 05:00", False),
    (weekly("SU", "22:00", "06:00"), "2026-03-02 05:00", True),
    (weekly("MO,TU,WE,TH,FR,SA,SU", "00:00", "00:00"), "2026-03-02 00:00", True),
    (weekly("MO,TU,WE,TH,FR,SA,SU", "00:00", "24:00"), "2026-03-02 23:59", True),
    (weekly("MO", "09:00", "24:00"), "2026-03-03 00:00", False),
    (weekly("MO", "09:00", "17:00", valid_from="2026-03-03"), "2026-03-02 10:00", False),
    (weekly("MO", "09:00", "17:00", valid_from="2026-03-03"), "2026-03-09 10:00", True),
    (weekly("MO", "09:00", "17:00", valid_to="2026-03-02"), "2026-03-02 10:00", True),
    (weekly("MO", "09:00", "17:00", valid_to="2026-03-02"), "2026-03-09 10:00", False),
    (weekly("MO", "22:00", "06:00", valid_to="2026-03-02"), "2026-03-03 03:00", True),
    ({"freq": "MONTHLY", "byday": "2MO", "opens_at": "09:00", "closes_at": "12:00"}, "2026-03-09 10:00", True),
    ({"freq": "MONTHLY", "byday": "2MO", "opens_at": "09:00", "closes_at": "12:00"}, "2026-03-02 10:00", False),
    ({"freq": "MONTHLY", "byday": "-1MO", "opens_at": "09:00", "closes_at": "12:00"}, "2026-03-30 10:00", True),
    ({"freq": "MONTHLY", "byday": "-1MO", "opens_at": "09:00", "closes_at": "12:00"}, "2026-03-23 10:00", False),
    ({"freq": "MONTHLY", "byday": "1MO,3MO", "opens_at": "09:00", "closes_at": "12:00"}, "2026-03-16 10:00", True),
    ({"freq": "MONTHLY", "byday": "1MO", "opens_at": "20:00", "closes_at": "02:00"}, "2026-03-03 01:00", True),
    ({"freq": "MONTHLY", "bymonthday": "2,15", "opens_at": "09:00", "closes_at": "12:00"}, "2026-03-15 10:00", True),
    ({"freq": "MONTHLY", "bymonthday": "2,15", "opens_at": "09:00", "closes_at": "12:00"}, "2026-03-16 10:00", False),
]


@pytest.mark.parametrize(("schedule", "at", "expected"), CASES)
def test_open(schedule: dict[str, object], at: str, expected: bool):
    rules, complete = rules_of([schedule])
    assert complete
    assert is_open(rules, Moment.of(datetime.fromisoformat(at))) is expected


@pytest.mark.parametrize(
    "schedule",
    [
        {"description": "By appointment"},
        weekly("MO", "09:00", "17:00", interval=2),
        {"freq": "MONTHLY", "byday": "MO", "opens_at": "09:00", "closes_at": "12:00"},
        {"freq": "MONTHLY", "bymonthday": "-1", "opens_at": "09:00", "closes_at": "12:00"},
        weekly("MO", "noon", "17:00"),
        weekly("", "09:00", "17:00"),
    ],
)
def test_what_cannot_be_placed_is_unknown(schedule: dict[str, object]):
    assert rules_of([schedule]) == ([], False)


def test_one_that_cannot_be_placed_leaves_the_others_incomplete():
    rules, complete = rules_of([weekly("MO", "09:00", "17:00"), {"description": "and by appointment"}])
    assert len(rules) == 1
    assert not complete
