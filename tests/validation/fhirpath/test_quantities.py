"""Quantities and UCUM units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.validation.fhirpath import evaluate
from footbridge.validation.fhirpath.ucum import unit

T, F, NONE = [True], [False], []


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 'g' = 1000 'mg'", T), ("1 '[in_i]' = 2.54 'cm'", T), ("1 '[lb_av]' = 453.59237 'g'", T),
        ("1 'L' = 1 'dm3'", T), ("1 '10*3/uL' = 1 '10*9/L'", T), ("10 '%' = 0.1", T), ("1 'mmol/L' = 1 'mol/m3'", T),
        ("1 'g' = 1 's'", F), ("1 'g' < 1 's'", NONE), ("1 'g' = 1 'wat'", NONE), ("1 'wat' = 1 'wat'", T),
        ("7 days = 1 week", T), ("7 days = 1 'wk'", T), ("1 day = 24 hours", T), ("12 months = 1 year", T),
        ("1 month = 1 'mo'", NONE), ("1 month ~ 1 'mo'", T), ("30 days = 1 month", NONE), ("1 year > 1 'a'", NONE),
        ("4 'g' ~ 4040 'mg'", T), ("4 'g' = 4040 'mg'", F), ("98.6 '[degF]' < 37 'Cel'", NONE),
        ("2.0 'cm' * 2.0 'm' = 0.04 'm2'", T), ("4.0 'g' / 2.0 'm' = 2 'g/m'", T), ("1.0 'm' / 1.0 'm' = 1 '1'", T),
        ("2 * 3 'mg'", ["6 'mg'"]), ("3 'mg' / 2", ["1.5 'mg'"]), ("3 'mg' / 0 's'", NONE),
        ("1 'm' + 1 'cm'", ["101 'cm'"]), ("1 'm' - 1 's'", NONE), ("-(3 'mg')", ["-3 'mg'"]), ("(-3 'mg').abs()", ["3 'mg'"]),
        ("'4 days'.toQuantity()", ["4 days"]), ("'1.5 \\'mg\\''.toQuantity()", ["1.5 'mg'"]), ("'1 mg'.toQuantity()", NONE),
        ("1 'm'.toQuantity('cm')", ["100 'cm'"]), ("1 'm'.convertsToQuantity('s')", F),
        ("1.5 'g'.lowBoundary(2)", ["1.45 'g'"]), ("1 'cm'.comparable(1 '[in_i]')", T), ("1 'cm'.comparable(1 's')", F),
        ("1 'cm'.comparable('cm')", F),
    ],
)  # fmt: skip
def test_gives(expression, expected):
    assert evaluate(None, expression) == expected


def test_a_resources_quantity_is_compared_by_its_code():
    weight = {"value": 185, "unit": "lbs", "system": "http://unitsofmeasure.org", "code": "[lb_av]"}
    observation = {"resourceType": "Observation", "valueQuantity": weight}
    assert evaluate(observation, "value = 185 '[lb_av]' and value > 80 'kg' and value != 185 'kg'") == T
    assert evaluate(observation, "value") == [weight]
    observation["valueQuantity"]["comparator"] = "<"
    assert evaluate(observation, "value > 80 'kg'") == NONE


@pytest.mark.parametrize(
    "code", ["", "1", "{score}", "mg/dL", "m[Hg]", "10*3/uL", "/min", "kg.m/s2", "mL/min/{1.73_m2}"]
)
def test_known_units(code):
    assert unit(code) is not None


@pytest.mark.parametrize(
    "code", ["wat", "m/", "m//s", "(m", "m)", "m m", "m99999", "{open", "[nope]", "(" * 100, "x" * 500]
)
def test_unknown_units(code):
    assert unit(code) is None


def test_millimetres_of_mercury():
    assert unit("mm[Hg]").factor == Decimal("133322.0")
    assert unit("mm[Hg]").dimensions == (("g", 1), ("m", -1), ("s", -2))


@given(st.text(alphabet="mgsLkKdcu10*/.^-+{}[]()%'_ ", max_size=30))
def test_no_text_breaks_the_reader_of_units(code):
    unit(code)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("@2016-01-31 + 2 * 1 month", ["2016-03-31"]),
        ("@2016-01-31 + 1 month * 2", ["2016-03-31"]),
        ("@2016-01-31 - 2.0 * 1 month", ["2015-11-30"]),
        ("@2016-02-29 + 2 years / 2", ["2017-02-28"]),
        ("@2016-01-31 + 2 * (1 year + 1 month)", ["2018-03-31"]),
        ("@2016-01-31 + (2 * -1 month).abs()", ["2016-03-31"]),
        ("2 * 1 month = 2 months", [True]),
        ("1 month * 2 = 2 months", [True]),
        ("4 months / 2 = 2 months", [True]),
        ("2 * 1 month = 2 'mo'", []),
        ("2 * 1 'mo' = 2 'mo'", [True]),
    ],
)
def test_a_calendar_duration_times_a_number_stays_one(expression, expected):
    assert evaluate(None, expression) == expected
