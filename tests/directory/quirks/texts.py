"""Every text of a file of a directory, and whether it is found again: in what is shown, or in a finding."""

import csv
import html
import json
import re
from pathlib import Path

from lxml import etree

STRUCTURE = {
    "": "members that say how things hang together or how the file was made, not what a service is",
    "ids": re.compile(
        r"(^|\.)(id|databaseID|uniquePriorID|Key|AgencyKey|SourceID|[a-z_]*_id|ResourceAgencyNum|ParentAgencyNum|"
        r"ConnectsTo\w+|ServiceGroupKey|link_entity|type|TaxonomyLevelName|related|ParentAgency|"
        r"(\w+_)?(ID|Id)|ServiceSite_ServiceSite)$"
    ),
    "how the file was made": re.compile(
        r"(^|\.)(Source\.\w+|SourceEntity|OriginTimestamp|Software\w+|\w*SchemaVersion|TaxonomyVersion|total\w+|page_number|"
        r"size|first\w*|last|last_page|empty|number_of_pages|translations|cultureCode|isFeatured|precision)$"
    ),
    "what the source says of a record's state; tested by what is shown": re.compile(
        r"(^|\.)(Confidential|TollFree|ExcludeFrom\w+|AvailableFor\w+|Status|status|AgencyStatus|MadeInactiveOn|"
        r"delete\w*|\w+IsPrivate|isConfidential|RecordOwner|Last\w+|Date\w+|modified|lastVerifiedOn|last_modified|"
        r"assured_date|freq|byday|dayOfWeek|purpose|interval|weekday|extent_type|MinimumAge|MaximumAge|country|"
        r"PhysicalCountry|Country|COUNTRY|\w+_country|empty|ISACTIVE|ISPRIMARY|SHOW_ON_PUBLIC_SITE|\w+_Status)$"
    ),
}


def texts(path: Path) -> list[tuple[str, str]]:
    """The member and the text of each text in a file, or in the files of a folder."""
    if path.is_dir():
        return [one for file in sorted(path.iterdir()) for one in texts(file)]
    raw = path.read_bytes()
    if path.suffix == ".xml":
        return list(_of_xml(etree.fromstring(raw), ""))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    if path.suffix == ".csv":
        separator = ";" if ";" in text.splitlines()[0] else ","
        rows = csv.DictReader(text.splitlines(keepends=True), delimiter=separator)
        return [(str(name), cell) for row in rows for name, cell in row.items() if cell and cell.strip()]
    if path.suffix == ".ndjson":
        return [one for line in text.splitlines() for one in _of_line(line)]
    return list(_of_json(json.loads(text), ""))


def _of_line(line):
    try:
        return list(_of_json(json.loads(line), "")) if line.strip() else []
    except json.JSONDecodeError:
        return []


def _of_xml(element, parent):
    name = f"{parent}.{etree.QName(element).localname}"
    yield from ((f"{name}.{etree.QName(key).localname}", value) for key, value in element.attrib.items())
    if element.text and element.text.strip():
        yield name, element.text
    for child in element:
        yield from _of_xml(child, name)


def _of_json(value, name):
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _of_json(one, f"{name}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from _of_json(one, name)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        yield name, str(value)


def plain(text: str) -> str:
    """A text as it is compared: without markup, entities, marks and case."""
    for _ in range(3):
        text = html.unescape(text)
    text = re.sub(r"###\w+###|<[^<>]*>|\\n", " ", text)
    return " ".join(re.findall(r"\w+", text.casefold()))


def explained(found: list[tuple[str, str]], kept, lines, dropped) -> list[str]:
    """The texts that are neither in a service's document, nor in a finding, nor named as dropped or as structure."""
    shown = json.dumps(kept, ensure_ascii=False)
    said = json.dumps([[line.found, line.done] for line in lines], ensure_ascii=False)
    everything = f" {plain(shown)} {plain(said)} "
    digits = re.sub(r"\D", "", f"{shown} {said}")
    named = {plain(text) for text in dropped}
    unknown = {(line.member or "").rpartition(".")[2] for line in lines if line.rule == "record.unknown-member"}
    left = []
    for member, text in found:
        if any(isinstance(rule, re.Pattern) and rule.search(member) for rule in STRUCTURE.values()):
            continue
        if member.rpartition(".")[2] in unknown:
            continue
        words = plain(text)
        if words == "" or words in named or f" {words} " in everything:
            continue
        number = re.sub(r"\D", "", text)
        if len(number) >= 7 and number.lstrip("1") in digits:
            continue
        pieces = [plain(piece) for piece in re.split(r"[;,*/\n\v]|\.\\n|<br ?/?>", html.unescape(html.unescape(text)))]
        if all(f" {piece} " in everything or piece in named for piece in pieces if piece):
            continue
        left.append(f"{member} {text.strip()[:120]!r}")
    return left
