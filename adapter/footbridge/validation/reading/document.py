"""What a reader gives: the resource, what was wrong with the text, and where things stand in it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
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

    def placed(self, issue: Issue) -> Issue:
        """The issue with its line and column, where these are known."""
        if issue.line is not None or not issue.expression:
            return issue
        place = self.locate(issue.expression)
        return issue if place is None else replace(issue, line=place.line, column=place.column or None)
