"""The crosswalk decides as the reference's table says, and is a FHIR ConceptMap."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.data import folder
from footbridge.directory.taxonomy import categories
from footbridge.directory.taxonomy.crosswalk import crosswalk, shipped
from footbridge.validation import Validator

OUTSIDE = {  # codes that the table does not have, decided by hand from it
    "BD-1900": "food-insecurity",
    "BD-1875": "food-insecurity",
    "BD-2600": "food-insecurity",
    "BD-5000.8300-999": "food-insecurity",
    "BH-9000": "housing-instability",
    "BH-7000.5100": "housing-instability",
    "BH-8400.5000": "housing-instability",
    "BH-8400.3000-100": "homelessness",
    "BH-1800.4000": "homelessness",
    "BH-1800.8500-500": "homelessness",
    "BH-1800.1500-900": "intimate-partner-violence",
    "BH-3000.3550": "inadequate-housing",
    "BH-3000.1800": "inadequate-housing",
    "BM-6500": "material-hardship",
    "BM-3000.9000": "material-hardship",
    "BM-3000.2000-300": "inadequate-housing material-hardship",
    "BM-5050.1600": "digital-access",
    "BM-6000.3000": "digital-access",
    "BT-4500.4700": "transportation-insecurity",
    "BT-8300.1000-800": "transportation-insecurity",
    "BV-8900.9300-100": "utility-insecurity",
    "BV-8900.1700-900": "utility-insecurity",
    "BV-8900.1700-850.05": "digital-access utility-insecurity",
    "DM-9000": "financial-insecurity",
    "DT-8800.9300": "financial-insecurity",
    "DD-1500": "",
    "FF-3300.1000": "incarceration-status",
    "FF-0500": "",
    "FT-3000": "",
    "FT-3200": "",
    "FT-4500.1800-100": "housing-instability",
    "HD-1800.6500": "educational-attainment",
    "HH-8000": "educational-attainment",
    "HL-2000": "educational-attainment",
    "HL-8000.1800": "educational-attainment",
    "HL-8000.1800-900.10": "veteran-status",
    "HH-0500.8000-150.05": "language-access",
    "JP-1500": "",
    "LH-2700.0500": "personal-health-literacy",
    "LH-2700.9500-100": "personal-health-literacy stress",
    "LH-6300": "",
    "LN-1500": "",
    "LN-9000.1000": "veteran-status",
    "LF-4900.6200-100": "food-insecurity",
    "ND-3500.3600-100": "employment-status",
    "NL-1000.1000": "financial-insecurity",
    "NL-3000": "",
    "NS-1800": "",
    "PH-1000.5000": "",
    "PH-3500.6000": "language-access",
    "PH-6200.4500": "stress",
    "PN-8100.6500": "social-connection",
    "PN-8100.1000-100": "stress",
    "RX-8450.8000": "",
    "RP-1500.1400-800": "stress",
    "RP-6400": "stress",
    "TA-1550": "social-connection",
    "TJ-3000.8000-100": "",
    "TJ-4400.8100": "",
    "YB-8000": "",
}


@pytest.fixture(scope="module")
def facts(test_data: Path) -> dict[str, Any]:
    place = test_data / "reference" / "facts" / "taxonomy_to_gravity.json"
    found: dict[str, Any] = json.loads(place.read_bytes())
    return found


def _expected(facts: dict[str, Any], code: str) -> set[str]:
    """The longest code of the table that the code equals or is below, and all categories that have it."""
    named: dict[str, set[str]] = {}
    for category, entry in facts["categories"].items():
        for row in [*entry["prefixes"], *(term["code"] for term in entry["terms"])]:
            named.setdefault(row, set()).add(category)
    for term in facts["cross_cutting"]:
        named.setdefault(term["code"], set())
    fitting = [
        row
        for row in named
        if code == row or (code.startswith(row) and (code[len(row)] in "-." or re.fullmatch("[A-Z]", row)))
    ]
    return named[max(fitting, key=len)] if fitting else set()


def _decided(code: str) -> set[str]:
    row = crosswalk().row(code)
    return set(row.categories) if row else set()


def _service(*codes: str) -> dict[str, Any]:
    return {"name": "", "attributes": [{"taxonomy_term": {"code": code}} for code in codes]}


def test_every_row_of_the_reference_decides_as_it_says(facts: dict[str, Any]) -> None:
    rows = [(category, term["code"]) for category, entry in facts["categories"].items() for term in entry["terms"]]
    assert len(rows) == 317
    for category, code in rows:
        assert category in _decided(code), code
        assert _decided(code) == _expected(facts, code), code
    for entry in facts["categories"].values():
        for code in entry["prefixes"]:
            assert _decided(code) == _expected(facts, code), code


def test_a_service_gets_what_its_row_says(facts: dict[str, Any]) -> None:
    for entry in facts["categories"].values():
        for code in [*entry["prefixes"], *(term["code"] for term in entry["terms"])]:
            found = categories(_service(code))
            wanted = set() if code.startswith("Y") else _expected(facts, code)  # Y: whom it is for
            assert {match["code"] for match in found} == wanted, code
            assert all((match["basis"], match["evidence"]) == ("taxonomy", [code]) for match in found)


@pytest.mark.parametrize(
    "written",
    [
        "  {} \t",
        "\u00a0{}\u00a0",
        "{} * YB-8000",
        "YB-8000*{}",
        "YB-8000; {}",
        "{};",
        "{}\n",
        "Our own name ({})",
        "Our own name={}",
        "Our own name - {}",
        "{} Our own name",
    ],
)
def test_every_row_decides_however_an_export_writes_it(facts: dict[str, Any], written: str) -> None:
    rows = [term["code"] for entry in facts["categories"].values() for term in entry["terms"]]
    if "name" in written:  # letters beside words are words
        rows = [code for code in rows if "-" in code]
    for code in rows:
        wanted = set() if code.startswith("Y") else _expected(facts, code)
        forms = [code, code.replace("-", "\u2013"), code.replace("-", " - ")]
        for form in [*forms, code.lower()] if "-" in code else forms:
            if form != code and "name" in written:
                continue
            found = categories(_service(written.replace("{}", form)))
            assert {match["code"] for match in found} == wanted, form


@pytest.mark.parametrize(("code", "names"), OUTSIDE.items())
def test_codes_outside_the_table(code: str, names: str) -> None:
    assert crosswalk().label(code) is None
    assert _decided(code) == set(names.split())


def test_fifty_codes_outside_the_table() -> None:
    assert len(OUTSIDE) >= 50


@given(st.data())
def test_the_longest_code_that_fits_decides(facts: dict[str, Any], data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(sorted({row.code for row in shipped().rows()})))
    digits = st.from_regex(r"[0-9]{4}", fullmatch=True)
    forms = {2: f"{row}-{data.draw(digits)}", 7: f"{row}.{data.draw(digits)}", 12: f"{row}-{data.draw(digits)[:3]}"}
    code = forms.get(len(row), row)
    assert _decided(code) == _expected(facts, code)


def test_no_name_of_the_taxonomy_is_shipped(facts: dict[str, Any]) -> None:
    names = {
        term["name"].casefold()
        for entry in facts["categories"].values()
        for term in entry["terms"]
        if len(term["name"].split()) > 2
    }
    labels = {row.labels["en"].casefold() for row in shipped().rows()}
    assert not names & labels


def test_every_row_has_our_label_in_both_languages() -> None:
    for row in shipped().rows():
        assert row.labels["en"].strip()
        assert row.labels["fr"].strip()


def test_it_is_a_concept_map_with_a_version() -> None:
    resource = json.loads((folder("mappings") / "directory" / "taxonomy-gravity.json").read_bytes())
    outcome = Validator().check(resource)
    assert outcome.valid, [issue.message for issue in outcome.issues]
    assert re.fullmatch(r"\d+\.\d+\.\d+", resource["version"])
    assert shipped().version == resource["version"]


def test_both_crosswalks_of_the_project_agree() -> None:
    """$translate has a table of its own; a code must not mean two things."""
    from footbridge.terminology import categories_of_211

    for row in shipped().rows():
        assert {match.category for match in categories_of_211(row.code)} == set(row.categories), row.code


def test_plain_cases_come_first() -> None:
    row = crosswalk().row("BD-5000.1500")
    assert row is not None
    assert row.categories == ("food-insecurity", "social-connection")
