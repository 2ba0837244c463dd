"""The form of primitive values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.validation import Validator
from footbridge.validation.rules.primitive_form import FORMS, form_of

GOOD = {
    "date": ["2024", "2024-02", "2024-02-29"],
    "dateTime": ["2024", "2024-02-29T23:59:60Z", "2024-02-29T10:00:00.123+14:00"],
    "instant": ["2024-02-29T10:00:00-05:00"],
    "time": ["10:00:00", "10:00:00.5"],
    "id": ["a-b.C", "x" * 64],
    "code": ["a", "a b"],
    "uri": ["urn:oid:1.2.3.4", "Patient/1", "urn:uuid:6f6d8a4e-1c1f-4b0e-9b53-0d2a1f3c4b5a"],
    "base64Binary": ["aGk=", "aG\nk="],
    "integer": [-2147483648, 2147483647],
    "positiveInt": [1],
    "unsignedInt": [0],
    "decimal": [1, 1.5, Decimal("1.50")],
    "boolean": [True, False],
    "string": ["a", "a\nb"],
}
BAD = {
    "date": ["2023-02-29", "2024-13", "2024-1-1", "0000", 2024, "2024-01-01T00:00:00Z"],
    "dateTime": ["2024-01-01T10:00", "2024-01-01T10:00:00", "2024-01-01T25:00:00Z", ""],
    "instant": ["2024-01-01", "2024-01-01T10:00:00"],
    "time": ["24:00:00", "10:00"],
    "id": ["", "x" * 65, "a_b", "a\n"],
    "code": ["", " a", "a  b", "a\n"],
    "uri": ["urn:oid:1.2.3", "", "a b", "urn:oid:9.1", "urn:uuid:123"],
    "base64Binary": ["a", "a-b=", ""],
    "integer": [2147483648, 1.0, "1", True],
    "positiveInt": [0],
    "unsignedInt": [-1],
    "decimal": ["1", True, float("nan"), Decimal("Infinity")],
    "boolean": ["true", 1, None],
    "string": ["", "  ", 1, "a\x00"],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, rows in GOOD.items() for value in rows])
def test_good_values_are_accepted(kind, value):
    assert form_of(kind).accepts(value)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, rows in BAD.items() for value in rows])
def test_bad_values_are_refused(kind, value):
    assert not form_of(kind).accepts(value)


@given(st.sampled_from(sorted(FORMS)), st.none() | st.text() | st.floats() | st.integers() | st.lists(st.text()))
def test_any_value_is_judged(kind, value):
    assert form_of(kind).accepts(value) in {True, False}


def test_the_message_never_tells_the_value(task):
    issues = list(Validator().validate(task | {"authoredOn": "Ann Roe"}))
    assert [issue.rule for issue in issues if issue.is_error] == ["structure.value"]
    assert all("Roe" not in issue.message for issue in issues)


def test_what_is_only_blank_is_a_warning(found, task):
    for blank in ("   ", "\t", "\n"):
        assert found(task | {"description": blank}) == set()
        assert ("structure.blank", "Task.description") in found(task | {"description": blank}, severity="warning")
        assert found(task | {"instantiatesUri": blank}) == set()
    assert found(task | {"description": ""}) == {("structure.value", "Task.description")}
    assert found(task | {"id": "  "}) == {("structure.value", "Task.id")}
