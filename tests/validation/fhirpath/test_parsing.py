"""Lexer and parser: precedence, literals, refusals."""

from decimal import Decimal

import pytest

from footbridge.validation.fhirpath import FHIRPathError, compile, evaluate  # noqa: A004 - the library's name
from footbridge.validation.fhirpath.parser import MAX_DEPTH


def values(expression):
    return evaluate(None, expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-1 + 3", 2),
        ("2 - 3 - 4", -5),
        ("1 | 2 = 1 | 2", True),
        ("true or false and false", True),
        ("false implies false implies false", False),
        ("1 < 2 = true", True),
        ("'a' & 'b' = 'ab'", True),
        ("1 is Integer and 1.0 is Decimal", True),
        ("7 div 2 + 7 mod 2", 4),
        ("1.5", Decimal("1.5")),
        ("2 /* in */ + // to the end\n 2", 4),
        (r"'\'\\\/\n\t\u0041\`'", "'\\/\n\tA`"),
        ("4 days", "4 days"),
        ("4.5 'mg'", "4.5 'mg'"),
        ("@2015-02-04T14:34:28.123+10:00", "2015-02-04T14:34:28.123+10:00"),
        ("@2015T", "2015"),
        ("@T14:34", "14:34"),
    ],
)
def test_reads(expression, expected):
    assert values(expression) == [expected]


def test_words_of_operators_name_elements():
    rule = {"resourceType": "ValueSet", "expansion": {"contains": [{"code": "a"}]}}
    assert evaluate(rule, "expansion.contains.code") == ["a"]
    assert evaluate(rule, "expansion.`contains`.code contains 'a'") == [True]


@pytest.mark.parametrize(
    "expression",
    ["", "1 +", "(1", "a.", "a..b", "a[1", "'open", "`open", "$here", "a.$this", "{1}", "1 2", r"'\x'", "a b",
     "@2015-13", "@2015-02-30", "@T25", "/* open", "#", "f(1,)", "%", "1 is", "where(1", "9" * 31],
)  # fmt: skip
def test_refuses_what_is_no_fhirpath(expression):
    with pytest.raises(FHIRPathError) as refused:
        compile(expression)
    assert refused.value.kind == "syntax"


def test_says_where_it_went_wrong():
    with pytest.raises(FHIRPathError, match="at character 12") as refused:
        compile("name.first(")
    assert refused.value.position == 11


def test_depth_is_limited():
    deep = "(" * MAX_DEPTH * 2 + "1" + ")" * MAX_DEPTH * 2
    with pytest.raises(FHIRPathError, match="deeper"):
        compile(deep)
    nested = "name" + ".where(given" * 500 + ")" * 500
    with pytest.raises(FHIRPathError, match="deeper"):
        compile(nested)


def test_long_chains_are_no_depth():
    assert values(" or ".join(["false"] * 3000) + " or true") == [True]
    assert values("1" + ".first()" * 3000) == [1]
    assert values(" | ".join(str(number) for number in range(3000)) + " | 1")[-1] == 2999


def test_a_very_long_row_of_operators_is_refused():
    with pytest.raises(FHIRPathError):
        compile(" + ".join(["1"] * 3000))


def test_the_same_expression_is_compiled_once():
    assert compile("name.given", root_type="Patient") is compile("name.given", root_type="Patient")
    assert compile("name.given") is not compile("name.given", root_type="Patient")
