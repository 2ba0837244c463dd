"""What goes through the stream: documents not yet read, then what was found in each."""

from collections.abc import Collection
from dataclasses import dataclass

from footbridge.model.issues import Issue
from footbridge.validation.engine.engine import Outcome

ERRORS = frozenset({"error"})
"""What makes a resource fail, where nothing else is asked for: of ``error``, ``warning`` and ``unchecked``."""


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
        is_prescription: it is no FHIR resource, but a prescription as ``footbridge map`` takes it.
    """

    source: str
    resource_type: str | None
    id: str | None
    outcome: Outcome
    is_prescription: bool = False

    def failing(self, fail_on: Collection[str] = ERRORS) -> list[Issue]:
        """The issues that make it fail."""
        return [issue for issue in self.outcome.issues if issue.is_error or issue.severity in fail_on]

    def fails(self, fail_on: Collection[str] = ERRORS) -> bool:
        """Whether it fails: by an issue, or, where ``unchecked`` counts, by what was not checked."""
        for issue in self.outcome.issues:
            if issue.is_error or issue.severity in fail_on:
                return True
        return "unchecked" in fail_on and bool(self.outcome.unchecked)
