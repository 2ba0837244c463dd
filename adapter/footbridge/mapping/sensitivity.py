"""What needs care: security labels, contact that stays here, and free text that would give it away."""

import functools
import re
from collections.abc import Iterator
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import Prescription

# Shorter values (a house number, a two-letter state) occur by chance in any text.
_SHORTEST = 5
_DIGITS = re.compile(r"[0-9]")


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "sensitivity.json")
    return table


def security_labels(prescription: Prescription) -> list[dict[str, str]]:
    """Labels for the resources about this client; empty for most prescriptions."""
    table = _table()
    if any(need.category in table["violenceCategories"] for need in prescription.needs):
        return list(table["violence"])
    return [] if prescription.client.safe_to_contact else list(table["unsafe"])


def labels_of_part(whole: list[dict[str, str]], category: str, *, prohibited: bool) -> list[dict[str, str]]:
    """Labels for a part of a split: those of the whole, but for what another part's need tells.

    Args:
        whole: ``meta.security`` of the whole.
        category: SDOH category of the part.
        prohibited: whether contact may put the client at risk.
    """
    table = _table()
    if category in table["violenceCategories"]:
        return whole
    others = [label for label in whole if label not in table["violence"] + table["unsafe"]]
    return others + (table["unsafe"] if prohibited else [])


def labelled(resource_type: str) -> bool:
    """Whether resources of this type tell of the client."""
    return resource_type not in _table()["notAboutTheClient"]


def hidden_values(prescription: Prescription) -> list[str]:
    """The values that do not leave when the client is not safe to contact."""
    client, requester = prescription.client, prescription.requester
    points = [*client.contacts, *(requester.contacts if requester.role == "person" else ())]
    found = [point.value for point in points]
    if client.address is not None:
        found += [*client.address.line, *([client.address.postal_code] if client.address.postal_code else [])]
    return [value for value in found if len(value) >= _SHORTEST]


def gives_away(text: str, hidden: list[str]) -> bool:
    """Whether a text holds one of the values, however its letters, spaces and digits are written."""
    plain, digits = _plain(text), "".join(_DIGITS.findall(text))
    for value in hidden:
        number = "".join(_DIGITS.findall(value))
        if _plain(value) in plain or (len(number) >= 7 and number[-7:] in digits):
            return True
    return False


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def revealing_texts(prescription: Prescription) -> list[Issue]:
    """A fault for each free text that would give away what is withheld."""
    hidden = hidden_values(prescription)
    if not hidden:
        return []
    return [
        Issue(
            rule="mapping.text-reveals-contact",
            severity="error",
            code="suppressed",
            message=_("The text has contact details of a client who is not safe to contact; remove them."),
            pointer=pointer,
        )
        for pointer, text in _texts(prescription.model_dump(mode="json", exclude_none=True), "")
        if gives_away(text, hidden)
    ]


# What is withheld itself, or belongs to somebody else.
_APART = ("/client/contacts", "/client/address", "/client/contactNote", "/requester/contacts")


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    if pointer in _APART or pointer.endswith(("/contacts", "/code")):
        return
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{pointer}/{index}")
