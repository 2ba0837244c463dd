"""An offer as SMART scopes limit it: the interactions that a token does not allow are not offered to it.

Entries of a Bundle are judged by the same offer (``write_policy.admit``), and so is each of them.
"""

from collections.abc import Sequence
from dataclasses import replace

from footbridge.fhirserver.offer import Offer
from footbridge.i18n import _
from footbridge.security.scopes import allows


def within_scopes(offer: Offer, scopes: Sequence[str] | None) -> Offer:
    """The offer without what these scopes do not allow; the whole offer for a token without scopes (None)."""
    if scopes is None:
        return offer
    types = {
        name: frozenset(interaction for interaction in offered if allows(scopes, name, interaction))
        for name, offered in offer.types.items()
    }
    denied = {
        name: offer.denied.get(name, frozenset()) | (offered - types[name]) for name, offered in offer.types.items()
    }
    words = _("Neither the role nor the scopes of the access token allow this.")
    return replace(offer, types=types, denied={**offer.denied, **denied}, denial=words)
