"""211 codes: their form and levels, how exports write them, and what is none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.directory.taxonomy.codes import (
    LinkedTerm,
    ancestors,
    is_population,
    level,
    normalised,
    parent,
    read,
)

FORM = r"[A-Z]{1,2}(-[0-9]{4}(\.[0-9]{4}(-[0-9]{3}(\.[0-9]{2})?)?)?)?"
CODES = st.from_regex(FORM, fullmatch=True)
NUMBERED = st.from_regex(r"[A-Z]{1,2}-[0-9]{4}(\.[0-9]{4}(-[0-9]{3}(\.[0-9]{2})?)?)?", fullmatch=True)
PADDING = st.text(" \t\u00a0\u200b\ufeff\r\n\x00", max_size=3)


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("B", []),
        ("BD", ["B"]),
        ("BD-1800", ["BD", "B"]),
        ("BD-1800.2000", ["BD-1800", "BD", "B"]),
        ("BD-1800.2000-620", ["BD-1800.2000", "BD-1800", "BD", "B"]),
        ("LR-8000.0500-800.05", ["LR-8000.0500-800", "LR-8000.0500", "LR-8000", "LR", "L"]),
    ],
)
def test_a_code_has_its_level_and_those_above_it(code: str, above: list[str]) -> None:
    assert list(ancestors(code)) == above
    assert level(code) == len(above) + 1
    assert parent(code) == (above[0] if above else None)


@given(CODES)
def test_what_stands_above_a_code_is_a_code(code: str) -> None:
    for above in ancestors(code):
        assert re.fullmatch(FORM, above)
        assert code.startswith(above)


@given(NUMBERED, st.sampled_from("-‐‑‒–—―−﹘﹣－"), st.booleans(), PADDING, PADDING)
def test_padding_dashes_and_small_letters_are_forgiven(
    code: str, dash: str, small: bool, before: str, after: str
) -> None:
    written = (code.lower() if small else code).replace("-", dash)
    assert normalised(f"{before}{written}{after}") == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("BD-1800.2000   ", "BD-1800.2000"),
        ("BD - 1800 . 2000", "BD-1800.2000"),
        ("ＢＤ－１８００．２０００", "BD-1800.2000"),
        ("rp-1400.8000-020.80", "RP-1400.8000-020.80"),
        ("BD", "BD"),
    ],
)
def test_real_ways_to_write_a_code(written: str, code: str) -> None:
    assert normalised(written) == code


@pytest.mark.parametrize(
    "words",
    [
        "", " ", "no", "it", "bd", "BDX", "BD-180", "BD-18000", "BD-1800.200", "BD-1800.2000-62", "BD-1800.2000.620",
        "BD1800.2000", "BD-1800.2000-620.1", "BD-1800.2000-620.055", "B-", "-1800", "1800.2000", "Food Pantries",
        "{what:'HOUSING (temporary)',why:'family violence',who:'Women'}", "BD-1800.2000 BD-1800.2250", "B D-1800",
        "BD-١٨٠٠", "ÉD-1800", "BD-1800\nX",
    ],
)  # fmt: skip
def test_what_looks_like_a_code_is_none(words: str) -> None:
    assert normalised(words) is None


def test_lists_and_linked_terms() -> None:
    field = read("BD-1800.2000; RP-1400.2500 * YB-8000 * YF-3000; YN-9000")
    assert field.terms == (
        LinkedTerm(("BD-1800.2000",)),
        LinkedTerm(("RP-1400.2500",), ("YB-8000", "YF-3000")),
        LinkedTerm((), ("YN-9000",)),
    )
    assert (field.words, field.tidied) == ((), ())
    assert is_population("YB-8000")
    assert not is_population("BD-1800.2000")


@pytest.mark.parametrize(
    "text",
    [
        "Food Pantries (BD-1800.2000)",
        "BD-1800.2000 Food Pantries",
        "Food Pantries=BD-1800.2000",
        "BD-1800.2000: food",
        "Food Pantries - BD-1800.2000",
        "Food Pantries \u2013 BD\u20131800.2000",
        "http://211hsis.org#BD-1800.2000",
    ],
)
def test_a_code_beside_its_name_is_found(text: str) -> None:
    assert read(text).terms == (LinkedTerm(("BD-1800.2000",)),)
    assert read(text).tidied == (text,)


@pytest.mark.parametrize(
    "text", ["BD-1800 Food", "Food (BD-1800)", "Food=BD-1800", "Food - BD-1800", "BD-1800.", '"BD-1800"', "[BD-1800]"]
)
def test_a_short_code_apart_from_its_name_is_found(text: str) -> None:
    assert read(text).terms == (LinkedTerm(("BD-1800",)),)


@pytest.mark.parametrize(
    "text",
    [
        "{what:'COUNSELLING',why:'BD-1800.2000',who:'B'}",
        "Food and Nutrition",
        "IT support",
        "Housing, B",  # a letter beside words
        "NO; Yes",
        "QQ-1000 dollars",  # no section of the taxonomy
        "Apartment BH-1000",  # too short to be taken out of a sentence
        "XBD-1800.2000",
        "BD-1800.2000-62",
    ],
)
def test_words_in_a_place_for_codes_stay_words(text: str) -> None:
    assert read(text).terms == ()
    assert read(text).words


def test_the_sign_for_no_code_is_neither_a_code_nor_a_word() -> None:
    assert read("Z") == read(" ")


def test_letters_of_another_taxonomy_are_no_211_codes() -> None:
    assert read("BD", taxonomy="Open Eligibility").terms == ()
    assert read("BD", taxonomy="AIRS/INFO LINE Taxonomy").terms == (LinkedTerm(("BD",)),)
    assert read("BD-1800", taxonomy="openeligibility").terms == ()
    assert read("BD-1800.2000", taxonomy="Our own").terms == (LinkedTerm(("BD-1800.2000",)),)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    field = read(text)
    for term in field.terms:
        assert all(re.fullmatch(FORM, code) for code in (*term.services, *term.populations))
