"""What leaves to whom: what each recipient gets and what is withheld, by the cut that is made when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from footbridge.model.prescription import Prescription
from footbridge.referrals.intake import Rehearsal
from footbridge.uris import own_uri
from footbridge.web.portal import words
from footbridge.web.portal.pages import day, tongue
from footbridge.web.portal.prescribing.document_client import CLIENT
from footbridge.web.portal.prescribing.fields import table


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the prescription, what it says, and the step of the form that asks for it."""

    title: str
    texts: Sequence[str]
    step: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets something; ``withheld`` are titles of parts that stay here."""

    title: str
    gets: Sequence[Part]
    withheld: Sequence[str]


def parts_of(document: Prescription) -> dict[str, Part]:
    """What a prescription says, by the member that says it, without what it does not say."""
    said: dict[str, Any] = document.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    if "identifiers" in said.get("client", {}):  # one of ours says nothing to anybody
        ours = own_uri(CLIENT)
        said["client"]["identifiers"] = [one for one in said["client"]["identifiers"] if one["system"] != ours]
    found: dict[str, Part] = {}
    for row in table()["parts"]:
        value: Any = said
        for step in row["member"].split("."):
            value = value.get(step) if isinstance(value, dict) else None
        texts = [_worded(text, row.get("as")) for text in _texts(value, row.get("show"))]
        if texts:
            found[row["member"]] = Part(words.said(row["text"]), texts, row["step"])
    return found


def recipients(rehearsal: Rehearsal) -> list[Recipient]:
    """Everybody who would get something of it now."""
    whole = parts_of(rehearsal.prescription)
    found = []
    if rehearsal.requester is not None:
        found.append(Recipient(rehearsal.requester.title, list(whole.values()), []))
    if rehearsal.partner is not None and rehearsal.disclosed is not None:
        gets = parts_of(rehearsal.disclosed)
        withheld = [part.title for member, part in whole.items() if member not in gets]
        found.append(Recipient(rehearsal.partner.title, list(gets.values()), withheld))
    return found


def _worded(text: str, kind: str | None) -> str:
    match kind:
        case "day":
            return day(date.fromisoformat(text))
        case "language":
            return tongue(text)
        case _:
            return text


def _texts(value: Any, show: Sequence[str] | None) -> list[str]:  # noqa: ANN401 - JSON of any part
    if value in (None, [], {}):
        return []
    if isinstance(value, list):
        return [text for one in value for text in _texts(one, show)]
    if isinstance(value, dict):
        said = [value[name] for name in show or value if value.get(name)]
        flat = [text for one in said for text in (one if isinstance(one, list) else [one])]
        return [" ".join(str(text) for text in flat)] if flat else []
    return [words.word(str(value))]
