"""What goes through the stream: documents not yet read, then what was found in each."""

from dataclasses import dataclass

from footbridge.validation.engine.engine import Outcome


@dataclass(frozen=True, slots=True)
class Item:
    """One document to validate.

    Attributes:
        source: what a person calls it: the path, with ``:LINE`` for a line of NDJSON; ``-`` for standard input.
        data: its bytes; None where they are more than is read.
        line: the line of the file that it starts on, counted from 1.
    """

    source: str
    data: bytes | None
    line: int = 1


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome for one document.

    Attributes:
        source: as of the Item.
        resource_type: as the document says; None when it says nothing that could be read.
        id: the logical id, None where there is none.
        outcome: issues, their lines counted in the file; and what was not checked.
    """

    source: str
    resource_type: str | None
    id: str | None
    outcome: Outcome
