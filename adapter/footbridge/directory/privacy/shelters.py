"""Which records are about a shelter of victims of violence, or say that their place is not to be known."""

from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.directory.privacy.table import may_match, pattern, stems, table
from footbridge.directory.records import Record

NAMES = ("name", "alternate_name")


def withholds_place(record: Record) -> bool:
    """Whether where this is may not be shown: a shelter by its codes or name, or a text that says so."""
    data = record.data
    for member in NAMES:
        name = data.get(member)
        if isinstance(name, str) and (_is_shelter_name(name) or says_that_place_is_withheld(name)):
            return True
    if any(_is_shelter_code(code, linked) for code, linked in _codes(data)):
        return True
    may_be = any(isinstance(name := data.get(member), str) and _may_be_a_shelter(name) for member in NAMES)
    for text in _texts(data):
        if says_that_place_is_withheld(text):
            return True
        if may_be and pattern("shelters", "pair", "texts").search(text):
            return True
        if may_match(text, stems("shelters", "stems")) and pattern("shelters", "texts").search(text):
            return True
    return False


def says_that_place_is_withheld(text: str) -> bool:
    """Whether a text says that an address is confidential, undisclosed or not published."""
    return may_match(text, stems("text", "stems")) and pattern("text", "place").search(text) is not None


def _is_shelter_name(name: str) -> bool:
    return may_match(name, stems("shelters", "stems")) and pattern("shelters", "names").search(name) is not None


def _may_be_a_shelter(name: str) -> bool:
    """Whether a name is one of a lodging; what it is for, its text says ("Haven House")."""
    return pattern("shelters", "pair", "names").search(name) is not None


def _texts(data: Mapping[str, Any]) -> Iterator[str]:
    for member, value in data.items():
        if isinstance(value, str) and member not in NAMES and len(value) >= 8:
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
