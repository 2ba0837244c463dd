"""Names of an iCarol record, and what the same record says in another language.

An API that is asked for two languages (``lang=en`` and ``lang=fr``) gives each record twice. The first one in the
source is the record; the name and texts of the others become its ``translations``. They are read in a pass of their
own, which is made only where a source names two languages.
"""

import re
from collections.abc import Iterable
from typing import Any

from footbridge.directory.files import SourceFile
from footbridge.directory.privacy.record import HIDING
from footbridge.directory.readers import json_items
from footbridge.directory.readers.airs_elements import is_true
from footbridge.directory.readers.airs_elements import table as airs_table
from footbridge.directory.readers.icarol_parts import Row, is_marked, objects, table, text
from footbridge.directory.readers.marks import marks
from footbridge.directory.records import Kind

_CULTURE = re.compile(rb'"cultureCode"\s*:\s*"([A-Za-z]{2})')
_CHUNK = 1_048_576
_OVERLAP = 64

Key = tuple[Kind, str]


def is_internal(row: Row) -> bool:
    """Whether a name's own purpose says that it is for those who keep the records."""
    purpose = (text(row.get("purpose")) or "").casefold()
    return any(word in purpose for word in table()["internalPurposes"])


def add_names(data: Row, names: Any) -> None:  # noqa: ANN401 - any JSON
    """Add the primary name, and the others as alternate names; those that may not be shown are marked."""
    rows = [(row, found) for row in objects(names) if (found := text(row.get("value")))]
    first = next((row for row, _ in rows if row.get("purpose") == "Primary" and not is_marked(row)), None)
    first = first or next((row for row, _ in rows if not is_marked(row) and not is_internal(row)), None)
    for row, found in rows:
        if row is first:
            data["name"] = found
            continue
        purpose = text(row.get("purpose"))
        mark = {"withheld": "confidential"} if is_marked(row) else {"withheld": "internal"} if is_internal(row) else {}
        said = {"description": purpose} if purpose else {}
        data.setdefault("alternate_names", []).append({"name": found, **said, **mark})
        if not mark:
            data["alternate_name"] = f"{data['alternate_name']}; {found}" if "alternate_name" in data else found


def is_hidden(found: Row) -> bool:
    """Whether a record says of itself that it is confidential, deleted, not offered any more, or left out somewhere."""
    said = marks(found)
    if "withheld" in said or HIDING.intersection(said.get("restrictions", ())):
        return True
    if (text(found.get("status")) or "").casefold() in table()["closed"]:
        return True
    flags = {name.casefold(): content for name, content in found.items()}
    for name, (when, restriction) in airs_table()["restrictions"].items():
        content = flags.get(name.casefold())
        if restriction in HIDING and content not in (None, "") and is_true(str(content)) in (None, when):
            return True
    return False


def language(found: Row) -> str:
    """The two letters of a record's language; empty where it names none."""
    return (text(found.get("cultureCode")) or "")[:2].casefold()


def translations(files: Iterable[SourceFile]) -> dict[Key, list[Row]]:
    """What the later records of one id say in another language: language, name and texts.

    Raises:
        DirectoryError: as reading the records does.
    """
    chosen = list(files)
    if not _are_several(chosen):
        return {}
    first: dict[Key, str] = {}
    made: dict[Key, list[Row]] = {}
    for file in chosen:
        for found, _line in json_items.items(file):
            if not isinstance(found, dict):
                continue
            kind, native = table()["kinds"].get(text(found.get("type")) or ""), text(found.get("id"))
            spoken = language(found)
            if kind is None or native is None or not any(found.get(member) for member in table()["body"]):
                continue
            known = first.setdefault((kind, native), spoken)
            if spoken and spoken != known and not is_hidden(found):
                rows = made.setdefault((kind, native), [])
                if all(row["language"] != spoken for row in rows):
                    rows.append(_translation(found, spoken))
    return made


def _translation(found: Row, spoken: str) -> Row:
    data: Row = {}
    add_names(data, found.get("names"))
    row = {"language": spoken, "name": data.get("name")}
    row["description"] = text(found.get("descriptionText")) or text(found.get("description"))
    for name in table()["translated"]:
        message = found.get(name)
        row[table()["texts"][name]] = text(message.get("message") if isinstance(message, dict) else message)
    return {member: content for member, content in row.items() if content}


def _are_several(files: list[SourceFile]) -> bool:
    """Whether records of two languages are there, by the bytes of the files."""
    seen: set[bytes] = set()
    for file in files:
        before = b""
        with file.open() as stream:
            while chunk := stream.read(_CHUNK):
                seen.update(code.lower() for code in _CULTURE.findall(before + chunk.replace(b"\x00", b"")))
                if len(seen) > 1:
                    return True
                before = chunk[-_OVERLAP:].replace(b"\x00", b"")
    return False
