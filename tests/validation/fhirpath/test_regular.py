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
def test_answers_are_those_of_pythons_matcher(expression, text):
    try:
        python = re.compile(expression, re.DOTALL)
    except re.error:
        with pytest.raises(FHIRPathError):
            pattern(expression)
        return
    assert pattern(expression).search(text) == bool(python.search(text))
    assert pattern(expression).fullmatch(text) == bool(python.fullmatch(text))


@pytest.mark.parametrize(
    "expression", ["(a+)+$", "(a|aa)+$", "([a-z]+)*!!$", "(a?){40}a{20000}b", r"(a+)+\1$", "(?=(a+)+$)b", "(?i)(a+)+$"]
)
def test_a_bomb_is_decided_or_left(expression):
    """In bounded time: the test itself would not end otherwise."""
    for _ in range(50):
        try:
            assert pattern(expression).search(LONG + "!") is False
        except Undecided:
            continue


def test_what_took_too_long_is_not_tried_again_on_so_long_a_text():
    bomb = pattern("(x|xx)+$")
    with pytest.raises(Undecided):
        bomb.search("x" * 60 + "!")
    with pytest.raises(Undecided):
        bomb.fullmatch("y" * 61)
    assert bomb.search("xx") is True


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r"^(?=.{1,10}$)[a-z]+$", "abc"),
        (r"(?i)^TASK$", "task"),
        (r"(.)\1", "aa"),
        (r"^urn:(oid|uuid):[0-9a-f.-]+$", "urn:oid:1.2"),
        (r"^\p{Lu}\p{Ll}+$", "Émile"),
    ],
)
def test_common_forms_are_decided(expression, text):
    assert pattern(expression).search(text) is True


def test_replacing_is_bounded_too():
    assert pattern("a+").substitute("b", "caat") == "cbt"
    assert pattern("(a)(b)").substitute(r"\g<2>\g<1>", "xab") == "xba"
    with pytest.raises(FHIRPathError):
        pattern("a").substitute(r"\g<3>", "a")
    with pytest.raises(Undecided):
        pattern("(z|zz)+$").substitute("b", "z" * 60 + "!")


@pytest.mark.parametrize("expression", ["(", "a{2,1}", "[", "(?P<a", "a**"])
def test_a_bad_expression_is_refused(expression):
    with pytest.raises(FHIRPathError):
        regular.pattern(expression)
