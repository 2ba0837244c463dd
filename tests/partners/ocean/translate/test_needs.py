"""What a need is guessed from: listing, service type, form, words; each with how sure that is."""

from typing import Any

import pytest
from support.ocean_messages import add_service_request, item, resource


def _bundle(
    *, reason: str = "Please help.", code: str = "385759002", items: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    bundle = add_service_request()
    resource(bundle, "request")["note"] = [{"text": f"<b>Reason for Referral:</b> {reason}"}]
    resource(bundle, "request")["category"][0]["coding"] = [{"system": "http://snomed.info/sct", "code": code}]
    resource(bundle, "form")["item"] = items or []
    return bundle


def _found(made: Any) -> list[tuple[str, str | None]]:
    assert made.errors == ()
    assert [need["category"] for need in made.document["needs"]] == [need.category for need in made.needs]
    return [(need.category, need.by) for need in made.needs]


def test_the_listing_decides_and_the_words_do_not(translated: Any) -> None:
    made = translated(_bundle(reason="Skips meals, no groceries"), categories=["social-connection"])
    assert _found(made) == [("social-connection", "listing")]
    assert made.confidence == 1.0


def test_an_answer_of_the_form_adds_to_the_listing(translated: Any) -> None:
    items = [item("needs", "Food; Housing", text="Needs")]
    made = translated(_bundle(items=items), categories=["food-insecurity"])
    assert _found(made) == [("food-insecurity", "listing"), ("housing-instability", "form")]
    assert made.needs[1].words == ("Housing",)
    assert made.document["needs"][1]["statement"] == "Housing. Please help."


def test_a_service_type_speaks_by_its_code_or_by_its_name(translated: Any) -> None:
    assert _found(translated(_bundle(code="410223002"))) == [("stress", "service-type")]
    bundle = _bundle()
    resource(bundle, "request")["category"] = [{"coding": [{"display": "TRANSPORTATION"}]}]
    assert _found(translated(bundle)) == [("transportation-insecurity", "service-type")]


def test_words_come_last_and_say_which_they_were(translated: Any) -> None:
    made = translated(_bundle(reason="Facing eviction, behind with the rent"))
    assert _found(made) == [("housing-instability", "keyword")]
    assert "eviction" in made.needs[0].words
    assert 0 < made.confidence < 0.9


def test_words_are_added_to_a_service_type_that_is_not_sure(translated: Any) -> None:
    made = translated(_bundle(code="410223002", reason="Lonely, socially isolated, wants company"))
    assert _found(made) == [("stress", "service-type"), ("social-connection", "keyword")]
    assert made.confidence == 0.4  # the least sure one


def test_words_of_the_form_count_where_nothing_else_does(translated: Any) -> None:
    made = translated(_bundle(items=[item("interests", "food bank, hot meals", text="Interests")]))
    assert _found(made) == [("food-insecurity", "keyword")]


def test_what_is_denied_is_no_need(translated: Any) -> None:
    assert _found(translated(_bundle(reason="No trouble"))) == [("sdoh-category-unspecified", None)]


@pytest.mark.parametrize("answer", ["food-insecurity", "Food Insecurity", "FOOD INSECURITY"])
def test_an_answer_may_be_a_category_by_name_or_code(translated: Any, answer: str) -> None:
    made = translated(_bundle(items=[item("needs", answer)]))
    assert _found(made) == [("food-insecurity", "form")]


def test_what_a_person_is_shown_has_an_index_for_each_need(translated: Any) -> None:
    made = translated(_bundle(items=[item("needs", "Food", "Transport")]))
    rows = made.needs_detail()["needs"]
    assert [(row["need"], row["category"], row["by"], row["words"]) for row in rows] == [
        (0, "food-insecurity", "form", ["Food"]),
        (1, "transportation-insecurity", "form", ["Transport"]),
    ]
