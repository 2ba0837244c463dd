"""Operators: equality, order, arithmetic, logic with an unknown third value."""

from decimal import Decimal

import pytest

from footbridge.validation.fhirpath import FHIRPathError, evaluate

T, F, NONE = [True], [False], []


def of(expression, resource=None):
    return evaluate(resource, expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 = 1.0", T), ("1 = '1'", F), ("{} = 1", NONE), ("(1 | 2) = (2 | 1)", F), ("(1 | 2) ~ (2 | 1)", T),
        ("'a' ~ 'A'", T), ("'a  b' ~ 'A b'", T), ("{} ~ {}", T), ("{} !~ 1", T), ("1.10 ~ 1.1", T), ("1.2 / 1.8 ~ 0.67", T),
        ("true = 1", F), ("1 != 2", T), ("{} != 1", NONE),
        ("1 < 2.5", T), ("'a' < 'b'", T), ("{} < 1", NONE), ("2 >= 2", T),
        ("1 in (1 | 2)", T), ("{} in (1 | 2)", NONE), ("3 in {}", F), ("(1 | 2) contains 2", T), ("{} contains 1", F),
        ("1 / 2", [Decimal("0.5")]), ("1 / 0", NONE), ("5 div 2", [2]), ("-5 div 2", [-2]), ("5 div 0", NONE),
        ("5.5 mod 2", [Decimal("1.5")]), ("5 mod 0", NONE), ("0.1 + 0.2", [Decimal("0.3")]), ("'a' + {}", NONE),
        ("'a' & {}", ["a"]), ("'a' + 'b'", ["ab"]), ("2147483647 + 1", [2147483648]),
    ],
)  # fmt: skip
def test_gives(expression, expected):
    assert of(expression) == expected


TABLE = {
    "and": {"TT": T, "TF": F, "TN": NONE, "FT": F, "FF": F, "FN": F, "NT": NONE, "NF": F, "NN": NONE},
    "or": {"TT": T, "TF": T, "TN": T, "FT": T, "FF": F, "FN": NONE, "NT": T, "NF": NONE, "NN": NONE},
    "xor": {"TT": F, "TF": T, "TN": NONE, "FT": T, "FF": F, "FN": NONE, "NT": NONE, "NF": NONE, "NN": NONE},
    "implies": {"TT": T, "TF": F, "TN": NONE, "FT": T, "FF": T, "FN": T, "NT": T, "NF": NONE, "NN": NONE},
}


@pytest.mark.parametrize("operator", TABLE)
def test_truth_tables(operator):
    words = {"T": "true", "F": "false", "N": "{}"}
    got = {key: of(f"{words[key[0]]} {operator} {words[key[1]]}") for key in TABLE[operator]}
    assert got == TABLE[operator]


def test_a_single_item_that_is_no_boolean_counts_as_true():
    assert of("'x' and true") == T
    assert of("1.not()") == F


@pytest.mark.parametrize(
    "expression",
    ["1 < 'a'", "(1 | 2) < 3", "1 + 'a'", "-'a'", "'a' * 2", "(1 | 2) and true", "1 & 'a'", "(1 | 2) in 1"],
)
def test_values_that_do_not_go_together(expression):
    with pytest.raises(FHIRPathError) as refused:
        of(expression)
    assert refused.value.kind == "execution"


def test_complex_values_are_equal_by_their_content(patient):
    assert of("name = name", patient) == T
    assert of("name.first() = name.last()", patient) == F
    assert of("(name | name).count()", patient) == [2]
    patient["name"] = [{"use": "usual", "family": "A"}, {"family": "A", "use": "usual"}]
    assert of("name.isDistinct()", patient) == F


def test_numbers_out_of_range_are_an_error_and_no_crash():
    for expression in ["10.power(100000)", "9.9.power(999).power(999)", "1000000.exp()"]:
        with pytest.raises(FHIRPathError):
            of(expression)
