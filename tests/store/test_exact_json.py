"""JSON goes in and comes out with every digit of its numbers."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.store.exact_json import dumps, loads

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: str(number).replace("E", "e"))


@pytest.mark.parametrize("number", ["1.10", "0.00", "-0.0", "12345678901234567890", "1.000000000000000000001", "3e2"])
def test_digits_are_kept(number: str):
    text = f'{{"value":{number},"list":[{number}, {number} ],"at":"2026-03-02T12:00:01.5Z","last":{number}\n}}'
    assert json.loads(dumps(loads(text)), parse_float=str, parse_int=str) == json.loads(
        text.replace("3e2", "3E+2"), parse_float=str, parse_int=str
    )


@given(NUMBERS)
def test_any_decimal_keeps_its_value_and_precision(number: str):
    text = f"[{number}]"
    again = json.loads(dumps(loads(text)), parse_float=Decimal, parse_int=Decimal)[0]
    assert again.as_tuple() == Decimal(number).as_tuple()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_everything_else_is_as_the_standard_library_has_it(value):
    assert loads(json.dumps(value)) == value
    assert json.loads(dumps(value)) == value


def test_order_of_members_is_kept():
    assert dumps(loads('{"b": 1, "a": 2.50}')) == '{"b":1,"a":2.50}'


@pytest.mark.parametrize(
    "text", ["", "{", "[NaN]", '{"a": NaN, "b": 1.5}', "[1.5, Infinity]", "[01.5]", '["\\ud800", 1.5]']
)
def test_what_is_not_json_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - that is all it promises
        loads(text)


def test_what_has_no_json_form_is_refused():
    with pytest.raises(TypeError):
        dumps([Decimal("NaN")])
