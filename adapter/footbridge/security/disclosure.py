"""Cuts a prescription down to what one partner may see, before it is mapped.

The cut is made on the prescription and not on its Bundle: what is not in the prescription that is mapped cannot
be in any resource, narrative or reference made from it. The table is ``mappings/disclosure.json``.
"""

import functools
from collections.abc import Collection
from typing import Any

from footbridge.data import read_json
from footbridge.model.prescription import Client, Prescription

EMPTY: dict[str, Any] = {"contacts": (), "identifiers": (), "address": None, "contact_note": None}


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "disclosure.json")
    return table


def ends_at_once() -> frozenset[str]:
    """Task.status of a referral after which its service has no more business with the client."""
    return frozenset(_table()["endsAtOnce"])


def disclose(
    prescription: Prescription, *, role: str, custodian: bool, categories: Collection[str] | None = None
) -> Prescription:
    """The prescription as this partner may see it.

    Args:
        prescription: the whole of it.
        role: ``requester`` for the medical record that it came from, ``recipient`` for everybody else.
        custodian: whether a recipient is a health information custodian, who may get health card numbers.
        categories: for parts of a split prescription, the SDOH categories whose needs and goals are shown; None: all.
    """
    if role == "requester":
        return prescription
    hidden = _hidden(prescription, custodian=custodian)
    changes: dict[str, Any] = {
        _attribute(member): _empty(prescription, member) for member in hidden if not member.startswith("client.")
    }
    client = {
        _attribute(member.removeprefix("client.")): EMPTY[_attribute(member.removeprefix("client."))]
        for member in hidden
        if member.startswith("client.")
    }
    if not prescription.client.safe_to_contact:
        client |= {name: EMPTY[name] for name in ("contacts", "address", "contact_note")}
    if client:
        changes["client"] = prescription.client.model_copy(update=client)
    if "barriers" in hidden and "supports" not in hidden:
        changes["supports"] = tuple(item.model_copy(update={"barrier": None}) for item in prescription.supports)
    seen = prescription.model_copy(update=changes)
    return seen if categories is None else _only(seen, categories)


def may_have_documents(prescription: Prescription, *, custodian: bool, part: bool) -> bool:
    """Whether a recipient may have the letter and the attachments, of which nothing can be cut.

    Args:
        prescription: with its client as known now.
        custodian: whether the recipient is a health information custodian.
        part: whether it is asked for a part of a split only.
    """
    table, consent = _table()["documents"], prescription.consent
    if consent is None or consent.status != "given":
        return False
    is_limited = consent.scope is not None and table["wholeConsentOnly"]
    is_unsafe = not prescription.client.safe_to_contact and table["safeContactOnly"]
    is_too_much = part and table["wholeReferralOnly"]
    return (custodian or not table["custodiansOnly"]) and not (is_limited or is_unsafe or is_too_much)


def without_client(prescription: Prescription) -> Prescription:
    """What a service is shown of a prescription of whose client it may no longer know."""
    kept = set(_table()["keptAfterwards"])
    changes: dict[str, Any] = {
        name: _empty(prescription, name) if field.is_required() else field.get_default(call_default_factory=True)
        for name, field in type(prescription).model_fields.items()
        if name not in kept and name != "client"
    }
    return prescription.model_copy(update=changes | {"client": Client()})


def shown(prescription: Prescription, categories: Collection[str]) -> tuple[list[int], list[int]]:
    """Indices of the needs, and of the goals, that parts about these categories show; none where no need has them."""
    needs = [index for index, need in enumerate(prescription.needs) if need.category in categories]
    return needs, [index for index, goal in enumerate(prescription.goals) if goal.need in needs]


def _hidden(prescription: Prescription, *, custodian: bool) -> set[str]:
    table = _table()
    hidden = set(table["never"]["recipient"])
    scope = prescription.consent.scope if prescription.consent else None
    if scope is not None:
        for name, members in table["byScope"].items():
            if name not in scope:
                hidden.update(members)
    if not custodian:
        hidden.update(table["custodianOnly"])
    return hidden


def _only(prescription: Prescription, categories: Collection[str]) -> Prescription:
    """Keep the needs of these categories and the goals that belong to them."""
    kept_needs, kept_goals = shown(prescription, categories)
    needs = tuple(prescription.needs[index] for index in kept_needs)
    chosen = (prescription.goals[index] for index in kept_goals)
    goals = tuple(
        goal if goal.need is None else goal.model_copy(update={"need": kept_needs.index(goal.need)}) for goal in chosen
    )
    return prescription.model_copy(update={"needs": needs, "goals": goals})


def _attribute(member: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in member)


def _empty(prescription: Prescription, member: str) -> Any:  # noqa: ANN401 - None or an empty tuple
    return () if isinstance(getattr(prescription, _attribute(member)), tuple) else None
