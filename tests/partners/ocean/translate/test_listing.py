"""A listing says what a referral to it means; a wrong one says which member is wrong, and what is allowed."""

from typing import Any

import pytest
from support import ocean_messages as ocean

from footbridge.errors import ConfigurationError
from footbridge.partners.ocean.listing import ConsentSetting, Listing, listing_for
from footbridge.partners.ocean.message import read_message

WHOLE: dict[str, Any] = {
    "target": ocean.LISTING,
    "external": "hub",
    "kind": "navigator",
    "jurisdiction": "ca",
    "consent": {"basis": "express-in-form", "linkId": "ok", "accepted": ["Agreed"]},
    "categories": ["food-insecurity", "social-connection"],
    "forms": ["links2wellbeing"],
    "service": {"directoryId": "north-211/service/7"},
    "partner": "north-end-hub",
    "language": "fr-CA",
}


def test_every_member_is_read_and_written_back() -> None:
    listing = Listing.decode(WHOLE)
    assert listing.consent == ConsentSetting("express-in-form", "ok", ("Agreed",))
    assert listing.encode() == WHOLE
    assert Listing.decode(listing.encode()) == listing


def test_what_is_left_out_discloses_nothing_by_itself() -> None:
    listing = Listing.decode({"target": "a1"})
    assert (listing.kind, listing.consent.basis, listing.categories) == ("warm-connection", "none", ())


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ([], "JSON object"),
        ({}, "External Service ID"),
        ({"target": ""}, "'target'"),
        ({"target": 7}, "'target'"),
        ({"target": "a", "kind": "referral"}, "warm-connection"),
        ({"target": "a", "jurisdiction": "uk"}, "us, ca"),
        ({"target": "a", "consent": "assumed"}, "express-in-form"),
        ({"target": "a", "consent": {"basis": "implied", "linkId": "x"}}, "express-in-form"),
        ({"target": "a", "consent": {"how": "x"}}, "linkId"),
        ({"target": "a", "categories": ["hunger"]}, "food-insecurity"),
        ({"target": "a", "categories": "food-insecurity"}, "list"),
        ({"target": "a", "service": {}}, "'service'"),
        ({"target": "a", "service": {"id": 3}}, "directoryId"),
        ({"target": "a", "language": "Français"}, "en-CA"),
        ({"target": "a", "categorys": []}, "categories"),
    ],
)
def test_a_wrong_member_is_named_with_what_is_allowed(raw: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Listing.decode(raw)


def test_the_external_service_id_decides_before_the_reference() -> None:
    message = read_message(ocean.encoded(ocean.add_service_request()))
    by_reference, by_key = Listing(ocean.LISTING), Listing("renamed1", external=ocean.EXTERNAL)
    assert listing_for(message, [by_reference, by_key]) is by_key
    assert listing_for(message, [by_reference]) is by_reference
    assert listing_for(message, [Listing("other1", external="other")]) is None
    assert listing_for(message, []) is None


def test_a_message_without_any_listing_is_for_none() -> None:
    bundle = ocean.without(ocean.add_service_request(), "target")
    message = read_message(ocean.encoded(bundle))
    assert listing_for(message, [Listing(None, external="x"), Listing("y")]) is None
