"""Regular expressions: the same answers as Python's matcher, also where that would never come to an end."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footbridge.validation.fhirpath import FHIRPathError, Undecided, regular
from footbridge.validation.fhirpath.regular import pattern

LONG = "a" * 20_000

PIECES = [
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    r"\d",
    r"\w",
    r"\s",
    "(a|b)",
    "(ab)?",
    "(a*)",
    "(a+b)*",
    "a{2}",
    "b{1,3}",
    "^",
    "$",
    r"\b",
    "(?:a|ab)",
]
EXPRESSIONS = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from(["", "", "*", "+", "?"])), min_size=1, max_size=5
).map(lambda rows: "".join(f"(?:{piece}){sign}" for piece, sign in rows))


@settings(max_examples=600, deadline=None)
@given(EXPRESSIONS, st.text("ab1 \n\u00e9", max_size=8))
def test_both_matchers_agree(expression, text):
    try:
        python = re.compile(expression, re.DOTALL)
    except re.error:
        with pytest.raises(FHIRPathError):
            pattern(expression)
        return
    ours = pattern(expression)
    assert ours._run(text, whole=False) == bool(python.search(text))
    assert ours._run(text, whole=True) == bool(python.fullmatch(text))


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("(a+)+$", LONG + "!", False),
        ("(a|aa)+$", LONG + "!", False),
        ("^(a|aa)+$", LONG, True),
        ("([a-z]+)*!$", LONG, False),
        (r"^(\w+\s?)*$", "word " * 4_000, True),
        ("(a?){40}a{40}", "a" * 60, True),
        ("a+$", LONG * 2 + "!", False),
    ],
)
def test_bombs_are_decided(expression, text, found):
    assert pattern(expression).search(text) is found


@pytest.mark.parametrize("expression", [r"(a+)+\1$", "(?=(a+)+$)b", "(?i)(a+)+$"])
def test_what_only_python_can_do_is_undecided_where_it_may_take_long(expression):
    with pytest.raises(Undecided):
        pattern(expression).search(LONG + "!")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r"^(?=.{1,10}$)[a-z]+$", "abc"),
        (r"(?i)^TASK$", "task"),
        (r"(.)\1", "aa"),
        (r"^urn:(oid|uuid):[0-9a-f.-]+$", "urn:oid:1.2"),
    ],
)
def test_common_forms_are_decided(expression, text):
    assert pattern(expression).search(text) is True


def test_replacing_is_bounded_too():
    assert pattern("a+").substitute("b", "caat") == "cbt"
    with pytest.raises(Undecided):
        pattern("(a+)+$").substitute("b", LONG + "!")


@pytest.mark.parametrize("expression", ["(", "a{2,1}", "[", "(?P<a", "a**"])
def test_a_bad_expression_is_refused(expression):
    with pytest.raises(FHIRPathError):
        regular.pattern(expression)
