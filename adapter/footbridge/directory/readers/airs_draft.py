"""What is collected of one record of AIRS XML, and how members are added to it."""

from dataclasses import dataclass, field
from typing import Any

from footbridge.directory.readers.airs_elements import Element, line_of, table, text
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.records import Kind


@dataclass(slots=True)
class Draft:
    """A record under way. ``kind`` and ``id`` name it in findings; ``data`` is what the record will hold."""

    kind: Kind
    id: str
    tally: Tally
    dialect: str | None = None
    taxonomy_version: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def owner(self) -> tuple[Kind, str]:
        """What findings name it by."""
        return self.kind, self.id

    def add(self, member: str, *rows: dict[str, Any]) -> None:
        """Append rows to a list."""
        if rows:
            self.data.setdefault(member, []).extend(rows)

    def paragraph(self, member: str, words: str | None, label: str | None = None) -> None:
        """Append a paragraph, with its label before it."""
        if not words:
            return
        line = f"{label}: {words}" if label else words
        self.data[member] = f"{self.data[member]}\n\n{line}" if member in self.data else line

    def text(self, element: Element, name: str) -> str | None:
        """The text of an element called ``name``; None for a word that the dialect writes where it has nothing."""
        found = text(element)
        return None if self.is_filler(name, found, line_of(element)) else found

    def is_filler(self, name: str, found: str | None, line: int | None) -> bool:
        """Whether a value only fills a member that the schema requires; it is counted."""
        words = table()["fillers"].get(self.dialect or "", {}).get(name, ())
        if found is None or found.casefold() not in words:
            return False
        self.tally.count("airs.filler", f"{name}: {found}", line)
        return True
