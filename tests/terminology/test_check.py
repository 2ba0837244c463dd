"""What a caller's code is told: one row a rule, and no value of the caller's in any message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.model.prescription.values import Coding
from footbridge.terminology import SNOMED, Loaded, check_coding, check_concept, sdohcc_system

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
FOOD = "food-insecurity"
FOOD_CONDITIONS = "http://cts.nlm.nih.gov/fhir/ValueSet/2.16.840.1.113762.1.4.1247.17"


def rules(*args, **place):
    return [(issue.rule.removeprefix("terminology."), issue.severity) for issue in check_coding(*args, **place)]


@pytest.mark.parametrize(
    ("system", "code", "role", "category", "jurisdiction", "rule", "severity"),
    [
        (SNOMED, "733423004", "condition", FOOD, "us", "snomed-check-digit", "error"),
        (SNOMED, "733423003x", "condition", FOOD, "us", "code-form", "error"),
        (SNOMED, "12345671000124112", "condition", FOOD, "us", "snomed-not-a-concept", "error"),
        (SNOMED, "733423003", "service-request", FOOD, "us", "other-role", "error"),
        (SNOMED, "710925007", "condition", FOOD, "us", "other-role", "error"),
        (SNOMED, "710911006", "service-request", "stress", "us", "other-category", "warning"),
        (SNOMED, "105572002", "condition", "stress", "us", "opposite-meaning", "error"),
        (SNOMED, "1078229009", "condition", FOOD, "us", "opposite-meaning", "error"),
        (SNOMED, "32911000", "observation", "protective-factor", "us", "opposite-meaning", "error"),
        (SNOMED, "464031000124101", "service-request", FOOD, "ca", "other-jurisdiction", "error"),
        (SNOMED, "1085651000000100", "service-request", FOOD, "us", "other-jurisdiction", "error"),
        (SNOMED, "224165006", "goal", "financial-insecurity", "us", "retired", "error"),
        (ICD10CM, "Z59.4", "condition", FOOD, "us", "retired", "error"),
        (ICD10CM, "Z59.41", "condition", FOOD, "ca", "other-jurisdiction", "error"),
        (ICD10CM, "Z59.41", "service-request", FOOD, "us", "system-role", "error"),
        ("http://hl7.org/fhir/sid/icd-10-ca", "Z59.4", "condition", FOOD, "us", "other-jurisdiction", "error"),
        (HCPCS.replace("https", "http"), "S5170", "service-request", FOOD, "us", "system-spelling", "error"),
        (HCPCS, "S5170", "service-request", FOOD, "ca", "other-jurisdiction", "error"),
        ("http://loinc.org", "88122-8", "observation-question", FOOD, "us", "loinc-check-digit", "error"),
        ("food", "x", "condition", FOOD, "us", "system-not-absolute", "error"),
        ("http://elsewhere.invalid/cs", "x", "condition", FOOD, "us", "unknown-system", "warning"),
        (sdohcc_system(), "racism", "condition", FOOD, "us", "unknown-code", "error"),
    ],
)
def test_each_fault_has_its_rule(system, code, role, category, jurisdiction, rule, severity):
    found = rules(system, code, role=role, category=category, jurisdiction=jurisdiction)

    assert found == [(rule, severity)]


@pytest.mark.parametrize(
    ("system", "code", "display", "role", "category", "jurisdiction"),
    [
        (SNOMED, "733423003", "food insecurity", "condition", FOOD, "ca"),
        (SNOMED, "733423003", "Food insecurity (finding)", "condition", FOOD, "us"),
        (SNOMED, "710824005", None, "service-request", "stress", "ca"),
        (SNOMED, "715956002", None, "service-request", "transportation-insecurity", "us"),
        (SNOMED, "26291000146108", None, "observation", "protective-factor", "us"),
        (SNOMED, "161036002", None, "condition", None, "us"),
        (SNOMED, "900000000000207008", None, "condition", FOOD, "ca"),
        (HCPCS, "S5170", None, "service-request", FOOD, "us"),
        ("http://loinc.org", "88122-7", None, "observation-question", FOOD, "ca"),
        ("http://211hsis.org", "BD-1800.2000", None, "service-request", FOOD, "ca"),
    ],
)
def test_sound_codes_pass(system, code, display, role, category, jurisdiction):
    if code == "161036002":
        role = "goal"
    assert rules(system, code, display, role=role, category=category, jurisdiction=jurisdiction) == []


def test_a_stale_code_is_told_what_takes_its_place():
    (issue,) = check_coding(ICD10CM, "Z59.4", role="condition", category=FOOD)

    assert "Z59.41" in issue.message


def test_an_unknown_extension_is_a_warning_in_the_us_and_refused_in_canada():
    code = "123456710999999102"
    from footbridge.terminology import sctid

    code = code[:-1] + sctid.verhoeff_digit(code[:-1])
    assert rules(SNOMED, code, role="condition", jurisdiction="us") == [("unknown-namespace", "warning")]
    assert rules(SNOMED, code, role="condition", jurisdiction="ca") == [("other-jurisdiction", "error")]


@given(st.text(min_size=4, max_size=40).filter(lambda text: text.strip()))
def test_a_display_never_comes_back(display):
    marked = f"Jane Roe {display}"
    for issue in check_coding(SNOMED, "733423003", marked, role="condition", category=FOOD):
        assert "Jane Roe" not in issue.message
        assert issue.severity == "warning"


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["us", "ca"]))
def test_no_text_makes_it_fail(system, code, jurisdiction):
    for uri in (system, SNOMED, "http://loinc.org", ICD10CM):
        for issue in check_coding(uri, code, role="condition", category=FOOD, jurisdiction=jurisdiction):
            assert issue.rule.startswith("terminology.")


def test_a_211_code_stands_beside_another_never_alone():
    alone = Coding(system="http://211hsis.org", code="BD-1800.2000")
    beside = Coding(system=SNOMED, code="710925007")

    (issue,) = check_concept([alone], role="service-request", category=FOOD, jurisdiction="ca")
    assert issue.rule == "terminology.no-accepted-system"
    assert check_concept([beside, alone], role="service-request", category=FOOD, jurisdiction="ca") == []


def test_a_concept_says_which_coding_is_meant():
    codings = [Coding(system=SNOMED, code="733423003"), Coding(system=SNOMED, code="733423004")]

    (issue,) = check_concept(codings, role="condition", category=FOOD)
    assert (issue.rule, issue.expression) == ("terminology.snomed-check-digit", "coding[1]")


def test_a_loaded_value_set_decides_about_membership():
    loaded = Loaded.of(
        [
            {
                "resourceType": "ValueSet",
                "url": FOOD_CONDITIONS,
                "expansion": {"contains": [{"system": SNOMED, "code": "32911000"}]},
            }
        ]
    )

    assert rules(SNOMED, "32911000", role="condition", category=FOOD, loaded=loaded) == []
    assert rules(SNOMED, "733423003", role="condition", category=FOOD, loaded=loaded) == [
        ("not-in-value-set", "warning")
    ]


def test_a_loaded_value_set_may_spell_hcpcs_its_own_way():
    url = "http://cts.nlm.nih.gov/fhir/ValueSet/2.16.840.1.113762.1.4.1247.11"
    part = {"system": HCPCS.replace("https", "http"), "concept": [{"code": "T1234"}]}
    loaded = Loaded.of([{"resourceType": "ValueSet", "url": url, "compose": {"include": [part]}}])

    assert rules(HCPCS, "T1234", role="service-request", category=FOOD, loaded=loaded) == []
    assert ("not-in-value-set", "warning") in rules(
        HCPCS, "T1235", role="service-request", category=FOOD, loaded=loaded
    )


def test_a_loaded_code_system_tells_of_unknown_codes():
    url = "http://elsewhere.invalid/cs"
    resource = {"resourceType": "CodeSystem", "url": url, "content": "complete", "concept": [{"code": "a"}]}
    loaded = Loaded.of([resource])

    assert rules(url, "a", role="observation", loaded=loaded) == []
    assert rules(url, "b", role="observation", loaded=loaded) == [("unknown-code", "error")]
