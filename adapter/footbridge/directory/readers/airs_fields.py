"""Members that every kind of AIRS record may have: text, addresses, positions, links, names, hours, notes, dates.

Each function takes a draft, an element (or, by ``content``, the value of one of its attributes) and the arguments of
its row in ``mappings/directory/airs.json``. What may not be shown gets ``withheld``; nothing is left out for that.
"""

from typing import Any

from footbridge.directory.readers import airs_hours
from footbridge.directory.readers.airs_draft import Draft
from footbridge.directory.readers.airs_elements import (
    Element,
    children,
    flag,
    is_no,
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


def text(draft: Draft, element: Element, member: str, *, content: str | None = None) -> None:
    """One text; of several the first stays, and the others are reported."""
    name = local(element)
    found = draft.text(element, name) if content is None else content
    if len(element) and content is None:
        draft.tally.count("airs.markup", name, line_of(element))
    if found is None or found == draft.data.get(member):
        return
    if member in draft.data:
        draft.tally.report("airs.repeated-element", line_of(element), draft.owner, member=member, found=found)
        return
    draft.data[member] = found


def paragraph(draft: Draft, element: Element, member: str, label: str | None = None) -> None:
    """A paragraph of a longer text."""
    draft.paragraph(member, draft.text(element, local(element)), label)


def attribute(draft: Draft, element: Element, label: str, *, content: str | None = None) -> None:
    """Something that HSDS has no member for, as an attribute with label and value."""
    found = content or text_of(element)
    if found:
        kind = attribute_of(element, "Type") if content is None else None
        draft.add("attributes", {"label": label, "value": found, **({"link_type": kind} if kind else {})})


def identifier(draft: Draft, element: Element, kind: str, scheme: str, *, content: str | None = None) -> None:
    """A business identifier of an organization."""
    if found := content or text_of(element):
        row = {"identifier_type": kind, "identifier_scheme": scheme, "identifier": found}
        draft.add("organization_identifiers", row)


def codes(draft: Draft, element: Element, label: str) -> None:
    """Publications and distributions of the Ontario dialect: a value, and headings."""
    for place in (element, *children(element)):
        if found := attribute_of(place, "Value") or (None if len(place) else text_of(place)):
            draft.add("attributes", {"label": label, "value": found})


def alternate_name(draft: Draft, element: Element) -> None:
    """``AKA``: the names that may be shown also make ``alternate_name``."""
    name = value(element, "Name", "AlternateName") or (None if len(element) else text_of(element))
    row: Row = {"name": name, "description": value(element, "Description")}
    row = {key: found for key, found in row.items() if found}
    if not row:
        return
    reason = withheld(element)
    draft.add("alternate_names", {**row, "withheld": reason} if reason else row)
    if name and not reason:
        known = draft.data.get("alternate_name")
        draft.data["alternate_name"] = f"{known}; {name}" if known else name


def link(draft: Draft, element: Element, member: str, more: str, label: str | None = None) -> None:
    """Web addresses: the first in ``member``, others and those with a note in ``more``."""
    reason = withheld(element)
    for url, note in _links(element):
        words = " ".join(word for word in (label, note) if word)
        row = {"url": url, **({"label": words} if words else {}), **({"withheld": reason} if reason else {})}
        is_first = not reason and not label and member not in draft.data
        if is_first:
            draft.data[member] = url
        if not is_first or words:
            draft.add(more, row)


def _links(element: Element) -> list[tuple[str, str | None]]:
    if not len(element):
        return [(found, None)] if (found := text_of(element)) else []
    rows: list[tuple[str, str | None]] = []
    for child in element:
        found, name = text_of(child), local(child)
        if found and name in {"URL", "Url", "Address"}:
            rows.append((found, None))
        elif found and rows and name in {"Note", "Description"}:
            rows[-1] = (rows[-1][0], found)
    return rows


def address(draft: Draft, element: Element, kind: str) -> None:
    """An address, or that it is withheld, and why."""
    members: dict[str, str] = table()["address"]
    row: Row = {}
    for child in element:
        name = local(child)
        if name in members and (found := draft.text(child, name)):
            row.setdefault(members[name], found)
        elif name not in members and name not in _ADDRESS_FLAGS:
            draft.tally.count("airs.unknown-element", f"{name} in {local(element)}", line_of(child))
    if found := attribute_of(element, "Description"):
        row.setdefault("description", found)
    reason = withheld(element)
    if reason == "reason-withheld":
        words = value(element, "ReasonWithheld")
        if draft.is_filler("ReasonWithheld", words, line_of(element)):
            reason = None
        elif words:
            row["reason_withheld"] = words
    if row:
        draft.add("addresses", {"address_type": kind, **row, **({"withheld": reason} if reason else {})})


_ADDRESS_FLAGS = frozenset(
    {"Confidential", "ReasonWithheld", "AddressID", "MainAgencyAddress", "PhysicalAddress", "MailingAddress"}
)


def no_address(draft: Draft, element: Element) -> None:
    """That a site has no physical address, and why."""
    if is_no(flag(element, "NoPhysicalAddress")):
        return
    draft.data["location_type"] = "virtual"
    for name in ("Description", "Explanation"):
        found = value(element, name)
        if found and not draft.is_filler(name, found, line_of(element)):
            draft.add("attributes", {"label": "no-physical-address", "value": found})


def whereabouts(draft: Draft, element: Element, kind: str) -> None:
    """Cross streets, ways and lines: set aside until it is clear whether the address may be shown."""
    if found := text_of(element):
        draft.add("_whereabouts", {"kind": kind, "text": found})


def position(draft: Draft, element: Element) -> None:
    """Coordinates: set aside until it is clear whether the address may be shown."""
    row: Row = {
        "latitude": value(element, "Latitude"),
        "longitude": value(element, "Longitude"),
        "datum": value(element, "Datum"),
        "description": value(element, "Description"),
    }
    row = {key: found for key, found in row.items() if found}
    if "latitude" in row or "longitude" in row:
        reason = withheld(element)
        draft.add("_positions", {**row, **({"withheld": reason} if reason else {})})


def hours(draft: Draft, element: Element) -> None:
    """``TimeOpen``."""
    draft.add("schedules", *airs_hours.schedules(element))


def open_hours(draft: Draft, element: Element) -> None:
    """``OpenHours`` of 4.0."""
    draft.add("schedules", *airs_hours.open_hours(element))


def special_hours(draft: Draft, element: Element) -> None:
    """``SpecialHours`` of 4.0."""
    draft.add("schedules", *airs_hours.special_hours(element))


def seasonal(draft: Draft, element: Element) -> None:
    """A season; its dates are free text."""
    draft.add("schedules", *airs_hours.special_hours(element))


def languages(draft: Draft, element: Element) -> None:
    """Languages spoken."""
    draft.add("languages", *airs_hours.languages(element))


def accessibility(draft: Draft, element: Element) -> None:
    """``DisabilitiesAccess``."""
    if found := text_of(element):
        draft.add("accessibility", {"description": found})


def deleted_on(draft: Draft, element: Element, *, content: str | None = None) -> None:
    """When the record was deleted."""
    if found := content or text_of(element):
        draft.add("metadata", {"last_action_date": found, "last_action_type": "delete"})


def internal_note(draft: Draft, element: Element) -> None:
    """What editors wrote for themselves."""
    if found := text_of(element):
        draft.add("notes", {"text": found, "withheld": "internal"})


def resource_info(draft: Draft, element: Element) -> None:
    """When a record was made, changed and verified; who keeps it is internal."""
    from footbridge.directory.readers.airs_people import contact  # noqa: PLC0415 - the two call each other

    dates = {name: value(element, name) for name in ("DateLastVerified", "DateOfLastAction", "DateAdded")}
    if dates["DateLastVerified"]:
        draft.data["assured_date"] = dates["DateLastVerified"]
    if dates["DateOfLastAction"]:
        draft.data["last_modified"] = dates["DateOfLastAction"]
        action = value(element, "LastActionType") or "update"
        draft.add("metadata", {"last_action_date": dates["DateOfLastAction"], "last_action_type": action})
    if dates["DateAdded"]:
        draft.add("metadata", {"last_action_date": dates["DateAdded"], "last_action_type": "create"})
    if found := value(element, "ResourceSpecialist"):
        draft.add("metadata", {"updated_by": found, "withheld": "internal"})
    for child in children(element, "Contact"):
        contact(draft, child, reason="internal")
