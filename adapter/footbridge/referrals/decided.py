"""What was decided about a prescription on hold, put into a newer document that does not say it itself.

A message of a network, or a FHIR request, says no more at the second time than at the first: what a person confirmed
meanwhile holds until the sender says something else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from footbridge.model.holds import Hold
from footbridge.model.prescription import Client, Consent, Prescription
from footbridge.referrals.late_client import is_unknown
from footbridge.store.exact_json import dumps
from footbridge.store.holds import HoldRow

CONSENT: Final = "consent"
NEEDS: Final = "needs"
RECORDS: Final = "records"


@dataclass(frozen=True, slots=True)
class Decided:
    """A newer document with the decisions in it; ``needs``: indexes of those whose category was decided."""

    prescription: Prescription
    needs: frozenset[int]


def with_decisions(newer: Prescription, older: Prescription, rows: Sequence[HoldRow]) -> Decided:
    """Put what was decided into a newer document.

    Args:
        newer: as its sender says it now.
        older: as it is stored, with all decisions. Its consent holds on where the newer one says nothing of consent.
        rows: the questions about the prescription, decided ones among them.
    """
    decisions = {row.reason: row.decision for row in rows if row.decision is not None}
    changes: dict[str, Any] = {}
    consent = decisions.get(CONSENT)
    if newer.consent is None and consent is not None:
        changes["consent"] = Consent.model_validate_json(dumps(consent["consent"]))
    elif newer.consent is None and older.consent is not None:
        changes["consent"] = older.consent
    client = decisions.get(RECORDS)
    if client is not None and is_unknown(newer):
        changes["client"] = Client.model_validate_json(dumps(client["client"]))
    right = {(one["statement"], one["guess"]): one["category"] for one in decisions.get(NEEDS, {}).get("needs", ())}
    known = frozenset(index for index, need in enumerate(newer.needs) if (need.statement, need.category) in right)
    if known:
        changes["needs"] = tuple(
            need.model_copy(update={"category": right[need.statement, need.category]}) if index in known else need
            for index, need in enumerate(newer.needs)
        )
    return Decided(newer.model_copy(update=changes) if changes else newer, known)


def still_open(holds: Sequence[Hold], decided: frozenset[int]) -> tuple[Hold, ...]:
    """The questions without those about needs that were decided."""
    found: list[Hold] = []
    for hold in holds:
        asked = hold.detail.get("needs", ()) if hold.reason == NEEDS else ()
        left = [one for one in asked if one.get("need") not in decided]
        if left or not asked:
            found.append(Hold(hold.reason, {**hold.detail, "needs": left}) if asked else hold)
    return tuple(found)
