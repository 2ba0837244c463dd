"""Members of what stands inside an iCarol record that nothing reads: they are reported, so that no text is lost unseen.

What is read is in the table ``mappings/directory/icarol.json``, under ``inside``.
"""

from collections.abc import Iterator
from typing import Any

from footbridge.directory.readers.icarol_parts import Row, objects, table


def unread(found: Row) -> Iterator[str]:
    """The names of members that are not read, each with what it stands in: ``contact.fax``."""
    inside: dict[str, list[str]] = table()["inside"]
    for detail in objects(found.get("contactDetails")):
        contact = detail.get("contact")
        yield from _unknown(contact if isinstance(contact, dict) else detail, "contact", inside)
    for member in ("names", "taxonomy", "coverage", "customFields", "hours", "accessibility"):
        for row in objects(found.get(member)):
            yield from _unknown(row, member, inside)
    hours = found.get("hours")
    for day in objects(hours.get("days") if isinstance(hours, dict) else None):
        yield from _unknown(day, "days", inside)


def _unknown(row: Row, member: str, inside: dict[str, list[str]]) -> Iterator[str]:
    for name, value in row.items():
        if name not in inside[member] and name not in inside["everywhere"] and not _says_nothing(value):
            yield f"{member}.{name}"[:200]


def _says_nothing(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return value in (None, "", [], {}) or isinstance(value, bool)
