"""A proposal of a column mapping for a table that nobody knows: each row is a service, its organization and its place.

What each column is comes from ``column_words``. The proposal is a mapping as ``docs/reference/directory-columns.md``
describes it, to be read and corrected by a person before it is used.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

from footbridge.directory.readers.column_words import Column
from footbridge.directory.readers.hsds_types import types

_PHONES: Final = {"phone": "voice", "fax": "fax", "tty": "tty", "tollfree": "voice", "hotline": "hotline"}
_SAYS: Final = {"tollfree": "Toll free", "hotline": "Hotline"}
_DAYS: Final = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}
_ADDRESS: Final = ("address_1", "address_2", "city", "region", "state_province", "postal_code", "country")
_FLAGS: Final = {"flag.publish": ("false", "exclude-website"), "flag.hide": ("true", "exclude-website"),
                 "flag.refer": ("false", "no-referral"), "flag.no-refer": ("true", "no-referral")}  # fmt: skip
_OWN: Final = {"organization": ("organization",), "service": ("service",), "location": ("location",)}
Json = dict[str, Any]


class Proposal:
    """The mapping of one table, and what each column becomes.

    Attributes:
        mapping: the document, without ``name`` and ``source``.
        becomes: each column's name, with the members that it makes (``service.name``), in the order of the columns.
    """

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        self.becomes: dict[str, str] = {column.name: "" for column in columns}
        self._columns = sorted(_with_a_name(columns), key=lambda one: (one.member == "extension", -one.exact))
        self._records: dict[str, Json] = {kind: {"kind": kind, "members": {}, "lists": {}} for kind in _OWN}
        self._address: dict[str, Json] = {"physical": {}, "postal": {}}
        self._contact: Json = {}
        self._with_name = any(one.owner == "contact" and one.member == "name" for one in columns)
        for column in self._columns:
            self._place(column)
        self.mapping = {"tables": [self._table(name)]}

    def _place(self, column: Column) -> None:
        owner, member = column.owner, column.member
        if owner == "contact" and not self._with_name:
            owner = "service"  # the only way to reach it
        if not member:
            return
        if member.startswith("flag."):
            self._flag(column)
        elif member == "notes":
            self._service.setdefault("notes", []).append(column.name)
            self.becomes[column.name] = "service.notes"
        elif member in _ADDRESS:
            self._set(self._address["postal" if owner == "mailing" else "physical"], member, column,
                      "postal address" if owner == "mailing" else "address")  # fmt: skip
        elif owner == "contact" and member in {"name", "email", "phone", "contact_title", "extension"}:
            self._set(self._contact, "title" if member == "contact_title" else member, column, "contact")
        elif member in _PHONES or member == "extension":
            self._phone(column, owner)
        elif member == "id":
            self._id(column, owner)
        elif not self._list(column):
            self._member(column, owner)

    @property
    def _service(self) -> Json:
        return self._records["service"]

    def _set(self, into: Json, member: str, column: Column, shown: str) -> bool:
        if member in into:
            return False
        into[member] = column.name
        self.becomes[column.name] = f"{shown}.{member}"
        return True

    def _member(self, column: Column, owner: str) -> None:
        member = column.member
        for kind in (*_OWN.get(owner, ()), *(("service", "location", "organization") if not owner else ("service",))):
            named = "website" if kind == "organization" and member == "url" else member
            if named in types()[kind].members and self._set(self._records[kind]["members"], named, column, kind):
                return

    def _id(self, column: Column, owner: str) -> None:
        kind = owner if owner in {"organization", "location"} else "service"
        if (column.is_unique or kind != "service") and "id" not in self._records[kind]:
            self._records[kind]["id"] = column.name
            self.becomes[column.name] = f"{kind}.id"

    def _phone(self, column: Column, owner: str) -> None:
        kind = owner if owner in {"organization", "location"} else "service"
        phones = self._records[kind]["lists"].setdefault("phones", [])
        if column.member == "extension":
            first = next((one for one in phones if "extension" not in one["members"] and "split" not in one), None)
            if first is not None:
                first["members"]["extension"] = column.name
                self.becomes[column.name] = f"{kind}.phones.extension"
            elif not phones:
                self._records[kind]["lists"].pop("phones")
            return
        members: Json = {"type": {"constant": _PHONES[column.member]}}
        if column.member in _SAYS:
            members["description"] = {"constant": _SAYS[column.member]}
        phone: Json = {"members": members}
        if column.separator:
            phone["split"] = {"column": column.name, "at": column.separator, "to": "number"}
        else:
            members["number"] = column.name
        phones.append(phone)
        self.becomes[column.name] = f"{kind}.phones"

    def _flag(self, column: Column) -> None:
        if column.member == "flag.private":
            for address in self._address.values():
                address.setdefault("withheld", []).append({"column": column.name, "is": "true"})
            self.becomes[column.name] = "address.withheld"
            return
        when, restriction = _FLAGS[column.member]
        flag = {"column": column.name, "is": when, "restriction": restriction}
        self._service.setdefault("restrictions", []).append(flag)
        self.becomes[column.name] = "service.restrictions"

    def _list(self, column: Column) -> bool:
        """A member that is a list in HSDS; False where it is none."""
        member, at = column.member, column.separator
        day = member.removeprefix("hours.")
        to = {"languages": "name", "service_areas": "name", "required_documents": "document"}.get(member)
        kind, listed = "service", member
        item: Json = {}
        if to is not None:
            split: Json = {"split": {"column": column.name, "at": at, "to": to}}
            item = split if at else {"members": {to: column.name}}
        elif member == "hours" or day in _DAYS:
            value: Any = {"column": column.name, "prefix": f"{_DAYS[day]} "} if day in _DAYS else column.name
            listed, item = "schedules", {"members": {"description": value}}
        elif member in {"codes", "terms"}:
            terms: Json = {"codes": column.name, "taxonomy": "211"}
            if member == "terms":
                terms = {"names": [column.name], "linked": None}
            listed, item = "attributes", {"terms": terms | ({"at": at} if at else {})}
        elif member == "accessibility":
            kind, item = "location", {"members": {"description": column.name}}
        else:
            return False
        self._records[kind]["lists"].setdefault(listed, []).append(item)
        self.becomes[column.name] = f"{kind}.{listed}"
        return True

    def _table(self, name: str) -> Json:
        organization, service, location = (self._records[kind] for kind in ("organization", "service", "location"))
        named = organization["members"].get("name")
        if "name" not in service["members"] and named:
            service["members"]["name"] = named
        named = named or service["members"].get("name")
        if named:
            organization["members"]["name"] = named
        if self._contact.get("name"):
            service["lists"]["contacts"] = [self._person()]
        records = []
        if named:
            organization.setdefault("id", named)
            for other in (service, location):
                other["members"]["organization_id"] = organization["id"]
            records.append(organization)
        if "id" not in service and (parts := self._id_parts(service, named)):
            service["id"] = parts
        location["lists"] = self._addresses() | location["lists"]
        has_place = bool(location["lists"] or {"latitude", "transportation"} & location["members"].keys())
        if has_place:
            records.append(self._place_record(location, service, named))
        service["members"].setdefault("status", {"constant": "active"})
        records.append(service)
        if has_place and "id" in service:
            ids = {"service_id": service["id"], "location_id": location["id"]}
            records.append({"kind": "service_at_location", "members": ids})
        recognise = [one for one in self.becomes if self.becomes[one]][:4]
        return {"name": name, "recognise": recognise, "records": [_tidy(record) for record in records]}

    def _id_parts(self, service: Json, named: str | None) -> Json | None:
        """An id for a table that has none: what tells its rows apart, as long as nobody changes it."""
        place = self._address["physical"]
        parts = [named, service["members"].get("name"), place.get("address_1"), place.get("city")]
        columns = list(dict.fromkeys(part for part in parts if part))
        return {"columns": columns, "join": " / "} if columns else None

    def _place_record(self, location: Json, service: Json, named: str | None) -> Json:
        if "id" in service:
            location.setdefault("id", service["id"])
        name = location["members"].get("name") or named or service["members"].get("name")
        if name:
            location["members"]["name"] = name
        location["members"]["location_type"] = {"constant": "physical"}
        return location

    def _person(self) -> Json:
        members = {key: value for key, value in self._contact.items() if key in {"name", "title", "email"}}
        phone = {
            key: self._contact[old]
            for old, key in (("phone", "number"), ("extension", "extension"))
            if old in self._contact
        }
        return {"needs": ["name"], "members": members} | (
            {"lists": {"phones": [{"members": phone}]}} if "number" in phone else {}
        )

    def _addresses(self) -> Json:
        addresses = []
        for kind, found in self._address.items():
            members: Json = {name: found[name] for name in _ADDRESS if name in found}
            if not members:
                continue
            if "country" in members:
                members["country"] = {"column": members["country"], "counts": False}
            members["address_type"] = {"constant": kind}
            addresses.append({"members": members} | ({"withheld": found["withheld"]} if "withheld" in found else {}))
        return {"addresses": addresses} if addresses else {}


def _with_a_name(columns: Sequence[Column]) -> list[Column]:
    """The columns; where none is the name of a service, a column that is called title is."""
    if any(one.member == "name" and one.owner in {"", "service"} for one in columns):
        return list(columns)
    return [
        dataclasses.replace(one, member="name") if one.member == "contact_title" and not one.owner else one
        for one in columns
    ]


def _tidy(record: Json) -> Json:
    order = ("kind", "id", "members", "lists", "restrictions", "notes")
    return {name: record[name] for name in order if record.get(name)}
