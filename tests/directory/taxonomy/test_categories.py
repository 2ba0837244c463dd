"""How a service gets its categories, and what its manager is told."""

from typing import Any

import pytest

from footbridge.data import read_json
from footbridge.directory.records import FOUND_LENGTH, Record
from footbridge.directory.taxonomy import categories, is_social_prescribing, target_populations, taxonomy_findings

FOOD_BANK = {"name": "Food bank", "description": "Free groceries."}


def _attribute(code: str, *linked: str, **term: str) -> dict[str, Any]:
    return {"taxonomy_term": {"code": code, **term}} | ({"linked": list(linked)} if linked else {})


def _service(*attributes: dict[str, Any] | str, **members: Any) -> dict[str, Any]:
    rows = [_attribute(row) if isinstance(row, str) else row for row in attributes]
    return {"name": "", **members, "attributes": rows}


def _found(service: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {match["code"]: (match["basis"], match["evidence"]) for match in categories(service)}


def _rules(service: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    record = Record("service", "17", service, "services.json/0", 4)
    found = list(taxonomy_findings(record, service))
    for finding in found:
        assert (finding.path, finding.line, finding.kind, finding.native_id) == ("services.json/0", 4, "service", "17")
    return {finding.rule: (finding.found, finding.done) for finding in found}


def test_codes_decide_and_words_are_not_looked_at() -> None:
    service = _service("BT-8300", "ND-3500", "BD-5000.1500", **FOOD_BANK)
    assert _found(service) == {
        "transportation-insecurity": ("taxonomy", ["BT-8300"]),
        "employment-status": ("taxonomy", ["ND-3500"]),
        "food-insecurity": ("taxonomy", ["BD-5000.1500"]),
        "social-connection": ("taxonomy", ["BD-5000.1500"]),
    }


def test_each_code_that_led_to_a_category_is_evidence() -> None:
    assert _found(_service("BD-1800.2000", "BD-5000.8300", "bd-1800.2000 ")) == {
        "food-insecurity": ("taxonomy", ["BD-1800.2000", "BD-5000.8300"])
    }


@pytest.mark.parametrize("code", [None, "JP-1500", "YB-8000", "Z", "Somewhere else"])
def test_words_decide_where_no_code_does(code: str | None) -> None:
    service = _service(*filter(None, [code]), **FOOD_BANK)
    assert _found(service) == {"food-insecurity": ("keyword", ["Food bank", "Free groceries"])}


def test_words_in_the_place_of_codes_and_names_of_terms_count_as_words() -> None:
    words = "{what:'JOB SEARCH',who:'Veterans services'}"
    for attribute in (_attribute(words), {"taxonomy_term": {"name": words}}):  # as it is read, and as it is cleaned
        assert _found(_service(attribute)) == {"employment-status": ("keyword", ["JOB SEARCH"])}
    assert _found(_service(_attribute("101-01", name="Emergency food", taxonomy="Open Eligibility"))) == {
        "food-insecurity": ("keyword", ["Emergency food"])
    }


def test_a_code_that_serves_every_need_decides_too() -> None:
    assert (
        _found(_service("TJ-3000.8000", name="Referral to food banks and shelters", description="Food bank list")) == {}
    )
    assert _found(_service("PH-1000", **FOOD_BANK)) == {}


def test_social_prescribing_is_marked_and_serves_company() -> None:
    service = _service("LH-6300.8020")
    assert is_social_prescribing(service)
    assert _found(service) == {"social-connection": ("taxonomy", ["LH-6300.8020"])}
    assert not is_social_prescribing(_service("LH-6300.6550"))


def test_populations_are_eligibility_never_a_service() -> None:
    service = _service(_attribute("RP-1400.2500", "YB-8000", "YN-9000"), "YV", _attribute("YJ-8800 * BD-1800.2000"))
    assert target_populations(service) == ("YB-8000", "YN-9000", "YV", "YJ-8800")
    assert set(_found(service)) == {"stress", "food-insecurity"}
    assert _found(_service("YN-9000", "YV")) == {}


def test_a_deleted_code_is_read_as_what_took_its_place() -> None:
    assert set(_found(_service("BD-2000"))) == {"food-insecurity"}
    assert _rules(_service("BD-2000"))["taxonomy.code-deleted"] == ("BD-2000", "BD-1875.2000")


@pytest.mark.parametrize("bad", [None, [], {}, "BD", [None], [{"taxonomy_term": None}], [{"taxonomy_term": {"code": 7}}],
                                 [{"taxonomy_term": {"code": "BD", "taxonomy": 1}, "linked": [None, 3]}], [[]]])  # fmt: skip
def test_attributes_of_another_shape_break_nothing(bad: Any) -> None:
    service = {"name": None, "description": 3, "organization": "x", "attributes": bad}
    assert [match["code"] for match in categories(service)] in ([], ["food-insecurity"])
    assert target_populations(service) == ()


def test_findings_on_codes() -> None:
    service = _service(" BD–1800.2000", "Food; Shelter", "QQ-1000", "JP-1500", "YB-8000")
    assert _rules(service) == {
        "taxonomy.code-tidied": (" BD–1800.2000", "BD-1800.2000"),
        "taxonomy.words-for-code": ("Shelter", None),
        "taxonomy.code-unknown": ("QQ-1000", None),
        "taxonomy.code-not-mapped": ("JP-1500", None),
    }


def test_findings_on_a_guess() -> None:
    assert _rules(_service(**FOOD_BANK)) == {
        "taxonomy.no-code": (None, None),
        "taxonomy.keyword-guess": ("food-insecurity: Food bank, Free groceries", "food-insecurity"),
    }
    assert _rules(_service("YB-8000", name="X")) == {
        "taxonomy.population-only": ("YB-8000", None),
        "taxonomy.no-category": (None, None),
    }
    assert _rules(_service("BD-1800.2000")) == {}
    assert _rules(_service("TJ-3000")) == {}


def test_a_finding_shows_a_short_value() -> None:
    for found, _done in _rules(_service("word " * 500)).values():
        assert found is None or len(found) <= FOUND_LENGTH


def test_every_rule_is_described_in_both_languages() -> None:
    rules = read_json("mappings", "directory", "rules", "taxonomy.json")["rules"]
    told = set(_rules(_service(" BD-2000", "Food", "QQ-1000", "JP-1500"))) | set(_rules(_service("YB-8000")))
    told |= set(_rules(_service(**FOOD_BANK)))
    assert told == set(rules)
    for rule in rules.values():
        assert rule["severity"] in {"error", "warning", "information"}
        assert all([rule["en"], rule["fr"], rule["done"]["en"], rule["done"]["fr"]])
