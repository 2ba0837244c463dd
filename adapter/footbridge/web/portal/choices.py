"""What can be selected in the forms of actions: services, categories, reasons, what was done; and what is repeated.

Where a field's options come from is its ``from`` in ``mappings/portal.json``, what it is repeated for its ``each``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from footbridge.data import read_json
from footbridge.i18n import _, current, spoken
from footbridge.mapping.terms import SNOMED, own_system
from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.prescription import Coding
from footbridge.referrals.decided import NO_NEED
from footbridge.referrals.report_back import reasons_known
from footbridge.store.partners import Partner
from footbridge.terminology import categories, designation
from footbridge.terminology.rows import all_rows
from footbridge.web.portal import words
from footbridge.web.portal.look import Look

PARTS: Final = 4
FOUND: Final = 3
"""Needs that were found on the way and can be written on one form."""
ALL: Final = -1
"""The place of an answer about all that was asked, where no need is shown."""

Option = tuple[str, str]
"""The value that is sent, and what is shown."""


def places(each: str | None, seen: Look) -> list[tuple[int | None, str]]:
    """What a field is repeated for: a number, and the text that its label names; once where that is nothing."""
    needs, category = seen.document.needs, seen.row.category
    match each:
        case "needs":
            texts = [need.statement for need in needs]
            return [
                (place, text if texts.count(text) == 1 else f"{text} ({words.category_name(need.category)})")
                for place, (need, text) in enumerate(zip(needs, texts, strict=True))
            ]
        case "reported":
            mine = [
                (place, one.statement.rstrip("."))
                for place, one in enumerate(needs)
                if category in {None, one.category}
            ]
            return [*mine] or [(ALL, words.category_name(category) if category else words.kind(seen.document.kind))]
        case "goals":
            return [(place, goal.description) for place, goal in enumerate(seen.document.goals)]
        case "parts" | "found":
            return [(place, str(place + 1)) for place in range(PARTS if each == "parts" else FOUND)]
        case _:
            return [(None, "")]


def options(row: Mapping[str, Any], seen: Look) -> list[Option]:
    """What can be selected in a field: from where its row says, or what the row lists."""
    match row.get("from"):
        case "categories" | "guesses" as which:
            named = [(one.code, one.text[current()]) for one in categories()]
            takes_away = which == "guesses" and len(seen.document.needs) > 1
            ordered = sorted(named, key=lambda pair: pair[1].casefold())
            return [*ordered, (NO_NEED, words.word("no-need"))] if takes_away else ordered
        case "needs":  # a strength is none
            named = [(one.code, one.text[current()]) for one in categories() if one.code in plain_categories()]
            return sorted(named, key=lambda pair: pair[1].casefold())
        case "partners" | "other-partners" as which:
            its = None if which == "partners" else seen.row.partner
            mine = [one for one in seen.partners.values() if one.role == "recipient" and one.name != its]
            return _by_fit([(one.name, _asked_before(one, seen)) for one in mine], seen)
        case "achievements":
            return [(code, words.word(code)) for code in answer_table().goal]
        case "done":
            return _done(seen)
        case "not-linked-reasons":
            url = own_system("not-linked-reason")
            return [(one, designation(url, one, current()) or one) for one in reasons_known()]
        case _:
            return [(code, words.word(code)) for code in row.get("options", ())]


def plain_categories() -> Mapping[str, Any]:
    """The categories that a need can have, in plain words (``mappings/prescribing.json``)."""
    found: Mapping[str, Any] = read_json("mappings", "prescribing.json")["categories"]
    return found


def _by_fit(services: Sequence[Option], seen: Look) -> list[Option]:
    """The services that are asked for what it is about come first, in that order; then all others by name."""
    first = [] if seen.listed is None else list(seen.listed.partners)
    order = {name: place for place, name in enumerate(dict.fromkeys([*first, *seen.fitting]))}
    ranked = sorted(services, key=lambda pair: (order.get(pair[0], len(order)), pair[1].casefold()))
    return [
        (name, spoken(_("{service} (asked first for this category)", service=label)) if name in order else label)
        for name, label in ranked
    ]


def _asked_before(partner: Partner, seen: Look) -> str:
    """The title of a service; with what became of it where it was asked before for the same."""
    tries = [one for one in (seen.row, *seen.others) if one.partner == partner.name and one.parent == seen.row.parent]
    ended = [one for one in tries if one.is_ended]
    if not ended:
        return partner.title
    newest = max(ended, key=lambda one: one.attempt)
    return spoken(_("{service} (asked before: {status})", service=partner.title, status=words.status(newest.status)))


def _done(seen: Look) -> list[Option]:
    """What can be said to be done about the needs of this referral, in plain words: first the guide's codes, then ours.

    Of the guide's those that we have plain words for; ours are CodeSystem *activity-done*.
    """
    table = words.table()
    known, ours = table["procedures"], table["activities"]
    mine = [seen.row.category] if seen.row.category else [need.category for need in seen.document.needs]
    codes = [
        row.code for row in all_rows() if row.role == "procedure" and row.category in mine and row.system == SNOMED
    ]
    found = [(code, words.said(known[code])) for code in codes if code in known]
    own = [code for category in [*mine, "*"] for code in ours.get(category, ())]
    return list(dict.fromkeys([*found, *((code, activity(code)) for code in own)]))


def coding_done(code: str) -> Coding:
    """What was done as a code: the guide's where it has one, else ours, with our words for it."""
    if code in words.table()["procedures"]:
        return Coding(system=SNOMED, code=code)
    return Coding(system=own_system("activity-done"), code=code, display=activity(code, "en"))


def activity(code: str, language: str | None = None) -> str:
    """One of our codes of what was done in plain words; the code itself where it is none of ours."""
    return designation(own_system("activity-done"), code, language or current()) or code
