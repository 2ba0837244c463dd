import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.validation.definitions.registry import Registry
from footbridge.validation.valuesets import Terminology

VS = "http://hl7.org/fhir/ValueSet/"
V3 = "http://terminology.hl7.org/"
SDOHCC = "http://hl7.org/fhir/us/sdoh-clinicalcare/"
CATEGORIES = SDOHCC + "ValueSet/SDOHCC-ValueSetSDOHCategory"
TEMPORARY = SDOHCC + "CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
UCUM = "http://unitsofmeasure.org"


EVERYTHING = Terminology(Registry.default())


@pytest.fixture
def codes():
    return EVERYTHING


@pytest.mark.parametrize(
    ("value_set", "system", "code", "expected"),
    [
        (VS + "task-status|4.0.1", None, "requested", True),
        (VS + "task-status|4.0.1", None, "Requested", False),
        (VS + "resource-types|4.0.1", None, "Task", True),
        (VS + "all-types|4.0.1", None, "Any", True),
        (V3 + "ValueSet/v3-ActEncounterCode", V3 + "CodeSystem/v3-ActCode", "AMB", True),
        (V3 + "ValueSet/v3-ActEncounterCode", V3 + "CodeSystem/v3-ActCode", "TREAT", False),
        (VS + "condition-clinical", V3 + "CodeSystem/condition-clinical", "active", True),
        (CATEGORIES, TEMPORARY, "food-insecurity", True),
        (CATEGORIES, TEMPORARY, "chart-note", False),
        (CATEGORIES, TEMPORARY, "nonsense", False),
        (VS + "all-languages", None, "en-CA", True),
        (VS + "all-languages", None, "fr", True),
        (VS + "all-languages", None, "zh-Hant-TW", True),
        (VS + "all-languages", None, "x-mine", True),
        (VS + "all-languages", None, "qq", False),
        (VS + "all-languages", None, "english", False),
        (VS + "all-languages", None, "en_CA", False),
        (VS + "all-languages", None, "zzz", False),
        (VS + "all-languages", None, "eng", False),
        (VS + "all-languages", None, "crk", True),
        (VS + "all-languages", None, "zh-yue", None),
        (VS + "all-languages", None, "en-QQ", None),
        (VS + "iso3166-1-2", "urn:iso:std:iso:3166", "CA", True),
        (VS + "iso3166-1-2", "urn:iso:std:iso:3166", "CAN", False),
        (VS + "iso3166-1-2", "urn:iso:std:iso:3166", "QQ", False),
        (VS + "mimetypes|4.0.1", None, "application/fhir+json", True),
        (VS + "mimetypes|4.0.1", None, 'text/plain; charset="utf-8"', True),
        (VS + "mimetypes|4.0.1", None, "pdf", False),
        (VS + "currencies|4.0.1", None, "CAD", True),
        (VS + "currencies|4.0.1", None, "dollar", False),
        (VS + "currencies|4.0.1", None, "DEM", None),
        (VS + "ucum-units|4.0.1", None, "mm[Hg]", True),
        (VS + "ucum-units|4.0.1", None, "m m", False),
        (VS + "ucum-units|4.0.1", None, "furlong", None),
        (VS + "all-time-units", UCUM, "d", True),
        (VS + "all-time-units", UCUM, "kg", False),
        (VS + "timezones", None, "America/Toronto", True),
        (VS + "timezones", None, "Middle-earth/Shire", None),
        (VS + "observation-codes", "http://loinc.org", "8867-4", None),
    ],
)
def test_what_r4_and_the_guide_bind(codes, value_set, system, code, expected):
    assert codes.member(value_set, system, code) is expected


def test_required_value_sets_of_r4_are_at_hand():
    registry = Registry.default()
    bound = {
        element["binding"]["valueSet"]
        for name in registry.type_names
        for element in registry.type(name)["snapshot"]
        if element.get("binding", {}).get("strength") == "required" and "valueSet" in element["binding"]
    }
    assert len(bound) > 200
    assert {url for url in bound if registry.value_set(url) is None} == {"http://loinc.org/vs/LL379-9|4.0.1"}


def test_a_country_is_known_by_any_of_its_codes(codes):
    assert [codes.known_code("urn:iso:std:iso:3166", code) for code in ("CA", "CAN", "124", "CAA")] == [
        True,
        True,
        True,
        False,
    ]
    assert codes.known_code("urn:iso:std:iso:3166:-2", "CA-ON") is None
    assert codes.known_code("urn:iso:std:iso:3166:-2", "Ontario") is False


@given(
    st.text(max_size=30),
    st.sampled_from(["all-languages", "mimetypes", "ucum-units", "currencies", "timezones", "task-status"]),
)
def test_no_text_is_too_odd(text, name):
    assert EVERYTHING.member(VS + name, None, text) in {True, False, None}
