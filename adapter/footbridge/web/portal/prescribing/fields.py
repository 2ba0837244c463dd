"""The fields of the page: rows of ``mappings/prescribing.json``, filled with what the draft has."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from footbridge.data import read_json
from footbridge.i18n import current
from footbridge.store.drafts import Typed
from footbridge.web.portal import forms, words
from footbridge.web.portal.choices import Option
from footbridge.web.portal.forms import Field
from footbridge.web.portal.pages import tongue

CONSENTS = ("express", "implied")


@dataclass(frozen=True, slots=True)
class Offered:
    """What differs by tenant: the partners that can be asked (name and title), and the bases of consent."""

    partners: Sequence[Option]
    bases: Sequence[Option]


@functools.cache
def table() -> Mapping[str, Any]:
    """The table as it is in the file."""
    found: dict[str, Any] = read_json("mappings", "prescribing.json")
    return found


def word(code: str) -> str:
    """What an option is called."""
    found = table()["words"].get(code)
    return words.word(code) if found is None else words.said(found)


def category_words(code: str) -> str:
    """An SDOH category in plain words."""
    found = table()["categories"].get(code)
    return words.category_name(code) if found is None else words.said(found["text"])


def fields(offered: Offered) -> dict[str, Field]:
    """Every field by name, empty."""
    made: dict[str, Field] = {}
    for row in table()["fields"]:
        for place in _places(row):
            name = row["name"] if place is None else f"{row['name']}-{place}"
            options = _options(row, offered)
            label = words.said(row["label"])
            made[name] = Field(name, row["kind"], label, bool(row.get("required")), options)
    return made


def section_of(name: str) -> str:
    """The section of the page that a field is in."""
    bare = next(row for row in table()["fields"] if name == row["name"] or name.startswith(f"{row['name']}-"))
    return str(bare["section"])


def filled(offered: Offered, typed: Typed) -> dict[str, Field]:
    """The fields with what the draft has; nothing is checked."""
    made = fields(offered)
    for name, one in made.items():
        one.values = list(typed.get(name, ()))
    return made


def checked(offered: Offered, typed: Typed) -> dict[str, Field]:
    """The fields with what the draft has, each with its error where it has one."""
    made = fields(offered)
    given: MultiDict[str, str] = MultiDict()
    for name in made:
        given.setlist(name, list(typed.get(name, ())))
    forms.read(list(made.values()), {"fields": []}, given)
    return made


def typed_in(form: MultiDict[str, str]) -> dict[str, list[str]]:
    """What a form has, as the draft stores it: of our fields only, without those left empty."""
    names = {
        row["name"] if place is None else f"{row['name']}-{place}"
        for row in table()["fields"]
        for place in _places(row)
    }
    found = {name: [text.replace("\r\n", "\n") for text in form.getlist(name)] for name in sorted(names)}
    return {name: texts for name, texts in found.items() if any(text.strip() for text in texts)}


def _places(row: Mapping[str, Any]) -> Sequence[str | int | None]:
    match row.get("each"):
        case "categories":
            return list(table()["categories"])
        case "barriers":
            return range(table()["barriers"])
        case _:
            return [None]


def _options(row: Mapping[str, Any], offered: Offered) -> Sequence[Option]:
    match row.get("from"):
        case "kinds":
            return [(code, words.said(one["text"])) for code, one in table()["kinds"].items()]
        case "categories":
            return [(code, words.said(one["text"])) for code, one in table()["categories"].items()]
        case "priorities":
            return [(code, words.priority(code)) for code in words.table()["priorities"]]
        case "health-cards":
            return [(code, words.said(one["text"])) for code, one in table()["healthCards"].items()]
        case "languages":
            return languages(current())
        case "partners":
            return offered.partners
        case "bases":
            return offered.bases
        case _:
            return [(code, word(code)) for code in row.get("options", ())]


@functools.cache
def languages(speaking: str) -> Sequence[Option]:
    """The languages that are offered, by name; English and French first."""
    named = [(code, tongue(code)) for code in table()["languages"]]
    return named[:2] + sorted(named[2:], key=lambda pair: pair[1].casefold()) if speaking else named
