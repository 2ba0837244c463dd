"""Comparison of JSON values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.validation.rules.equality import fits, same

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_every_value_is_the_same_as_itself_and_fits_itself(value):
    assert same(value, value)
    assert fits(value, value)


@pytest.mark.parametrize(
    ("left", "right", "equal"), [(1, Decimal("1.0"), False), (1, 1.0, True), (True, 1, False), (1.5, 1.5, True)]
)
def test_numbers_compare_by_value_and_booleans_are_none(left, right, equal):
    assert same(left, right) is equal


def test_rows_of_a_pattern_fit_in_any_order():
    assert fits([{"a": 1}, {"b": 2, "c": 3}], [{"b": 2}])
    assert not fits([{"a": 1}], [{"b": 2}])
