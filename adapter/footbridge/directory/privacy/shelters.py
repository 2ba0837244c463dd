"""Which records are about a shelter of victims of violence, or say that their place is not to be known."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.directory.privacy.table import may_match, pattern, stems, table
from footbridge.directory.records import Record

NAMES = ("name", "alternate_name")
_STATEMENT = re.compile(r"[.;!?\n•]+")
_READ = 3_000  # characters of a text that are looked at
_SHORTEST = 7  # characters of a text that may say it


def withholds_place(record: Record) -> bool:
    """Whether where this is may not be shown: a shelter by its codes or name, or a text that says so."""
    data = record.data
    for member in NAMES:
        name = data.get(member)
        if isinstance(name, str) and (_is_shelter_name(name) or says_that_place_is_withheld(name)):
            return True
    if any(_is_shelter_code(code, linked) for code, linked in _codes(data)):
        return True
    name = next((text for member in NAMES if isinstance(text := data.get(member), str)), "")
    for text in _texts(data):
        if says_that_place_is_withheld(text) or _is_of_shelter(text, name):
            return True
    return _may_be_of_shelter(name) and _lodges_victims(name, name)


def _may_be_of_shelter(text: str) -> bool:
    return may_match(text, stems("shelters", "stems"))


def _is_of_shelter(text: str, name: str) -> bool:
    """Whether a text of the record of that name is about a shelter."""
    if not _may_be_of_shelter(text):
        return False
    return pattern("shelters", "texts").search(text) is not None or _lodges_victims(text, name)


def _lodges_victims(text: str, name: str) -> bool:
    """Whether a statement is about victims of violence, and it or the name about lodging that is not elsewhere."""
    lodging, victims, elsewhere = (pattern("shelters", one) for one in ("lodging", "victims", "elsewhere"))
    return any(
        victims.search(statement)
        and (lodging.search(statement) or lodging.search(name))
        and not elsewhere.search(statement)
        for statement in _STATEMENT.split(text[:_READ])
    )


def says_that_place_is_withheld(text: str) -> bool:
    """Whether a text says that an address is confidential, undisclosed or not published."""
    return may_match(text, stems("text", "stems")) and pattern("text", "place").search(text) is not None


def _is_shelter_name(name: str) -> bool:
    return _may_be_of_shelter(name) and pattern("shelters", "names").search(name) is not None


def _texts(data: Mapping[str, Any]) -> Iterator[str]:
    for member, value in data.items():
        if isinstance(value, str) and member not in NAMES and len(value) > _SHORTEST:
            yield value


def _codes(data: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Each code of a record, with the codes that are linked to it; those of the same record count as linked."""
    attributes = data.get("attributes")
    found: list[str] = []
    for attribute in attributes if isinstance(attributes, list) else ():
        if not isinstance(attribute, Mapping):
            continue
        term = attribute.get("taxonomy_term")
        linked = attribute.get("linked")
        values = [term.get("code") if isinstance(term, Mapping) else None]
        values += linked if isinstance(linked, list) else []
        found += [value.strip().upper() for value in values if isinstance(value, str)]
    everything = set(found)
    for code in found:
        yield code, everything


def _is_shelter_code(code: str, linked: set[str]) -> bool:
    for row in table()["shelters"]["codes"]:
        if not code.startswith(row["prefix"]) or any(code.startswith(other) for other in row["except"]):
            continue
        if "with" not in row or any(other.startswith(row["with"]) for other in linked):
            return True
    return False
