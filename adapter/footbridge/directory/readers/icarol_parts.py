"""Children of iCarol records: contact details, hours, coverage, languages, custom fields.

What an export marks as confidential gets ``withheld``; it is given like any other.
"""

import functools
import re
from typing import Any

from footbridge.data import read_json
from footbridge.directory.privacy.labels import says_not_public
from footbridge.directory.readers.marks import marks

Row = dict[str, Any]


@functools.cache
def table() -> dict[str, Any]:
    """``mappings/directory/icarol.json``."""
    read: dict[str, Any] = read_json("mappings", "directory", "icarol.json")
    return read


def text(found: Any) -> str | None:  # noqa: ANN401 - any JSON
    """A value as text; None for an empty one, and for what is no single value."""
    if isinstance(found, bool) or found is None or isinstance(found, list | dict):
        return None
    return str(found).strip() or None


def objects(found: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    """The objects of a list; one object counts as a list of one."""
    listed = [found] if isinstance(found, dict) else found if isinstance(found, list) else []
    return [one for one in listed if isinstance(one, dict)]


def texts(found: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """The single values of a list, as texts."""
    return [one for raw in (found if isinstance(found, list) else [found]) if (one := text(raw))]


def is_marked(row: Row) -> bool:
    """Whether an object is marked as confidential or private: anything but a clear no counts."""
    return "withheld" in marks(row)


def fit(row: Row, name: str, content: str | None) -> str | None:
    """A value unless it only fills its member, as the county -1 does; then it is noted in ``row``."""
    if content is not None and content.casefold() in table()["fillers"].get(name, ()):
        row.setdefault("_fillers", []).append(f"{name}: {content}")
        return None
    return content


def hidden_too(rows: list[Row], source: Row) -> list[Row]:
    """Rows, withheld where the object that they were read from is marked."""
    return [{**row, "withheld": "confidential"} for row in rows] if is_marked(source) else rows


def contact_details(data: Row, details: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Add every contact detail to a record; returns the types that are unknown."""
    unknown: list[str] = []
    for detail in objects(details):
        contact = detail.get("contact")
        contact = contact if isinstance(contact, dict) else detail
        hidden = is_marked(detail) or is_marked(contact)
        kind = text(contact.get("type")) or ""
        add = _DETAILS.get(kind)
        if add is None:
            unknown.append(kind)
        else:
            add(data, contact, {"withheld": "confidential"} if hidden else {})
    return unknown


def _address(data: Row, contact: Row, mark: Row) -> None:
    types: dict[str, str] = table()["addressTypes"]
    usual = "physical" if contact.get("type") == "PhysicalLocation" else "other"
    row: Row = {"address_type": types.get((text(contact.get("purpose")) or "").casefold(), usual)}
    for name, member in table()["address"].items():
        if found := fit(data, name, text(contact.get(name))):
            row[member] = f"{row[member]}; {found}" if member in row else found
    position = {name: found for name in ("latitude", "longitude") if (found := text(contact.get(name)))}
    if mark:
        row.update(position)
    else:
        for name, found in position.items():
            data.setdefault(name, found)
    if len(row) > 1 or mark:
        data.setdefault("addresses", []).append({**row, **mark})


def _phone(data: Row, contact: Row, mark: Row) -> None:
    if row := _number(contact, mark):
        data.setdefault("phones", []).append(row)


def _number(contact: Row, mark: Row) -> Row:
    words = [found for name in ("label", "description") if (found := text(contact.get(name)))]
    row: Row = {
        "number": text(contact.get("number")),
        "extension": text(contact.get("extension")),
        "type": text(contact.get("purpose")),
        "description": " - ".join(dict.fromkeys(words)),
    }
    row = {name: found for name, found in row.items() if found}
    return {**row, **mark} if "number" in row or mark else {}


def _person(data: Row, contact: Row, mark: Row) -> None:
    name = contact.get("name")
    who = text(name.get("displayName")) if isinstance(name, dict) else text(name)
    title = "; ".join(texts(contact.get("titles") or contact.get("title")))
    row: Row = {"name": who, "title": title or None, "type": text(contact.get("label"))}
    emails, phones = [], []
    for method in objects(contact.get("contactMethods")):
        own = {"withheld": "confidential"} if is_marked(method) else {}
        if method.get("type") == "EmailAddress" and (found := text(method.get("address"))):
            emails.append({"email": found, **own})
        elif method.get("type") == "PhoneNumber" and (number := _number(method, own)):
            phones.append(number)
    if emails and "withheld" not in emails[0]:
        row["email"] = emails.pop(0)["email"]
    row = {name: found for name, found in {**row, "phones": phones or None}.items() if found}
    if row.keys() - {"type"} or mark:
        data.setdefault("contacts", []).append({**row, **mark})
    for email in emails:
        data.setdefault("contacts", []).append({**({"name": who} if who else {}), **email, **mark})


def _website(data: Row, contact: Row, mark: Row) -> None:
    member = "website" if data.get("_kind") == "organization" else "url"
    more = "additional_websites" if member == "website" else "additional_urls"
    _first_or_more(data, text(contact.get("url")), (member, more, "url"), contact, mark)


def _email(data: Row, contact: Row, mark: Row) -> None:
    found = text(contact.get("address")) or text(contact.get("email"))
    _first_or_more(data, found, ("email", "contacts", "email"), contact, mark)


def _first_or_more(data: Row, found: str | None, members: tuple[str, str, str], contact: Row, mark: Row) -> None:
    member, more, name = members
    words = [text(contact.get(part)) for part in ("label", "description", "purpose")]
    if any(says_not_public(word) for word in words if word):
        mark = {"withheld": "confidential"}
    if found and member not in data and not mark:
        data[member] = found
    elif found:
        label = text(contact.get("label"))
        said = {"label" if name == "url" else "title": label} if label else {}
        data.setdefault(more, []).append({name: found, **said, **mark})


_DETAILS = {
    "PhysicalLocation": _address,
    "PostalAddress": _address,
    "PhoneNumber": _phone,
    "Person": _person,
    "Website": _website,
    "EmailAddress": _email,
}


def schedules(hours: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    """Hours as they are written: ``10``, ``12noon``, ``4:45am``."""
    if not isinstance(hours, dict):
        return [{"description": found}] if (found := text(hours)) else []
    rows: list[Row] = []
    for day in objects(hours.get("days")):
        name = text(day.get("dayOfWeek"))
        code = table()["days"].get((name or "").casefold()[:3])
        row: Row = {
            "byday": code,
            "opens_at": text(day.get("opens")),
            "closes_at": text(day.get("closes")),
            "description": name if name and code is None else None,
        }
        row = {member: found for member, found in row.items() if found}
        if row.keys() - {"byday"}:
            rows.append({"freq": "WEEKLY", **row})
    if note := text(hours.get("note")):
        for row in rows:
            row["description"] = f"{row['description']}\n{note}" if "description" in row else note
        rows = rows or [{"description": note}]
    return hidden_too(rows, hours)


def areas(coverage: Any, note: str | None) -> list[Row]:  # noqa: ANN401 - any JSON
    """Service areas; the note repeats or explains them. A text, or a list of texts, names them."""
    rows: list[Row] = []
    for place in objects(coverage):
        row: Row = {}
        members = {
            "postal_code": text(place.get("zipPostalCode")),
            "city": text(place.get("city")),
            "county": fit(row, "county", text(place.get("county"))),
            "state_province": text(place.get("stateProvince")),
            "country": text(place.get("country")),
        }
        known = {name: found for name, found in members.items() if found}
        if known:
            names = [found for name, found in known.items() if name != "county" or "city" not in known]
            area = {"name": ", ".join(names), "area_type": _TYPES[next(iter(known))], **known}
            rows += hidden_too([area], place)
    rows += [{"name": found} for said in texts(coverage) for part in said.split(";") if (found := part.strip())]
    return [*rows, {"description": note}] if note else rows


_TYPES = {
    "postal_code": "postal-code",
    "city": "city",
    "county": "county",
    "state_province": "state",
    "country": "country",
}


def languages(words: str | None) -> list[Row]:
    """Languages of a list in one text."""
    return [{"name": name} for part in re.split(r"[;,]", words or "") if (name := part.strip())]


def custom_fields(fields: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    """Fields that a 211 made for itself, as attributes; those for its own staff are withheld."""
    rows: list[Row] = []
    for field in objects(fields):
        label = text(field.get("label"))
        chosen = field.get("selectedValues")
        values = texts(list(chosen.values()) if isinstance(chosen, dict) else chosen)
        values += texts(field.get("valueText")) + texts(field.get("value"))
        hidden = is_marked(field) or re.search(r"internal|confidential|private|staff", label or "", re.IGNORECASE)
        mark = {"withheld": "internal"} if hidden else {}
        rows += [{"label": label or "custom", "value": found, **mark} for found in values]
    return rows
