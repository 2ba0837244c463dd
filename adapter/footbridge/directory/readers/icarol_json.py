"""iCarol's API as JSON: Agency, Site, Program, and ProgramAtSite, which links the two last.

An array, single objects, an envelope, NDJSON, in one file or many. Where members go is
``mappings/directory/icarol.json``. What only repeats (a second link of the same program and site, the same record in
another language) is a finding.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile, head
from footbridge.directory.readers import ReadOptions, codes_211, json_items, whereabouts
from footbridge.directory.readers.airs_elements import is_true
from footbridge.directory.readers.airs_elements import table as airs_table
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.icarol_parts import (
    areas,
    contact_details,
    custom_fields,
    fit,
    is_marked,
    languages,
    objects,
    schedules,
    table,
    text,
    texts,
)
from footbridge.directory.readers.icarol_unread import unread
from footbridge.directory.records import Finding, Kind, Record
from footbridge.i18n import _

Row = dict[str, Any]
_TYPE = re.compile(rb'"type"\s*:\s*"(?:Agency|Site|Program|ProgramAtSite|ServiceSite)"')
_PLACE = ("addresses", "latitude", "longitude")
_SHARED = ("transportation", "accessibility", "withheld", "restrictions")
_OWN = re.compile(rb'"(?:contactDetails|databaseID|uniquePriorID|related)"\s*:')


class ICarolReader:
    """Reads iCarol's JSON."""

    @property
    def format(self) -> str:
        """Its name."""
        return "icarol-json"

    def recognises(self, files: Sequence[SourceFile]) -> bool:
        """Whether one of the files has iCarol's types and members."""
        return any(_is_icarol(file) for file in files)

    def read(self, files: Sequence[SourceFile], options: ReadOptions) -> Iterator[Record | Finding]:
        """Records and findings; links that only a program or site names come last.

        Raises:
            DirectoryError: a file is not JSON, or breaks off; nothing here is iCarol's JSON.
        """
        # of the options only ``complete`` matters: iCarol publishes no schema
        chosen = [file for file in files if _is_icarol(file)] or [file for file in files if _is_json(file, len(files))]
        if not chosen:
            raise DirectoryError(_("No file here is JSON of iCarol's API. Name another --format."))
        links = _Links()
        for file in files:
            if file in chosen:
                yield from _File(file, links).read()
            else:
                yield Finding("icarol.other-file", file.name)
        yield from links.rest(complete=options.complete)


@dataclass(slots=True)
class _Links:
    """Programs at sites: those given, and those that a program or a site names."""

    given: set[tuple[str, str]] = field(default_factory=set)
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    seen: dict[tuple[Kind, str], str] = field(default_factory=dict)
    places: dict[str, tuple[Row, str, int]] = field(default_factory=dict)
    agencies: dict[str, tuple[str, str, int]] = field(default_factory=dict)

    def rest(self, *, complete: bool) -> Iterator[Record | Finding]:
        """A record for each pair that no ProgramAtSite gave, and what only programs say of places and agencies."""
        for (service, location), path in self.named.items():
            if (service, location) not in self.given:
                data = {"service_id": service, "location_id": location}
                yield Record("service_at_location", f"{service}@{location}", data, path)
        placed = {service for service, _ in (*self.given, *self.named)}
        for service, (data, path, line) in self.places.items():
            if service in placed:
                yield Finding("icarol.program-place", path, line, "service", service, "contactDetails")
                continue
            own = f"program-{service}"
            yield Record("location", own, data, path, line)
            yield Record("service_at_location", f"{service}@{own}", {"service_id": service, "location_id": own}, path)
        for agency, (name, path, line) in self.agencies.items():
            if complete and ("organization", agency) not in self.seen:
                yield Finding("icarol.agency-by-name", path, line, "organization", agency, "name", found=name)
                yield Record("organization", agency, {"name": name}, path, line)

    def note_place(self, service: str, data: Row, path: str, line: int) -> None:
        """Keep the address of a program itself, which counts where it is at no site."""
        if "addresses" in data:
            place = {member: data.pop(member) for member in _PLACE if member in data}
            # how one gets in, and what the source says of the program's use, hold for its address too
            place |= {member: data[member] for member in _SHARED if member in data}
            _location_type(place)
            self.places[service] = (place, path, line)


@dataclass(slots=True)
class _File:
    """One file."""

    file: SourceFile
    links: _Links

    def read(self) -> Iterator[Record | Finding]:
        """Records and findings of the file."""
        tally = Tally(self.file.name)
        for number, (found, line) in enumerate(json_items.items(self.file)):
            if isinstance(found, dict):
                yield from self._record(found, f"{self.file.name}: /{number}", line, tally)
            else:
                tally.count("icarol.not-a-record", type(found).__name__, line)
            yield from tally.taken()
        yield from tally.counted()

    def _record(self, found: Row, path: str, line: int, tally: Tally) -> Iterator[Record]:
        said = text(found.get("type"))
        kind: Kind | None = table()["kinds"].get(said or "")
        native = text(found.get("id"))
        if kind is None or native is None:
            rule = "icarol.unknown-type" if kind is None else "icarol.no-id"
            tally.report(rule, line, found=said)
            return
        if not any(found.get(member) for member in table()["body"]):
            tally.count("icarol.stub", said or "", line)
            return
        culture = text(found.get("cultureCode")) or ""
        if (kind, native) in self.links.seen:
            same = self.links.seen[kind, native] == culture
            if same and not is_marked(found):
                again: Row = {}
                _names(again, found.get("names"))
                culture = again.get("name", culture)
            tally.report("icarol.repeated" if same else "icarol.other-language", line, (kind, native), found=culture)
            return
        self.links.seen[kind, native] = culture
        related = _related(found)
        data = self._data(found, kind, native, line, tally)
        if kind == "service_at_location":
            pair = _pair(related)
            if pair is None:
                tally.report("icarol.loose-link", line, (kind, native))
                return
            if pair in self.links.given:
                tally.report("icarol.repeated-link", line, (kind, native), found=f"{pair[0]}@{pair[1]}")
                return
            self.links.given.add(pair)
            data.update(service_id=pair[0], location_id=pair[1])
        else:
            self._relate(data, kind, native, related, path)
            if kind == "service":
                self.links.note_place(native, data, path, line)
                for row in objects(None if is_marked(found) else found.get("related")):
                    if row.get("type") == "Agency" and (name := text(row.get("name"))) and (key := text(row.get("id"))):
                        self.links.agencies.setdefault(key, (name, path, line))
        yield Record(kind, native, data, path, line)

    def _relate(self, data: Row, kind: Kind, native: str, related: dict[str, list[str]], path: str) -> None:
        if kind in {"location", "service"} and (agencies := related.get("Agency")):
            data["organization_id"] = agencies[0]
        if kind == "service":
            self.links.named.update({(native, site): path for site in related.get("Site", ())})
        if kind == "location":
            self.links.named.update({(program, native): path for program in related.get("Program", ())})

    def _data(self, found: Row, kind: Kind, native: str, line: int, tally: Tally) -> Row:
        owner = kind, native
        data: Row = {"_kind": kind}
        _names(data, found.get("names"))
        if description := text(found.get("descriptionText")) or text(found.get("description")):
            data["description"] = description
        for unknown in contact_details(data, found.get("contactDetails")):
            tally.count("icarol.unknown-member", f"contact of type {unknown}", line)
        for name, member in table()["texts"].items():
            message = found.get(name)
            content = text(message.get("message")) if isinstance(message, dict) else text(message)
            if content := fit(data, name, content):
                data[member] = content
        _dates(data, found, line, tally)
        _lists(data, found, owner, line, tally)
        _restrictions(data, found, owner, line, tally)
        for name in found.keys() - set(table()["ignored"]) - table()["texts"].keys() - table()["dates"].keys():
            if name not in table()["attributes"] and found[name] not in (None, "", [], {}):
                tally.count("icarol.unknown-member", name, line)
        for name in () if is_marked(found) else unread(found):
            tally.count("icarol.unknown-member", name, line)
        for filler in data.pop("_fillers", ()):
            tally.count("icarol.filler", filler, line)
        del data["_kind"]
        if kind == "location":
            _location_type(data)
        if "name" not in data and kind != "service_at_location":
            tally.report("icarol.no-name", line, owner, member="name")
        return data


def _is_internal(row: Row) -> bool:
    """Whether a name's own purpose says that it is for those who keep the records."""
    purpose = (text(row.get("purpose")) or "").casefold()
    return any(word in purpose for word in table()["internalPurposes"])


def _names(data: Row, names: Any) -> None:  # noqa: ANN401 - any JSON
    rows = [(row, found) for row in objects(names) if (found := text(row.get("value")))]
    first = next((row for row, _ in rows if row.get("purpose") == "Primary" and not is_marked(row)), None)
    first = first or next((row for row, _ in rows if not is_marked(row) and not _is_internal(row)), None)
    for row, found in rows:
        if row is first:
            data["name"] = found
            continue
        purpose = text(row.get("purpose"))
        mark = {"withheld": "confidential"} if is_marked(row) else {"withheld": "internal"} if _is_internal(row) else {}
        said = {"description": purpose} if purpose else {}
        data.setdefault("alternate_names", []).append({"name": found, **said, **mark})
        if not mark:
            data["alternate_name"] = f"{data['alternate_name']}; {found}" if "alternate_name" in data else found


def _dates(data: Row, found: Row, line: int, tally: Tally) -> None:
    for name, member in table()["dates"].items():
        if content := text(found.get(name)):
            if content.startswith(table()["never"]):
                tally.count("icarol.never", f"{name}: {content}", line)
            else:
                data[member] = content
    for name, label in table()["attributes"].items():
        for content in texts(found.get(name)):
            if content.startswith(table()["never"]):
                tally.count("icarol.never", f"{name}: {content}", line)
            else:
                data.setdefault("attributes", []).append({"label": label, "value": content})


def _lists(data: Row, found: Row, owner: tuple[Kind, str], line: int, tally: Tally) -> None:
    taxonomy = found.get("taxonomy")
    for entry in taxonomy if isinstance(taxonomy, list) else [taxonomy]:
        codes, name = texts(entry), None
        if isinstance(entry, dict):
            codes = texts(entry.get("code") or entry.get("taxonomyCode"))
            name = text(entry.get("name") or entry.get("term") or entry.get("taxonomyTerm"))
        rows, words = codes_211.attributes(codes, name)
        data.setdefault("attributes", []).extend(rows)
        for word in words:
            tally.report("icarol.words-as-code", line, owner, member="attributes", found=word)
    accessibility = found.get("accessibility")
    accessibility = accessibility if isinstance(accessibility, dict) else {"disabled": accessibility}
    if content := text(accessibility.get("disabled")):
        data["accessibility"] = [{"description": content}]
    if content := text(accessibility.get("public")):
        data["transportation"] = content
    if content := text(found.get("fein")):
        row = {"identifier_type": "FEIN", "identifier_scheme": "US-EIN", "identifier": content}
        data["organization_identifiers"] = [row]
    notes = found.get("notes")
    notes = list(notes.values()) if isinstance(notes, dict) else notes
    members: dict[str, list[Row]] = {
        "schedules": schedules(found.get("hours")),
        "service_areas": areas(found.get("coverage"), text(found.get("coverageNote"))),
        "languages": languages(fit(data, "languagesOffered", text(found.get("languagesOffered")))),
        "attributes": custom_fields(found.get("customFields")),
        "notes": [{"text": note, "withheld": "internal"} for note in texts(notes)],
        "required_documents": [{"document": one} for one in texts(found.get("documentsRequired"))],
    }
    for member, rows in members.items():
        if rows:
            data.setdefault(member, []).extend(rows)


def _restrictions(data: Row, found: Row, owner: tuple[Kind, str], line: int, tally: Tally) -> None:
    """What the record says about its own use."""
    if is_marked(found):
        data["withheld"] = "confidential"
    restrictions: list[str] = []
    flags = {name.casefold(): said for name, said in found.items()}
    for name, (when, restriction) in airs_table()["restrictions"].items():
        said = flags.get(name.casefold())
        if said is None or said == "":
            continue
        plain = is_true(str(said))
        if plain is None:
            tally.report("icarol.flag-unclear", line, owner, member=name, found=str(said), done=restriction)
        if plain is None or plain is when:
            restrictions.append(restriction)
    status = text(found.get("status"))
    if status and airs_table()["doNotReferStatus"] in status.casefold():
        restrictions.append("no-referral")
        tally.report("icarol.do-not-refer", line, owner, member="status", found=status, done="active")
        status = "active"
    if status and status.casefold() == "deleted":
        restrictions.append("deleted")
    if status:
        data["status"] = status
    if restrictions:
        data["restrictions"] = list(dict.fromkeys(restrictions))


def _location_type(data: Row) -> None:
    """Physical where it has such an address, else postal. The way to a withheld address is withheld too."""
    addresses = data.get("addresses", [])
    types = {row["address_type"] for row in addresses}
    whereabouts.hide(data)
    if types:
        data["location_type"] = "physical" if types & {"physical", "other"} else "postal"


def _related(found: Row) -> dict[str, list[str]]:
    related: dict[str, list[str]] = {}
    for row in objects(found.get("related")):
        kind, native = text(row.get("type")), text(row.get("id"))
        if kind and native:
            related.setdefault(kind, []).append(native)
    return related


def _pair(related: dict[str, list[str]]) -> tuple[str, str] | None:
    programs, sites = related.get("Program", []), related.get("Site", [])
    return (programs[0], sites[0]) if programs and sites else None


def _is_icarol(file: SourceFile) -> bool:
    start = head(file)
    text = start.replace(b"\x00", b"") if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else start
    return text.lstrip(b"\xef\xbb\xbf\xff\xfe\x1e \t\r\n")[:1] in {b"{", b"["} and bool(
        _TYPE.search(text) and _OWN.search(text)
    )


def _is_json(file: SourceFile, count: int) -> bool:
    return file.name.lower().endswith((".json", ".ndjson", ".jsonl")) or count == 1
