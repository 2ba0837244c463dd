"""Waits stay within their bounds and honour what a partner asks for."""

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.jobs.retry import MAX_RETRY_AFTER, Backoff

BACKOFF = Backoff(first=timedelta(seconds=2), cap=timedelta(hours=1))


@given(st.integers(1, 10_000), st.integers())
def test_a_wait_lies_between_nothing_and_the_capped_power_of_two(failures, seed):
    wait = BACKOFF.wait(failures, retry_after=None, chance=random.Random(seed))
    assert timedelta(0) < wait <= BACKOFF.bound(failures) <= BACKOFF.cap


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2), (2, 4), (5, 32), (11, 2048), (12, 3600), (1000, 3600)])
def test_bounds_double_up_to_the_cap(failures, seconds):
    assert BACKOFF.bound(failures) == timedelta(seconds=seconds)


@given(st.integers(1, 50), st.floats(0.001, 1e9), st.integers())
def test_a_partner_is_not_asked_before_the_time_that_it_named_up_to_a_day(failures, retry_after, seed):
    wait = BACKOFF.wait(failures, retry_after=retry_after, chance=random.Random(seed))
    assert wait >= timedelta(seconds=min(retry_after, MAX_RETRY_AFTER.total_seconds()))
    assert wait <= max(MAX_RETRY_AFTER, BACKOFF.cap)


@pytest.mark.parametrize("nonsense", [0.0, -5.0, math.nan, -math.inf])
def test_a_retry_after_without_sense_is_ignored(nonsense):
    assert BACKOFF.wait(1, retry_after=nonsense, chance=random.Random(1)) <= timedelta(seconds=2)


def test_a_retry_after_without_end_is_a_day():
    assert BACKOFF.wait(1, retry_after=math.inf, chance=random.Random(1)) == MAX_RETRY_AFTER
