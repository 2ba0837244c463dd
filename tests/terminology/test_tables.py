"""What the shipped tables promise: sound codes, honest licences, an answer for every category."""

import importlib.util
import itertools
import json
import re
from pathlib import Path

import pytest

from footbridge.terminology import (
    SNOMED,
    categories,
    categories_of_211,
    category,
    category_of_barrier,
    category_of_support,
    check_coding,
    code_rows,
    code_systems,
    default_code,
    designation,
    is_population,
    loinc,
    nearest_category,
    own_code_system,
    sctid,
    sdohcc_system,
    since,
    system,
)
from footbridge.terminology.rows import all_rows, retired

ROOT = Path(__file__).resolve().parents[2]
CODES = [found.code for found in categories()]
KINDS = ("signpost", "warm-connection", "navigator")
JURISDICTIONS = ("us", "ca")


def test_every_row_is_sound_and_says_where_it_comes_from():
    for row in all_rows():
        known = system(row.system)
        assert known is not None
        assert known.shipped
        assert re.fullmatch(known.form, row.code), row
        assert row.sources
        assert row.licence
        assert row.category is None or category(row.category)
        assert (row.system, row.code) not in retired()
        if known.check == "loinc":
            assert loinc.is_loinc(row.code), row
        if known.check == "snomed":
            assert sctid.parse(row.code).is_concept, row


def test_no_cpt_and_no_terms_of_extensions():
    for row in all_rows():
        assert "ama-assn" not in row.system
        if row.system == SNOMED and not sctid.parse(row.code).is_international:
            assert row.display is None, row
    text = "".join(path.read_text() for path in (ROOT / "terminology").glob("[gpm]*/*.json"))
    assert "ama-assn" not in text


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_every_category_has_an_answer(code, jurisdiction):
    answers = [(role, default_code(code, role, None, jurisdiction)) for role in ("condition", "goal")]
    answers += [("service-request", default_code(code, "service-request", k, jurisdiction)) for k in KINDS]
    for role, answer in answers:
        assert len(answer.reason) > 20
        if answer.coding is not None:
            found = check_coding(
                answer.coding.system,
                answer.coding.code,
                answer.coding.display,
                role=role,
                category=code,
                jurisdiction=jurisdiction,
            )
            assert found == []


@pytest.mark.parametrize("code", CODES)
def test_canada_gets_international_codes_only(code):
    for role, kind in itertools.product(("condition", "goal", "service-request"), KINDS):
        coding = default_code(code, role, kind, "ca").coding
        if coding is not None:
            assert coding.system == SNOMED
            assert sctid.parse(coding.code).is_international
            assert coding.display


@pytest.mark.parametrize("code", CODES)
def test_a_referral_always_has_a_code(code):
    for kind, jurisdiction in itertools.product(("warm-connection", "navigator"), JURISDICTIONS):
        assert default_code(code, "service-request", kind, jurisdiction).coding is not None


def test_defaults_follow_meaning():
    assert [c for c in CODES if "1078229009" in str(default_code(c, "goal").coding)] == ["food-insecurity"]
    for grave in ("intimate-partner-violence", "elder-abuse"):
        assert default_code(grave, "condition").coding is None
    assert default_code("stress", "service-request", "signpost", "ca").coding is None
    assert default_code("financial-insecurity", "goal").coding.code == "224165005"


def test_a_default_asks_for_what_it_needs():
    with pytest.raises(ValueError, match="did you mean 'food-insecurity'"):
        default_code("food-insecurty", "goal")
    with pytest.raises(ValueError, match="kind"):
        default_code("stress", "service-request")


def test_categories_carry_both_languages_and_their_value_sets():
    assert len(CODES) == 24
    assert all(set(found.text) == {"en", "fr"} for found in categories())
    food = category("food-insecurity")
    assert food.value_sets["condition"].oid == "2.16.840.1.113762.1.4.1247.17"
    assert category("racism") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("Food insecurity", "food-insecurity"), ("housing", "housing-instability"), ("xyzzy", None), ("", None)],
)
def test_the_nearest_category(text, code):
    assert nearest_category(text) == code


def test_the_guides_codes_say_which_version_has_them():
    known = [item["code"] for item in code_systems()[sdohcc_system()]["concept"]]
    assert len(known) == 58
    assert sum(since(code) == "2.3.0" for code in known) == 48
    assert since("additional-content") == "3.0.0"
    assert since("no-such-code") is None


def test_our_own_code_systems_stand_in_both_languages():
    names = [p.stem for p in (ROOT / "terminology" / "codesystems" / "own").glob("*.json")]
    for name in names:
        resource = own_code_system(name)
        assert resource["url"].endswith(f":CodeSystem/{name}")
        for concept in resource["concept"]:
            assert designation(resource["url"], concept["code"], "fr-CA") != concept["code"]
            assert designation(resource["url"], concept["code"], "en") == concept["display"]
    assert {"prescription-kind", "barrier-kind", "support-kind", "task-input", "task-output"} <= set(names)


def test_french_stands_in_our_own_words_alone():
    for url, resource in code_systems().items():
        if "designation" in json.dumps(resource):
            assert resource == own_code_system(url.rpartition("/")[2])


def test_a_211_code_is_matched_by_the_longest_code_that_covers_it():
    assert {m.category for m in categories_of_211("BD-5000.1500")} == {"food-insecurity", "social-connection"}
    assert categories_of_211("BT-8300.0123")[0].matched == "BT-8300"
    assert categories_of_211("ZZ-1000") == ()
    assert is_population("YB-8000")


def test_barriers_and_supports_say_nothing_where_they_cannot():
    assert category_of_barrier("economic").category == "financial-insecurity"
    assert category_of_barrier("interpersonal").category is None
    assert category_of_support("transport").category == "transportation-insecurity"
    for name, of in (("barrier-kind", category_of_barrier), ("support-kind", category_of_support)):
        for concept in own_code_system(name)["concept"]:
            found = of(concept["code"])
            assert found.reason
            assert found.category is None or category(found.category)


def test_a_code_has_a_row_for_each_place():
    assert {row.category for row in code_rows(SNOMED, "710911006")} >= {"housing-instability", "homelessness"}
    assert code_rows(SNOMED, "1") == ()


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("build_terminology", ROOT / "scripts/build_terminology.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_building_anew_gives_what_is_committed(builder, test_data):
    build = builder.run(test_data, ROOT / "terminology")

    assert build.faults == []
    for path, text in build.out.items():
        assert (ROOT / "terminology" / path).read_text(encoding="utf-8") == text, path
    made = {p.relative_to(ROOT / "terminology").as_posix() for p in (ROOT / "terminology").glob("[gp]*/*.json")}
    assert made <= set(build.out)


@pytest.mark.parametrize(
    ("system_uri", "code", "said"),
    [
        (SNOMED, "733423004", "no sound SNOMED CT concept id"),
        ("http://loinc.org", "88122-8", "check digit of LOINC"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "Z5941", "form of ICD-10-CM"),
        ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "W1234", "form of HCPCS"),
        ("http://elsewhere.invalid", "1", "unknown code system"),
    ],
)
def test_the_build_refuses_a_bad_code(builder, system_uri, code, said):
    build = builder.Build(ROOT, ROOT / "terminology")
    build.check(system_uri, code, "here")

    assert len(build.faults) == 1
    assert said in build.faults[0]
