"""What happened, in plain sentences: "North End Hub accepted." Each event has one in ``mappings/portal.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from footbridge.data import read_json
from footbridge.i18n import _, current, spoken
from footbridge.model.prescription import Goal
from footbridge.model.reasons import meaning_of, reason_text, waiting_codes
from footbridge.store.events import detail_of
from footbridge.store.partners import Partner
from footbridge.web.portal import words
from footbridge.web.portal.pages import moment


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: its number, when, the sentence, what was said about it, whether it was implied.

    ``notes`` is what only those need who look after the systems: in their words.
    """

    number: int
    at: datetime
    sentence: str
    more: Sequence[str]
    implied: bool
    notes: Sequence[str] = ()


def entries(
    rows: Sequence[Row[*tuple[Any, ...]]], partners: Mapping[str, Partner], goals: Sequence[Goal] = ()
) -> list[Entry]:
    """Events as sentences, the newest first.

    Args:
        rows: as ``security.lists.happenings`` gives them.
        partners: whose titles may be shown, by name.
        goals: of the document, as this person may see it.
    """
    return [_entry(row, partners, goals) for row in reversed(rows)]


def _entry(row: Row[*tuple[Any, ...]], partners: Mapping[str, Partner], goals: Sequence[Goal]) -> Entry:
    detail = detail_of(row)
    more = [*_of_goal(detail, goals), *_more(row, detail)]
    notes = [words.word(str(one)) for one in detail.get("remarks", ())]
    return Entry(row.number, row.at, _sentence(row, detail, partners), more, bool(row.inferred), notes)


def _of_goal(detail: Mapping[str, Any], goals: Sequence[Goal]) -> list[str]:
    """What became of which goal, where this person may see that."""
    place = str(detail.get("goal", "")).removeprefix("goal/")
    state = detail.get("achievement") or detail.get("lifecycle")
    if state is None or not (place.isascii() and place.isdigit()) or int(place) >= len(goals):
        return []
    return [words.said(words.table()["goalNow"], text=goals[int(place)].description, state=words.word(state))]


def _sentence(row: Row[*tuple[Any, ...]], detail: Mapping[str, Any], partners: Mapping[str, Partner]) -> str:
    sentence = words.table()["sentences"].get(row.name)
    if sentence is None:  # of a later version
        return str(row.name)
    sentence = _of_whom(row, sentence)
    named = partners.get(detail.get("partner") or row.partner or "")
    way = words.way_of_letters(named)
    if row.name == "delivered" and way is not None:
        sentence = words.table()["byLetter"][way]["sentence"]
    service = named.title if named is not None else spoken(_("the service"))
    text = words.said(sentence, who=_who(row, partners), service=service)
    return text[:1].upper() + text[1:]


def _of_whom(row: Row[*tuple[Any, ...]], sentence: Mapping[str, str]) -> Mapping[str, str]:
    """The sentence as it fits: what a service said and our side recorded is the service's; some has no service."""
    if row.partner is None:
        found = words.table()["alone"].get(row.name)
    else:
        found = words.table()["recorded"].get(row.name) if row.role in {"requester", "navigator"} else None
    return sentence if found is None else dict(found)


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
    if "happened" in detail:
        said.append(spoken(_("Did it happen? {answer}", answer=words.word(detail["happened"]))))
    if "barriers" in detail and row.name == "answered":
        kinds = ", ".join(words.word(one) for one in detail["barriers"])
        said.append(spoken(_("What got in the way: {what}", what=kinds)))
    if "satisfaction" in detail:
        said.append(spoken(_("Was it right for the person? {answer}", answer=words.word(detail["satisfaction"]))))
    if row.name == "delivery-failed":
        said.append(reason_text(detail.get("why"), current()) or "")
    if row.name == "refused":
        known = read_json("mappings", "events.json")["codes"]["refused"].get(detail.get("code"))
        return [text for text in [*said, "" if known is None else known[current()]] if text]
    for name in ("changes", "what"):
        said += [words.word(str(one)) for one in detail.get(name, ())]
    said += [str(detail[name]) for name in ("description", "text", "message", "title", "to") if name in detail]
    return [text for text in said if text]
