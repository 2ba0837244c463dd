"""Phones, e-mail addresses, contacts, licences and funding of AIRS records."""

from typing import Any

from footbridge.directory.readers.airs_draft import Draft
from footbridge.directory.readers.airs_elements import (
    Element,
    flag,
    is_true,
    line_of,
    local,
    table,
    value,
    withheld,
)
from footbridge.directory.readers.airs_elements import (
    attribute as attribute_of,
)
from footbridge.directory.readers.airs_elements import (
    text as text_of,
)

Row = dict[str, Any]


def phone(draft: Draft, element: Element) -> None:
    """A phone, or that its number is withheld, and why. One without either is counted, and left out."""
    if row := _phone(draft, element):
        draft.add("phones", row)


def _phone(draft: Draft, element: Element) -> Row | None:
    members: dict[str, str] = table()["phone"]
    row: Row = {}
    for child in element:
        name = local(child)
        if name in members:
            if found := text_of(child):
                row.setdefault(members[name], found)
        elif name not in _PHONE_FLAGS:
            draft.tally.count("airs.unknown-element", f"{name} in Phone", line_of(child))
    if not len(element) and (found := text_of(element)):
        row["number"] = found
    words_of = [row.pop(name, "") for name in ("description", *_ALSO_WORDS)]  # HSDS has one member for all of them
    if words_of := list(dict.fromkeys(filter(None, words_of))):
        row["description"] = "; ".join(words_of)
    if any(is_true(said) for said in flag(element, "TollFree")):
        row["toll_free"] = True
    reason, words = withheld(element), value(element, "ReasonWithheld")
    if "number" not in row and reason is None:
        draft.tally.count("airs.empty-phone", row.get("type", ""), line_of(element))
        return None
    is_only = reason == "reason-withheld" and "number" not in row
    if is_only and draft.is_filler("ReasonWithheld", words, line_of(element)):
        return None
    if reason and words:
        row["reason_withheld"] = words
    return {**row, "withheld": reason} if reason else row


_ALSO_WORDS = ("function", "department")
_PHONE_FLAGS = frozenset({"TollFree", "Confidential", "ReasonWithheld"})


def email(draft: Draft, element: Element) -> None:
    """The first address is the record's; the others, and those with a note, become contacts."""
    found = value(element, "Address") or (None if len(element) else text_of(element))
    if not found:
        return
    note, reason = value(element, "Note"), withheld(element)
    is_first = reason is None and "email" not in draft.data
    if is_first:
        draft.data["email"] = found
    if not is_first or note:
        row: Row = {"email": found, **({"title": note} if note else {})}
        draft.add("contacts", {**row, **({"withheld": reason} if reason else {})})


def contact(draft: Draft, element: Element, *, reason: str | None = None) -> None:
    """A person with phones; each e-mail address beyond the first makes a contact of its own."""
    members: dict[str, str] = table()["contact"]
    row: Row = {}
    emails: list[Row] = []
    for child in element:
        name, found = local(child), text_of(child)
        if name in members:
            if found:
                row.setdefault(members[name], found)
        elif name in {"Email", "ContactEmail"}:
            if address := value(child, "Address") or (None if len(child) else found):
                note = value(child, "Note")
                own = withheld(child)
                emails.append(
                    {
                        "email": address,
                        **({"email_note": note} if note else {}),
                        **({"withheld": own} if own else {}),
                    }
                )
        elif name in {"Phone", "ContactPhone"}:
            if number := _phone(draft, child):
                row.setdefault("phones", []).append(number)
        elif name not in _CONTACT_IDS:
            draft.tally.count("airs.unknown-element", f"{name} in Contact", line_of(child))
    if kind := attribute_of(element, "Type"):
        row.setdefault("type", kind)
    if not row.keys() - {"type"} and not emails:
        return
    why = reason or withheld(element)
    mark = {"withheld": why} if why else {}
    first = emails.pop(0) if emails and "withheld" not in emails[0] else {}
    draft.add("contacts", {**row, **first, **mark})
    who = {key: row[key] for key in ("name", "title") if key in row}
    draft.add("contacts", *({**who, **email, **mark} for email in emails))


_CONTACT_IDS = frozenset({"ID", "AgencyID", "ServiceID", "Confidential", "ReasonWithheld"})


def license(draft: Draft, element: Element) -> None:  # noqa: A001 - named by the table
    """A licence or accreditation, with who gave it."""
    name = value(element, "License") or (None if len(element) else text_of(element))
    by = value(element, "LicensedBy")
    if name or by:
        words = f"{name} ({by})" if name and by else name or by
        draft.add("attributes", {"label": "license", "value": words})


def funding(draft: Draft, element: Element) -> None:
    """Where an organization's money comes from."""
    words = [value(element, name) for name in ("Source", "SourceDescription")]
    found = " - ".join(word for word in words if word) or (None if len(element) else text_of(element))
    if found:
        draft.add("funding", {"source": found})
