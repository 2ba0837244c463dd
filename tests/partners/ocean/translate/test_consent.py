"""Consent: said in a form, or set by the listing, or missing. None is ever made up."""

from typing import Any

import pytest
from support.ocean_messages import add_service_request, item, resource


def _with(*answers: Any, hidden: bool = False, link_id: str = "consent") -> dict[str, Any]:
    bundle = add_service_request()
    resource(bundle, "form")["item"] = [item(link_id, *answers, hidden=hidden)]
    return bundle


@pytest.mark.parametrize(
    "answer",
    ["Yes", "yes.", " OUI ", "Verbal consent obtained", {"valueBoolean": True}, {"valueCoding": {"code": "y"}}],
)
def test_a_yes_is_an_express_consent(translated: Any, answer: Any) -> None:
    made = translated(_with(answer))
    assert made.consent.basis == "express"
    assert made.consent.where == "form links2wellbeing, item consent"
    assert made.document["consent"]["basis"] == "express"


def test_how_it_was_given_is_carried(translated: Any) -> None:
    assert translated(_with("Verbal consent obtained")).document["consent"]["how"] == "verbal"


@pytest.mark.parametrize(
    "answer", ["No", "non", "Declined", "no, not yet", "Refused by client", {"valueBoolean": False}]
)
@pytest.mark.parametrize("basis", ["express-in-form", "implied", "none"])
def test_a_no_is_a_refusal_whatever_the_listing_says(translated: Any, answer: Any, basis: str) -> None:
    made = translated(_with(answer), consent=basis)
    assert made.consent.basis == "refused"
    assert made.document["consent"] == {"status": "refused"}


@pytest.mark.parametrize("answer", ["Maybe", "See note", "Yes, but do not share with family", "yesterday", "?", "1948"])
def test_what_is_not_understood_is_missing(translated: Any, answer: str) -> None:
    made = translated(_with(answer))
    assert made.consent.basis == "missing"
    assert "consent" not in made.document


def test_a_field_that_nobody_saw_says_nothing(translated: Any) -> None:
    assert translated(_with("Yes", hidden=True)).consent.basis == "missing"


def test_a_yes_beside_a_no_is_a_refusal(translated: Any) -> None:
    assert translated(_with("Yes", "No")).consent.basis == "refused"


def test_only_a_listing_that_goes_by_the_form_has_an_express_consent(translated: Any) -> None:
    assert translated(_with("Yes"), consent="none").consent.basis == "missing"
    assert translated(_with("Yes"), consent="implied").consent.basis == "implied"


def test_the_listing_names_its_field_and_its_answers(translated: Any) -> None:
    setting = {"basis": "express-in-form", "linkId": "agreed_by", "accepted": ["The client agreed"]}
    assert translated(_with("the client AGREED", link_id="agreed_by"), consent=setting).consent.basis == "express"
    assert translated(_with("Yes", link_id="agreed_by"), consent=setting).consent.basis == "missing"
    assert translated(_with("the client agreed"), consent=setting).consent.basis == "missing"


def test_an_implied_consent_says_that_it_is_the_listings(translated: Any) -> None:
    made = translated(_with(), consent="implied")
    assert (made.consent.basis, made.consent.where) == ("implied", "listing")
    assert made.document["consent"] == {"status": "given", "basis": "implied"}
    assert made.errors == ()


def test_a_consent_resource_in_the_message_is_no_consent(translated: Any) -> None:
    bundle = _with()
    bundle["entry"].append({"resource": {"resourceType": "Consent", "status": "active"}})
    made = translated(bundle)
    assert made.consent.basis == "missing"
    assert "Consent" in made.uncarried
