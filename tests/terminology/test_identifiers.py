"""Check digits: what they accept, and that no single wrong digit passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.terminology import loinc, sctid

ITEMS = st.integers(min_value=100, max_value=10**7 - 1).map(str)


def concept_id(item: str, namespace: str = "") -> str:
    body = f"{item}{namespace}{'10' if namespace else '00'}"
    return body + sctid.verhoeff_digit(body)


@given(ITEMS, st.sampled_from(["", "1000124", "1000087"]))
def test_a_made_id_is_read_back(item, namespace):
    found = sctid.parse(concept_id(item, namespace))

    assert found is not None
    assert found.is_concept
    assert found.namespace == namespace
    assert found.is_international is not bool(namespace)


@given(ITEMS, st.data())
def test_no_single_changed_digit_passes(item, data):
    code = concept_id(item)
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))

    assert not sctid.verhoeff_ok(code[:place] + other + code[place + 1 :])


@given(ITEMS, st.data())
def test_no_swap_of_neighbours_passes(item, data):
    code = concept_id(item)
    place = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert swapped == code or not sctid.verhoeff_ok(swapped)


@pytest.mark.parametrize(
    ("code", "component", "namespace"),
    [
        ("733423003", "concept", ""),
        ("464161000124109", "concept", "1000124"),
        ("900000000000207008", "concept", ""),
    ],
)
def test_known_ids(code, component, namespace):
    found = sctid.parse(code)

    assert found is not None
    assert (found.check_ok, found.component, found.namespace) == (True, component, namespace)


def test_descriptions_and_relationships_are_no_concepts():
    for partition, component in (("01", "description"), ("02", "relationship"), ("11", "description")):
        body = f"12345671000124{partition}"
        found = sctid.parse(body + sctid.verhoeff_digit(body))
        assert found is not None
        assert found.component == component
        assert not found.is_concept


@pytest.mark.parametrize("text", ["", "12345", "0123456", "1" * 19, "73342300x", " 733423003", "733423003\n"])
def test_what_has_not_the_form(text):
    assert sctid.parse(text) is None


def test_an_extension_id_too_short_for_a_namespace_names_nothing():
    body = "123410"
    found = sctid.parse(body + sctid.verhoeff_digit(body))

    assert found is not None
    assert found.component is None


@pytest.mark.parametrize("code", ["88122-7", "93025-5", "LA28397-0", "LA4-4", "LA32-8", "LA30122-8"])
def test_known_loinc_codes(code):
    assert loinc.is_loinc(code)


@given(st.integers(1, 9_999_999).map(str), st.sampled_from(["", "LA", "LL", "LP"]), st.data())
def test_no_single_changed_loinc_digit_passes(number, prefix, data):
    code = f"{number}-{loinc.check_digit(prefix + number)}"
    place = data.draw(st.sampled_from([i for i, c in enumerate(code) if c != "-"]))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    changed = code[:place] + other + code[place + 1 :]

    assert loinc.is_loinc(f"{prefix}{code}")
    assert not loinc.is_loinc(f"{prefix}{changed}")


@pytest.mark.parametrize("text", ["", "88122", "88122-", "88122-77", "LX88122-7", "-7", "88122-7\n"])
def test_what_has_not_the_form_of_loinc(text):
    assert not loinc.is_loinc(text)
