"""iCarol's API as JSON: Agency, Site, Program, and ProgramAtSite, which links the two last.

An array, single objects, an envelope, NDJSON, in one file or many. Where members go is
``mappings/directory/icarol.json``. What only repeats (a second link of the same program and site, the same record in
another language) is a finding.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile, head
from footbridge.directory.readers import ReadOptions, codes_211, json_items
from footbridge.directory.readers.airs_elements import is_true
from footbridge.directory.readers.airs_elements import table as airs_table
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.icarol_links import Links, of_link, related_ids, set_location_type
from footbridge.directory.readers.icarol_names import add_names, is_hidden, language, translations
from footbridge.directory.readers.icarol_parts import (
    areas,
    contact_details,
    custom_fields,
    fit,
    hidden_too,
    is_marked,
    languages,
    schedules,
    table,
    text,
    texts,
)
from footbridge.directory.readers.icarol_unread import unread
from footbridge.directory.readers.marks import marks
from footbridge.directory.readers.text import TextFile
from footbridge.directory.records import Finding, Kind, Record
from footbridge.i18n import _

Row = dict[str, Any]
_DAY_OF_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z?$")
_TYPE = re.compile(rb'"type"\s*:\s*"(?:Agency|Site|Program|ProgramAtSite|ServiceSite)"')
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
        links = Links()
        spoken = translations(chosen)
        for file in files:
            if file in chosen:
                yield from _File(file, links, spoken).read()
            else:
                yield Finding("icarol.other-file", file.name)
        yield from links.rest(complete=options.complete)


@dataclass(slots=True)
class _File:
    """One file."""

    file: SourceFile
    links: Links
    translations: dict[tuple[Kind, str], list[Row]]

    def read(self) -> Iterator[Record | Finding]:
        """Records and findings of the file."""
        tally = Tally(self.file.name)
        content = TextFile(self.file)
        for number, (found, line) in enumerate(json_items.items(content)):
            if isinstance(found, dict):
                yield from self._record(found, f"{self.file.name}: /{number}", line, tally)
            else:
                tally.count("icarol.not-a-record", type(found).__name__, line)
            yield from tally.taken()
        yield from tally.counted()
        yield from content.findings()

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
        if (kind, native) in self.links.seen:
            self._again(found, kind, native, line, tally)
            return
        self.links.seen[kind, native] = text(found.get("cultureCode")) or ""
        data = self._data(found, kind, native, line, tally)
        if said_again := self.translations.get((kind, native)):
            data["translations"] = said_again
        if kind == "service_at_location":
            for member in of_link(data):
                tally.count("icarol.of-link", member, line)
            pair = _pair(related_ids(found))
            if pair is None:
                tally.report("icarol.loose-link", line, (kind, native))
                return
            if pair in self.links.given:
                tally.report("icarol.repeated-link", line, (kind, native), found=f"{pair[0]}@{pair[1]}")
                return
            self.links.given[pair] = (native, path, line)
            data.update(service_id=pair[0], location_id=pair[1])
        else:
            self.links.relate(data, kind, native, found, path, line)
        yield Record(kind, native, data, path, line)

    def _again(self, found: Row, kind: Kind, native: str, line: int, tally: Tally) -> None:
        """A record whose id was given: a repetition, or the same in another language."""
        culture = text(found.get("cultureCode")) or ""
        same = self.links.seen[kind, native] == culture
        rows = self.translations.get((kind, native), [])
        if not same and not is_hidden(found) and any(row["language"] == language(found) for row in rows):
            tally.count("icarol.translation", language(found), line)
            return
        if same and not is_marked(found):
            again: Row = {}
            add_names(again, found.get("names"))
            culture = again.get("name", culture)
        tally.report("icarol.repeated" if same else "icarol.other-language", line, (kind, native), found=culture)

    def _data(self, found: Row, kind: Kind, native: str, line: int, tally: Tally) -> Row:
        owner = kind, native
        data: Row = {"_kind": kind}
        add_names(data, found.get("names"))
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
            set_location_type(data)
        if "name" not in data and kind != "service_at_location":
            tally.report("icarol.no-name", line, owner, member="name")
        return data


def _dates(data: Row, found: Row, line: int, tally: Tally) -> None:
    for name, member in table()["dates"].items():
        if content := text(found.get(name)):
            if content.startswith(table()["never"]):
                tally.count("icarol.never", f"{name}: {content}", line)
            else:
                # a day is meant: the API writes each as a time
                data[member] = content[:10] if member == "assured_date" and _DAY_OF_TIME.match(content) else content
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
        rows, words = (hidden_too(rows, entry), []) if isinstance(entry, dict) and is_marked(entry) else (rows, words)
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
    restrictions: list[str] = marks(found).get("restrictions", [])
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
    if status:  # "Active" is how the API writes it
        data["status"] = status.casefold() if status.casefold() in table()["states"] else status
    if restrictions:
        data["restrictions"] = list(dict.fromkeys(restrictions))


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
