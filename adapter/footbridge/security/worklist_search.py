"""The search of the portal: referrals of people by name, or by an identifier of theirs or of the prescription.

Each way to find is an index of its own, and looks at ``MOST_LOOKED_AT`` prescriptions at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, exists, select

from footbridge.model.principals import Principal
from footbridge.security.access import seen_prescriptions, seen_referrals, sees_whole
from footbridge.security.worklists import COLUMNS, ITS, PRESCRIBER, Rows, given, known
from footbridge.store.card_numbers import plain_numbers
from footbridge.store.client_names import prescriptions_named, words_of
from footbridge.store.tables import person, prescription, referral

MOST_FOUND: Final = 200
MOST_LOOKED_AT: Final = 2000
"""Prescriptions of a name that a search looks at; those of a service, or of a prescriber, are theirs already."""


@dataclass(frozen=True, slots=True)
class FoundRows:
    """What a search found, and whether there is more than it shows."""

    rows: Rows
    is_cut: bool


def found_by_words(connection: Connection, principal: Principal, text: str, *, now: datetime) -> FoundRows:
    """Referrals of people by name, or by an identifier of theirs or of the prescription: ``COLUMNS``, newest first.

    A worker of a service finds by name and by the prescription's identifier, and only what the service may know.
    """
    said, words = text.strip(), words_of(text)[:6]
    ours = sees_whole(principal)
    named = select(prescription.c.id).where(prescription.c.tenant == principal.tenant).limit(MOST_LOOKED_AT)
    ways: list[Select[tuple[str]]] = [named.where(prescription.c.identifier_value == said)]
    if words:
        ways.append(prescriptions_named(principal.tenant, words, MOST_LOOKED_AT, _among(principal)))
    if ours:
        mine = select(person.c.person).where(
            person.c.tenant == principal.tenant, person.c.value.in_({said, *plain_numbers(said)})
        )
        if identified := list(connection.scalars(mine.limit(MOST_FOUND))):
            ways.append(named.where(prescription.c.person.in_(identified)))
    each = [list(connection.scalars(way)) for way in ways]  # each by an index of its own
    found = {identity for identities in each for identity in identities}
    rows = select(*COLUMNS).select_from(referral).join(prescription, ITS)
    rows = rows.where(seen_referrals(principal), known(principal), referral.c.prescription.in_(sorted(found)))
    if ours:
        rows = rows.where(seen_prescriptions(principal))
    rows = rows.order_by(referral.c.updated.desc(), referral.c.id).limit(MOST_FOUND + 1)
    shown = connection.execute(rows, given(principal, now)).all()
    looked_at_all = all(len(identities) < MOST_LOOKED_AT for identities in each)
    return FoundRows(shown[:MOST_FOUND], len(shown) > MOST_FOUND or not looked_at_all)


def _among(principal: Principal) -> Callable[[ColumnElement[str]], ColumnElement[bool]] | None:
    """Which prescriptions of a name are the principal's, where those of others could take the place of theirs."""
    if not sees_whole(principal):
        return lambda named: exists().where(seen_referrals(principal), referral.c.prescription == named)
    if principal.role == PRESCRIBER:
        return lambda named: exists().where(seen_prescriptions(principal), prescription.c.id == named)
    return None
