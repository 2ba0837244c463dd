"""Forms as data: the fields of an action (``mappings/portal.json``), read and checked in one place.

A field that is wrong has its error beside it and in the summary at the top; what was typed is given back as it was.
"""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from werkzeug.datastructures import MultiDict

from footbridge.i18n import _, spoken
from footbridge.model.prescription.values import ShortText, Text
from footbridge.web.portal import choices, words
from footbridge.web.portal.choices import Option
from footbridge.web.portal.look import Look

LENGTHS = {"line": 255, "words": 10_000}
_AS_IN_DOCUMENTS = ConfigDict(regex_engine="python-re")
_TEXTS: dict[str, TypeAdapter[str]] = {
    "line": TypeAdapter(ShortText, config=_AS_IN_DOCUMENTS),
    "words": TypeAdapter(Text, config=_AS_IN_DOCUMENTS),
}


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
        is_folded: it is rarely filled in, and stands behind "more".
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
    is_folded: bool = False

    @property
    def value(self) -> str:
        """The one value; empty when there is none."""
        return self.values[0] if self.values else ""


def fields_of(action: Mapping[str, Any], seen: Look, today: date) -> list[Field]:
    """The empty fields of an action for this referral."""
    made: list[Field] = []
    asked = [row for row in action["fields"] if seen.ours or not row.get("ours")]
    for each, group in itertools.groupby(asked, key=lambda row: row.get("each")):
        rows = list(group)  # of a need, a goal, a part: one after the other, each with all that is asked of it
        for place, text in choices.places(each, seen):
            for row in rows:
                one = _field(row, place, text, seen, today)
                one.missing = _when_missing(action, row["name"])
                made.append(one)
    return [one for one in made if one.options or one.kind not in {"choice", "select", "checks"}]


def _field(row: Mapping[str, Any], place: int | None, text: str, seen: Look, today: date) -> Field:
    return Field(
        name=row["name"] if place is None else f"{row['name']}-{place}",
        kind=row["kind"],
        label=words.said(row["label"], text=text, number=max(place, 0) + 1)
        if place is not None
        else words.said(row["label"]),
        required=bool(row.get("required")),
        options=choices.options(row, seen),
        values=_first_values(row, seen, place, today),
        is_folded=row.get("each") == "found" and bool(place),
    )


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
    """Fields that need another one, or do not fit another one; of what is repeated those of one place."""
    known = by_name(fields)
    for row in action["fields"]:
        for one in fields:
            if one.name.rpartition("-")[0] != row["name"] and one.name != row["name"]:
                continue
            place = one.name.removeprefix(row["name"])
            said = any(value.strip() for value in one.values)
            for other, value in row.get("requiredWith", {}).items():
                if _says(known, f"{other}{place}", value) and not said and one.error is None:
                    choose = one.kind in {"choice", "select", "checks"}
                    one.error = one.missing or spoken(_("Select an answer.") if choose else _("This is required."))
            for other, value in row.get("onlyWith", {}).items():
                theirs = known[f"{other}{place}"].value
                if said and theirs and theirs != value:
                    one.error = spoken(_("This does not fit the answer above: change one of them."))


def _when_missing(action: Mapping[str, Any], field_name: str) -> str:
    """What is said where the field is empty: it names the field, since the summary shows it without the question."""
    name = next((name for name, row in words.table()["actions"].items() if row is action), "")
    found = words.table()["missing"].get(f"{name}.{field_name}")
    return "" if found is None else words.said(found)


def _says(known: Mapping[str, Field], name: str, value: str) -> bool:
    """Whether a field has that value; ``*`` is any."""
    found = known.get(name)
    return found is not None and (bool(found.value.strip()) if value == "*" else found.value == value)


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
