"""The words of the portal in the reader's language: the table ``mappings/portal.json``."""

import functools
from collections.abc import Mapping
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import current
from footbridge.store.partners import Partner
from footbridge.terminology import category


@functools.cache
def table() -> Mapping[str, Any]:
    """The table as it is in the file."""
    found: dict[str, Any] = read_json("mappings", "portal.json")
    return found


def said(texts: Mapping[str, str], **fields: object) -> str:
    """A text of a table in the reader's language, with its fields filled in."""
    text = texts[current()]
    return text.format(**fields) if fields else text


def status(code: str) -> str:
    """What a Task.status, or the status of a prescription, is called."""
    return said(table()["statuses"][code])


def status_of(code: str, partner: str | None, machine: str, *, is_split: bool) -> str:
    """The status under which a referral is shown: one that is asked of nobody waits for a person, or is in parts."""
    if code != "requested" or machine != "referral":
        return code
    return "in-parts" if is_split else code if partner is not None else "waiting"


def tone(code: str) -> str:
    """How a status looks: wait, go, good, bad or quiet."""
    return str(table()["tones"][code])


def word(code: str | None) -> str:
    """What a code of the prescription is called; the code itself where the table has none."""
    found = table()["words"].get(code)
    return (code or "") if found is None else said(found)


def way_of_letters(partner: Partner | None) -> str | None:
    """How a partner gets letters: ``folder`` or ``mail``; None for one that gets none."""
    if partner is None or partner.network != "letter":
        return None
    return "mail" if partner.base_url.startswith("mailto:") else "folder"


def delivery(code: str, partner: Partner | None) -> str:
    """How far a delivery is: of a letter that it was written, never that it was received."""
    way = way_of_letters(partner)
    return word(code) if way is None or code != "delivered" else said(table()["byLetter"][way]["status"])


def kind(code: str) -> str:
    """What a kind of prescription is called."""
    return said(table()["kinds"][code])


def priority(code: str) -> str:
    """What a priority is called."""
    return said(table()["priorities"][code])


def category_name(code: str) -> str:
    """What an SDOH category is called."""
    found = category(code)
    return code if found is None else found.text[current()]


def partner_role(code: str) -> str:
    """What the role of a partner, or of whom a token stands for, is in plain words; the code where there are none."""
    found = table()["partnerRoles"].get(code)
    return code if found is None else said(found)


def network(code: str) -> str:
    """How a partner is reached, in plain words; the code where the table has none."""
    found = table()["networks"].get(code)
    return code if found is None else said(found)


def form_of_directory(code: str) -> str:
    """What a form of directories is called; the code where the table has none."""
    found = table()["directoryForms"].get(code)
    return code if found is None else said(found)


def state_of_import(code: str) -> str:
    """How an import stands; the code where the table has none."""
    found = table()["importStates"].get(code)
    return code if found is None else said(found)


def figure_of_import(code: str) -> str | None:
    """What a figure of an import counts; None where it is not for people."""
    found = table()["importFigures"].get(code)
    return None if found is None else said(found)


def for_pages(text: str) -> str:
    """A sentence of the command line as a page says it: each option by the field that asks the same."""
    for option, label in table()["options"].items():
        text = text.replace(option, said(label))
    return text
