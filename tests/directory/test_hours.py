"""Hours in words: what people write, and what a search for "open now" may believe."""

import pytest
from directory.hours_cases import ALL_CASES

from footbridge.directory.cleaning.hours_text import parse_hours


@pytest.mark.parametrize(("text", "meaning"), ALL_CASES, ids=[text[:60] for text, _ in ALL_CASES])
def test_hours_in_words_mean_what_they_say_or_nothing(text, meaning):
    hours = parse_hours(text)
    got = None if hours is None else [f"{o.byday} {o.opens_at}-{o.closes_at}" for o in hours.openings]
    assert got == meaning
