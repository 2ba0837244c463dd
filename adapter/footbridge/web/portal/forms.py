"""Forms as data: the fields of an action (``mappings/portal.json``), read and checked in one place.

A field that is wrong has its error beside it and in the summary at the top; what was typed is given back as it was.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from werkzeug.datastructures import MultiDict

from footbridge.data import read_json
from footbridge.i18n import _, current, spoken
from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.prescription.values import ShortText, Text
from footbridge.referrals.decided import NO_NEED
from footbridge.store.partners import Partner
from footbridge.terminology import SNOMED, categories
from footbridge.terminology.rows import all_rows
from footbridge.web.portal import words
from footbridge.web.portal.look import Look

PARTS = 4
LENGTHS = {"line": 255, "words": 10_000}
_AS_IN_DOCUMENTS = ConfigDict(regex_engine="python-re")
_TEXTS: dict[str, TypeAdapter[str]] = {
    "line": TypeAdapter(ShortText, config=_AS_IN_DOCUMENTS),
    "words": TypeAdapter(Text, config=_AS_IN_DOCUMENTS),
}

Option = tuple[str, str]
"""The value that is sent, and what is shown."""


@dataclass(slots=True)
class Field:
    """One field of a form.

    Attributes:
        name: in the form; with a number where it is repeated.
        kind: line, words, choice, select, date, time or checks.
        about: text of the person that the label quotes; empty for most.
        hint: a sentence under the label; empty for most.
        missing: what is said where it is empty and must not be; it names the field. Empty: a word for every field.
        of: where a choice decides which fields count: the answers to it for which this one does, by blanks.
        values: what is typed or selected.
        error: what is wrong, in the reader's language.
    """

    name: str
    kind: str
    label: str
    required: bool
    options: Sequence[Option] = ()
    values: list[str] = field(default_factory=list)
    error: str | None = None
    about: str = ""
    hint: str = ""
    missing: str = ""
    of: str = ""

    @property
    def value(self) -> str:
        """The one value; empty when there is none."""
        return self.values[0] if self.values else ""


def fields_of(action: Mapping[str, Any], seen: Look, today: date) -> list[Field]:
    """The empty fields of an action for this referral."""
    made: list[Field] = []
    rows = [(place or 0, row, place, text) for row in action["fields"] for place, text in _places(row, seen)]
    if any(row.get("each") == "parts" for row in action["fields"]):
        rows.sort(key=lambda one: one[0])  # a part after the other, each with all that is asked of it
    for _place, row, place, text in rows:
        name = row["name"] if place is None else f"{row['name']}-{place}"
        one = Field(
            name=name,
            kind=row["kind"],
            label=words.said(row["label"], text=text) if place is not None else words.said(row["label"]),
            required=bool(row.get("required")),
            options=_options(row, seen),
            values=_first_values(row, seen, place, today),
            missing=_when_missing(action, row["name"]),
        )
        if one.options or row["kind"] not in {"choice", "select", "checks"}:
            made.append(one)
    return made


def read(fields: Sequence[Field], action: Mapping[str, Any], form: MultiDict[str, str]) -> bool:
    """Put what was typed into the fields, and check it; whether all is well."""
    for one in fields:
        typed = [text.replace("\r\n", "\n") for text in form.getlist(one.name)]  # as browsers send ends of lines
        one.values = typed if one.kind == "checks" else [typed[0]] if typed else []
        one.error = _error(one)
    _required_together(fields, action)
    must_say_one_of(fields, action.get("oneOf", ()))
    return not any(one.error for one in fields)


def must_say_one_of(fields: Sequence[Field], names: Sequence[str]) -> None:
    """Where none of these fields says anything, the first of them that the form has is wrong."""
    mine = [one for one in fields if one.name in names]
    if mine and not any(value.strip() for one in mine for value in one.values) and not any(one.error for one in mine):
        mine[0].error = spoken(_("Select what was done, or write it in your own words."))


def without_errors(fields: Sequence[Field]) -> list[Field]:
    """The fields as they were typed, when nobody has said yet that they are done."""
    return [replace(one, error=None) for one in fields]


def digest_of(form: MultiDict[str, str]) -> str:
    """What tells a form that says something else: a digest of what was typed and selected."""
    typed = sorted((name, value) for name, value in form.items(multi=True) if not name.startswith("form_"))
    return hashlib.sha256(repr(typed).encode()).hexdigest()[:16]


def written(fields: Sequence[Field]) -> list[tuple[str, str]]:
    """All that was typed or selected, to be read: label and text; of an answer that was selected its words."""
    shown = []
    for one in fields:
        known = dict(one.options)
        texts = [known.get(value, value) for value in one.values if value.strip()]
        if texts:
            shown.append((one.label, "; ".join(texts)))
    return shown


def by_name(fields: Sequence[Field]) -> dict[str, Field]:
    """The fields by name."""
    return {one.name: one for one in fields}


def texts(fields: Sequence[Field], name: str) -> str | None:
    """What was typed into a field, None when that is nothing or there is no such field."""
    found = by_name(fields).get(name)
    return found.value if found is not None and found.value.strip() else None


def numbered(fields: Sequence[Field], name: str) -> dict[int, str]:
    """What was typed into a repeated field, by number; empty ones left out."""
    prefix = f"{name}-"
    mine = {one.name.removeprefix(prefix): one.value for one in fields if one.name.startswith(prefix)}
    return {int(place): value for place, value in mine.items() if value.strip()}


def _error(one: Field) -> str | None:
    if not any(value.strip() for value in one.values):
        if not one.required:
            return None
        choose = one.kind in {"choice", "select", "checks"}
        return one.missing or spoken(_("Select an answer.") if choose else _("This is required."))
    known = {value for value, _label in one.options}
    match one.kind:
        case "choice" | "select" | "checks":
            return None if known.issuperset(one.values) else spoken(_("Select one of the answers."))
        case "date":
            return None if _is_day(one.value) else spoken(_("Enter a day as year-month-day, such as 2026-11-07."))
        case "time":
            return None if _is_time(one.value) else spoken(_("Enter a time such as 14:30."))
        case kind:
            return _text_error(kind, one.value)


def mark_unfit(fields: Sequence[Field]) -> bool:
    """Put an error beside each line that is too long, or that a database could not take; whether there is none."""
    for one in fields:
        if one.kind == "line" and one.value.strip():
            one.error = one.error or _text_error(one.kind, one.value)
    return not any(one.error for one in fields)


def _text_error(kind: str, value: str) -> str | None:
    if len(value) > LENGTHS[kind]:
        message = _("Too long: {count:,} characters, and the limit is {most:,}.", count=len(value), most=LENGTHS[kind])
        return spoken(message)
    try:
        _TEXTS[kind].validate_python(value)
    except ValidationError:
        return spoken(_("It has a character that cannot be stored. Type it again."))
    return None


def _required_together(fields: Sequence[Field], action: Mapping[str, Any]) -> None:
    known = by_name(fields)
    for row in action["fields"]:
        for other, value in row.get("requiredWith", {}).items():
            one = known[row["name"]]
            if known[other].value == value and not one.value.strip():
                one.error = one.missing or spoken(_("This is required."))
        for other, value in row.get("onlyWith", {}).items():
            one = known[row["name"]]
            if one.value.strip() and known[other].value != value and known[other].value:
                one.error = spoken(_("This does not fit the answer above: change one of them."))


def _places(row: Mapping[str, Any], seen: Look) -> list[tuple[int | None, str]]:
    match row.get("each"):
        case "needs":
            texts = [need.statement for need in seen.document.needs]
            return [
                (place, text if texts.count(text) == 1 else f"{text} ({words.category_name(need.category)})")
                for place, (need, text) in enumerate(zip(seen.document.needs, texts, strict=True))
            ]
        case "goals":
            return [(place, goal.description) for place, goal in enumerate(seen.document.goals)]
        case "parts":
            return [(place, str(place + 1)) for place in range(PARTS)]
        case _:
            return [(None, "")]


def _when_missing(action: Mapping[str, Any], field_name: str) -> str:
    """What is said where the field is empty: it names the field, since the summary shows it without the question."""
    name = next((name for name, row in words.table()["actions"].items() if row is action), "")
    found = words.table()["missing"].get(f"{name}.{field_name}")
    return "" if found is None else words.said(found)


def _options(row: Mapping[str, Any], seen: Look) -> list[Option]:
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
        case "procedures":
            return _procedures(seen)
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


def _procedures(seen: Look) -> list[Option]:
    """What can be said to be done, of the categories of this referral: codes that we have plain words for."""
    known = words.table()["procedures"]
    mine = {seen.row.category} if seen.row.category else {need.category for need in seen.document.needs}
    codes = [
        row.code for row in all_rows() if row.role == "procedure" and row.category in mine and row.system == SNOMED
    ]
    return [(code, words.said(known[code])) for code in dict.fromkeys(codes) if code in known]


def _first_values(row: Mapping[str, Any], seen: Look, place: int | None, today: date) -> list[str]:
    if row.get("default") == "today":
        return [today.isoformat()]
    if row.get("each") == "needs" and place is not None:
        return [seen.document.needs[place].category]
    return list(row.get("checked", ()))


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).year in range(1900, 2200)
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    try:
        return len(text) == 5 and bool(datetime.combine(date(2000, 1, 1), time.fromisoformat(text)))
    except ValueError:
        return False
