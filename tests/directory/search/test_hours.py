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


# Members of RFC 5545 that HSDS has: the first and last time, how often.
CASES += [
    (weekly("MO", "09:00", "17:00", until="2026-03-02"), "2026-03-02 10:00", True),
    (weekly("MO", "09:00", "17:00", until="2026-03-02"), "2026-03-09 10:00", False),
    (weekly("MO", "09:00", "17:00", until="2026-03-02", valid_to="2026-12-31"), "2026-03-09 10:00", False),
    (weekly("MO", "09:00", "17:00", dtstart="2026-03-09"), "2026-03-02 10:00", False),
    (weekly("MO", "09:00", "17:00", dtstart="2026-03-02", count=2), "2026-03-09 10:00", True),
    (weekly("MO", "09:00", "17:00", dtstart="2026-03-02", count=2), "2026-03-16 10:00", False),
    (weekly("MO,WE", "09:00", "17:00", dtstart="2026-03-02", count="3"), "2026-03-09 10:00", True),
    (weekly("MO,WE", "09:00", "17:00", dtstart="2026-03-02", count="3"), "2026-03-11 10:00", False),
    (weekly("MO", "09:00", "17:00", dtstart="2026-03-04", interval=2), "2026-03-02 10:00", False),
    (weekly("MO", "09:00", "17:00", dtstart="2026-03-02", interval=2), "2026-03-09 10:00", False),
    (weekly("MO", "09:00", "17:00", dtstart="2026-03-02", interval="2"), "2026-03-16 10:00", True),
    (weekly("WE", "09:00", "17:00", dtstart="2026-03-06", interval=2), "2026-03-11 10:00", False),
    (weekly("WE", "09:00", "17:00", dtstart="2026-03-06", interval=2), "2026-03-18 10:00", True),
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
        weekly("MO", "09:00", "09:00"),
        weekly("MO", "09:00", "17:00", count=3),
        weekly("MO", "09:00", "17:00", byweekno="12"),
        {"freq": "MONTHLY", "byday": "1FR", "bymonthday": "13", "opens_at": "09:00", "closes_at": "12:00"},
    ],
)
def test_what_cannot_be_placed_is_unknown(schedule: dict[str, object]):
    assert rules_of([schedule]) == ([], False)


CHRISTMAS = {"valid_from": "2026-12-25", "valid_to": "2026-12-25"}  # a Friday
WEEKDAYS = weekly("MO,TU,WE,TH,FR", "09:00", "17:00")
NIGHTS = weekly("MO,TU,WE,TH,FR,SA,SU", "20:00", "08:00")
SAID = weekly("MO,TU,WE,TH,FR", "09:00", "17:00", notes="closed on statutory holidays")
FRENCH = weekly("MO,TU,WE,TH,FR", "09:00", "17:00", description="Lun-ven 9 h à 17 h, fermé les jours fériés")


@pytest.mark.parametrize(
    ("schedules", "at", "expected"),
    [
        ([WEEKDAYS, {**CHRISTMAS, "description": "Closed"}], "2026-12-25 10:00", False),
        ([WEEKDAYS, {**CHRISTMAS, "description": "Fermé"}], "2026-12-25 10:00", False),
        ([WEEKDAYS, {**CHRISTMAS, "description": "Closed"}], "2026-12-24 10:00", True),
        ([NIGHTS, {**CHRISTMAS, "description": "Closed"}], "2026-12-25 07:00", True),  # the night of the 24th
        ([NIGHTS, {**CHRISTMAS, "description": "Closed"}], "2026-12-25 21:00", False),
        ([NIGHTS, {**CHRISTMAS, "description": "Closed"}], "2026-12-26 07:00", False),
        ([WEEKDAYS, {**CHRISTMAS, "opens_at": "10:00", "closes_at": "12:00"}], "2026-12-25 11:00", True),
        ([WEEKDAYS, {**CHRISTMAS, "opens_at": "10:00", "closes_at": "12:00"}], "2026-12-25 14:00", False),
        ([WEEKDAYS, weekly("FR", "10:00", "12:00", **CHRISTMAS)], "2026-12-25 14:00", False),
        ([WEEKDAYS, {**CHRISTMAS, "valid_to": "2027-01-03", "opens_at": "10:00", "closes_at": "12:00"}],
         "2026-12-30 14:00", False),
        ([SAID], "2026-12-25 10:00", False),
        ([SAID], "2026-02-16 10:00", False),  # Family Day in Ontario
        ([SAID], "2026-04-03 10:00", False),  # Good Friday
        ([SAID], "2026-05-18 10:00", False),  # Victoria Day
        ([SAID], "2026-11-11 10:00", True),  # no holiday in Ontario
        ([SAID], "2026-12-24 10:00", True),
        ([FRENCH], "2026-07-01 10:00", False),
        ([WEEKDAYS], "2026-12-25 10:00", True),
    ],
)  # fmt: skip
def test_exceptions_and_holidays_of_the_record(schedules: list[dict[str, object]], at: str, expected: bool):
    rules, complete = rules_of(schedules, "CA-ON")
    assert complete
    assert is_open(rules, Moment.of(datetime.fromisoformat(at))) is expected


@pytest.mark.parametrize(
    ("region", "at", "expected"),
    [
        ("CA-QC", "2026-06-24", False),
        ("CA-ON", "2026-06-24", True),
        ("", "2026-06-24", True),
        ("", "2026-09-07", False),
        ("US-NY", "2026-11-26", False),
        ("GB-ENG", "2026-04-06", False),
    ],
)
def test_holidays_are_those_of_the_region(region: str, at: str, expected: bool):
    rules, _ = rules_of([SAID], region)
    assert is_open(rules, Moment.of(datetime.fromisoformat(f"{at} 10:00"))) is expected


def test_one_that_cannot_be_placed_leaves_the_others_incomplete():
    rules, complete = rules_of([weekly("MO", "09:00", "17:00"), {"description": "and by appointment"}])
    assert len(rules) == 1
    assert not complete
