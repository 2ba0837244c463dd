"""What was decided about a prescription on hold, put into a newer document that does not say it itself.

A message of a network, or a FHIR request, says no more at the second time than at the first: what a person confirmed
meanwhile holds until the sender says something else.
"""

from collections.abc import Mapping, Sequence
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
NO_NEED: Final = "none"
"""Said in place of a category: what was guessed is no need of the person, and is taken away."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A newer document with the decisions in it; ``needs``: indexes of those whose category was decided."""

    prescription: Prescription
    needs: frozenset[int]
    gone: frozenset[int] = frozenset()


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
    made = newer.model_copy(update=changes) if changes else newer
    said = {index: right[newer.needs[index].statement, newer.needs[index].category] for index in known}
    made = with_categories(made, said) if said else made
    gone = frozenset(index for index, code in said.items() if code == NO_NEED)
    return Decided(made, known, gone if len(gone) < len(newer.needs) else frozenset())


def with_categories(document: Prescription, said: Mapping[int, str]) -> Prescription:
    """The document with these categories, by the place of the need; one that is ``NO_NEED`` is taken away.

    A goal of a need that is gone stays, as a goal of the whole. The last need is never taken away.
    """
    places = [index for index in range(len(document.needs)) if said.get(index) != NO_NEED]
    if not places:
        return document
    needs = tuple(
        document.needs[index].model_copy(update={"category": said.get(index, document.needs[index].category)})
        for index in places
    )
    moved = {index: place for place, index in enumerate(places)}
    goals = tuple(
        goal if goal.need is None else goal.model_copy(update={"need": moved.get(goal.need)}) for goal in document.goals
    )
    return document.model_copy(update={"needs": needs, "goals": goals})


def still_open(holds: Sequence[Hold], decided: Decided) -> tuple[Hold, ...]:
    """The questions without those about needs that were decided; the others by the place that their need has now."""
    found: list[Hold] = []
    for hold in holds:
        asked = hold.detail.get("needs", ()) if hold.reason == NEEDS else ()
        left = [
            {**one, "need": one["need"] - sum(place < one["need"] for place in decided.gone)}
            for one in asked
            if one.get("need") not in decided.needs
        ]
        if left or not asked:
            found.append(Hold(hold.reason, {**hold.detail, "needs": left}) if asked else hold)
    return tuple(found)
