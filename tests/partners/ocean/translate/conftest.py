"""What the tests of the translation share: one listing, and a translation of a Bundle."""

from collections.abc import Callable
from typing import Any

import pytest
from support import ocean_messages as ocean

from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.message import OceanMessage, read_message
from footbridge.partners.ocean.translate import Around, Translation, translate

Translated = Callable[..., Translation]


@pytest.fixture
def listing() -> Listing:
    return Listing.decode({"target": ocean.LISTING, "consent": "express-in-form"})


@pytest.fixture
def translated(listing: Listing) -> Translated:
    """Translates a Bundle for a listing; members of the listing may be replaced."""

    def make(bundle: dict[str, Any], around: Around | None = None, **members: Any) -> Translation:
        wanted = Listing.decode(listing.encode() | members) if members else listing
        return translate(read_message(ocean.encoded(bundle)), wanted, around or Around())

    return make


@pytest.fixture
def received() -> OceanMessage:
    return read_message(ocean.encoded(ocean.add_service_request()))
