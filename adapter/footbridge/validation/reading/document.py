"""What a reader gives: the resource, what was wrong with the text, and where things stand in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from footbridge.model.issues import Issue

MOST_ISSUES = 1000
"""Faults of a text that are told; a hostile one has as many as it has characters."""


class Place(NamedTuple):
    """A place in a text; lines and columns count from 1, the column 0 where it is not known."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """One resource as read.

    resource  its JSON form; None when the text could not be read at all
    issues    faults of the text itself, found while reading
    locate    a FHIRPath of an issue -> its place in the text; works only when it is called
    """

    resource: Any
    issues: tuple[Issue, ...] = ()
    locate: Callable[[str], Place | None] = field(default=lambda _: None, compare=False)

    def place_of(self, issue: Issue) -> Place | None:
        """Where an issue stands in the text; None where that is not known."""
        return self.locate(issue.expression) if issue.expression else None
