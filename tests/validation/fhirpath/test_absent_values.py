"""Primitives with extensions alone have no value: what asks for one gives empty, and never fails.

https://hl7.org/fhir/R4/fhirpath.html#types
"""

import pytest

from footbridge.validation.fhirpath import evaluate

ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}
OBSERVATION = {
    "resourceType": "Observation",
    "component": [
        {"_valueInteger": ABSENT},
        {"_valueString": ABSENT},
        {"_valueBoolean": ABSENT},
        {"_valueDateTime": ABSENT},
        {"_valueTime": ABSENT},
        {"valueSampledData": {"_period": ABSENT}},
        {"valueQuantity": {"unit": "mg"}},
        {"valueQuantity": {"value": 3, "comparator": "<", "code": "mg"}},
    ],
}  # fmt: skip
INTEGER, STRING, BOOLEAN, DATE_TIME, TIME = (f"component[{at}].value" for at in range(5))
DECIMAL = "component[5].value.period"
QUANTITIES = ("component[6].value", "component[7].value")


def of(expression):
    return evaluate(OBSERVATION, expression)


@pytest.mark.parametrize("number", [INTEGER, DECIMAL])
@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "div", "mod", "<", ">", "<=", ">="])
def test_an_operator_on_an_absent_number_is_empty(number, sign):
    assert [of(f"{number} {sign} 2"), of(f"2 {sign} {number}"), of(f"{number} {sign} {number}")] == [[], [], []]


@pytest.mark.parametrize("number", [INTEGER, DECIMAL])
@pytest.mark.parametrize(
    "expression",
    [
        "-{}", "+{}", "{}.abs()", "{}.ceiling()", "{}.floor()", "{}.truncate()", "{}.round()", "{}.round(1)", "{}.sqrt()",
        "{}.exp()", "{}.ln()", "{}.log(2)", "2.log({})", "{}.power(2)", "2.power({})", "{}.lowBoundary()",
        "{}.highBoundary()", "{}.lowBoundary(3)", "{}.precision()", "{}.toString()", "{}.toDecimal()", "{}.toQuantity()",
        "'abc'.substring({})", "(1 | 2).skip({})", "(1 | 2).take({})", "(1 | 2)[{}]",
    ],
)  # fmt: skip
def test_mathematics_of_an_absent_number_is_empty(number, expression):
    assert of(expression.format(number)) == []


@pytest.mark.parametrize(
    "expression",
    [
        "{} + 'a'", "'a' + {}", "{} < 'a'", "{}.indexOf('a')", "{}.lastIndexOf('a')", "{}.substring(0)",
        "{}.startsWith('a')", "{}.endsWith('a')", "{}.contains('a')", "{}.upper()", "{}.lower()", "{}.replace('a', 'b')",
        "{}.matches('a')", "{}.matchesFull('a')", "{}.replaceMatches('a', 'b')", "{}.length()", "{}.toChars()",
        "{}.trim()", "{}.split(',')", "{}.encode('hex')", "{}.decode('hex')", "{}.escape('html')", "{}.unescape('html')",
        "'a'.indexOf({})", "'a'.split({})", "'a'.replace('a', {})",
    ],
)  # fmt: skip
def test_string_functions_of_an_absent_string_are_empty(expression):
    assert of(expression.format(STRING)) == []


@pytest.mark.parametrize("moment", [DATE_TIME, TIME])
@pytest.mark.parametrize(
    "expression",
    ["{} + 1 hour", "{} - 1 hour", "{}.lowBoundary()", "{}.highBoundary()", "{}.precision()", "{} < now()"],
)
def test_absent_dates_and_times_are_empty(moment, expression):
    assert of(expression.format(moment)) == []


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize(
    "expression",
    ["{} + 1 'mg'", "1 'mg' - {}", "{} * 2", "2 * {}", "{} / 2", "-{}", "{}.abs()", "{}.lowBoundary()", "{} < 1 'mg'"],
)
def test_a_quantity_without_a_plain_number_is_empty(quantity, expression):
    assert of(expression.format(quantity)) == []


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{}.not()", []), ("{} and true", []), ("{} and false", [False]), ("{} or true", [True]), ("{} or false", []),
        ("{} implies false", []), ("{} xor true", []), ("iif({}, 1, 2)", [2]), ("{}.allTrue()", [False]),
        ("{}.anyTrue()", [False]), ("{}.allFalse()", [False]), ("{}.anyFalse()", [False]), ("{}.exists()", [True]),
        ("{}.hasValue()", [False]),
    ],
)  # fmt: skip
def test_an_absent_boolean_is_neither_true_nor_false(expression, expected):
    assert of(expression.format(BOOLEAN)) == expected
