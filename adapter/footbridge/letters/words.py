"""Names, days and codes in the language that is spoken, as letters say them."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo

from footbridge.data import read_json
from footbridge.i18n import current, dates
from footbridge.i18n.eager import _
from footbridge.i18n.language_names import language_name
from footbridge.model.prescription import Address, ContactPoint, LanguageSkill, PersonName
from footbridge.terminology import category


def word(code: str) -> str:
    """What a code of a prescription is called (``mappings/portal.json``); the code itself where the table has none."""
    found = read_json("mappings", "portal.json")["words"].get(code)
    return code if found is None else str(found[current()])


def priority(code: str) -> str:
    """What a priority is called."""
    return str(read_json("mappings", "portal.json")["priorities"][code][current()])


def category_name(code: str) -> str:
    """What an SDOH category is called."""
    found = category(code)
    return code if found is None else found.text[current()]


def day(value: date | datetime, zone: tzinfo) -> str:
    """A day in words: 7 November 2026."""
    local = value.astimezone(zone) if isinstance(value, datetime) else value
    return dates.day(local)


def moment(value: datetime, zone: tzinfo) -> str:
    """A day of the week, a day and a time in words."""
    return dates.moment(value.astimezone(zone), weekday=True)


def full_name(name: PersonName | None) -> str:
    """Given names and family name; empty where there is none."""
    if name is None:
        return ""
    parts = [part for part in (*name.given, name.family) if part]
    said = " ".join(parts) or name.preferred or ""
    return said if not name.preferred or name.preferred in said else f"{said} ({name.preferred})"


def reached(points: Iterable[ContactPoint]) -> str:
    """Ways to reach somebody, in one line."""
    listed = list(points)
    return "; ".join(pair(word(one.system), one.value) for one in listed)


def pair(what: str, text: str) -> str:
    """A text with what it is about before it, punctuated as the language does."""
    return str(_("{what}: {text}", what=what, text=text))


def place(address: Address | None) -> str:
    """An address in one line."""
    if address is None:
        return ""
    return ", ".join(part for part in (*address.line, address.city, address.state, address.postal_code) if part)


def tongue(skill: LanguageSkill) -> str:
    """What a language is called, and whether an interpreter is needed."""
    name = language_name(skill.code, current())
    return _("{language} (interpreter needed)", language=name) if skill.interpreter_needed else name
