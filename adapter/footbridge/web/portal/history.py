"""What happened, in plain sentences: "North End Hub accepted." An event without a sentence is said by its meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from footbridge.data import read_json
from footbridge.i18n import _, current, spoken
from footbridge.model.events import event_kind, names
from footbridge.model.reasons import meaning_of, waiting_codes
from footbridge.store.events import detail_of
from footbridge.store.partners import Partner
from footbridge.web.portal import words
from footbridge.web.portal.pages import moment


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: its number, when, the sentence, what was said about it, whether it was implied."""

    number: int
    at: datetime
    sentence: str
    more: Sequence[str]
    implied: bool


def entries(rows: Sequence[Row[*tuple[Any, ...]]], partners: Mapping[str, Partner]) -> list[Entry]:
    """Events as sentences, the newest first.

    Args:
        rows: as ``security.lists.happenings`` gives them.
        partners: whose titles may be shown, by name.
    """
    return [_entry(row, partners) for row in reversed(rows)]


def _entry(row: Row[*tuple[Any, ...]], partners: Mapping[str, Partner]) -> Entry:
    detail = detail_of(row)
    return Entry(row.number, row.at, _sentence(row, detail, partners), _more(row, detail), bool(row.inferred))


def _sentence(row: Row[*tuple[Any, ...]], detail: Mapping[str, Any], partners: Mapping[str, Partner]) -> str:
    sentence = words.table()["sentences"].get(row.name)
    if sentence is None:
        return event_kind(row.name).meaning[current()] if row.name in names() else row.name
    named = partners.get(detail.get("partner") or row.partner or "")
    service = named.title if named is not None else spoken(_("the service"))
    text = words.said(sentence, who=_who(row, partners), service=service)
    return text[:1].upper() + text[1:]


def _who(row: Row[*tuple[Any, ...]], partners: Mapping[str, Partner]) -> str:
    if row.role == "system":
        return "Footbridge"
    partner = partners.get(row.partner or "")
    if row.role == "recipient":
        title = partner.title if partner is not None else spoken(_("the service"))
        return title if row.actor in {"", title} else f"{row.actor} ({title})"
    return row.actor or spoken(_("the requester"))


def _more(row: Row[*tuple[Any, ...]], detail: Mapping[str, Any]) -> list[str]:
    """What was said about it, in words: a reason, a time, names; never a code."""
    said = [row.reason] if row.reason else []
    if row.name == "appointment":
        said.append(moment(datetime.fromisoformat(detail["start"])))
        said += [detail["location"]] if "location" in detail else []
    if row.name == "handed-over":
        said.append(
            spoken(
                _(
                    "{who} introduced the person to {whom}.",
                    who=detail["introducedBy"],
                    whom=detail["introducedTo"],
                )
            )
        )
        codes = read_json("mappings", "events.json")["codes"]["welcome"]
        said.append(codes[detail["welcome"]][current()])
    if row.name == "needs-person" and detail.get("why") in waiting_codes():
        said.append(meaning_of(detail["why"], current()))
    if row.name == "need-added":
        said.append(words.category_name(detail["category"]))
    said += [str(detail[name]) for name in ("description", "text", "message", "title") if name in detail]
    return said
