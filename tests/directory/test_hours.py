"""Hours in words: what people write, and what a search for "open now" may believe."""

import pytest
from directory.hours_cases import ALL_CASES

from footbridge.directory.cleaning.hours_labels import parse_labelled
from footbridge.directory.cleaning.hours_text import parse_hours


@pytest.mark.parametrize(("text", "meaning"), ALL_CASES, ids=[text[:60] for text, _ in ALL_CASES])
def test_hours_in_words_mean_what_they_say_or_nothing(text, meaning):
    hours = parse_hours(text)
    got = None if hours is None else [f"{o.byday} {o.opens_at}-{o.closes_at}" for o in hours.openings]
    assert got == meaning


LABELLED = [
    ("HOURS: Mon-Thu 8:30am-4pm; DATES: Year round", ["MO,TU,WE,TH 08:30-16:00"]),
    ("HOURS: Mon-Thu 8:30am-4pm\nMEETINGS: first Tue of the month", ["MO,TU,WE,TH 08:30-16:00"]),
    ("MEETINGS: 1st Tue of the month 7pm-9pm; DATES: ongoing", ["1TU 19:00-21:00"]),
    ("Heures : lun-ven 9 h-16 h 30\nDates : toute l'année\nRéunions : le mardi", ["MO,TU,WE,TH,FR 09:00-16:30"]),
    ("HOURS: Mon-Thu 8:30am-4pm; DATES: Sep-Jun; MEETINGS: first Tue of the month", None),
    ("HOURS: Mon 9-5; HOURS: Tue 9-5", None),
    ("Call first. HOURS: Mon 9-5; DATES: year round", None),
    ("HOURS: whenever you like; DATES: year round", None),
    ("DATES: Sep-Jun", None),
]


@pytest.mark.parametrize(("text", "meaning"), LABELLED)
def test_hours_under_a_label_count_and_a_season_keeps_all_of_it_text(text, meaning):
    hours = parse_labelled(text)
    assert (None if hours is None else [f"{o.byday} {o.opens_at}-{o.closes_at}" for o in hours.openings]) == meaning
    for part in ("Year round", "first Tue", "ongoing", "le mardi"):
        assert hours is None or part not in text or part in hours.notes
