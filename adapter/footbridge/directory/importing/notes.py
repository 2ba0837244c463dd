"""What a reader found in a document, kept without where the document stands: another one may come before it next time.

A note is a list: the step, the number of the object in the document, and either a finding's members or what is counted.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from footbridge.directory.readers.hsds_documents import Document
from footbridge.directory.readers.tally import Counted
from footbridge.directory.records import Finding

READ, RECORD = 0, 1
"""The steps: while a document was taken apart, while records were made."""
Note = list[Any]


class Where(NamedTuple):
    """Where a document stands: the path of its root, and its line."""

    path: str
    line: int | None


def where(document: Document) -> Where:
    """Of a document."""
    return Where(f"{document.file}#{document.pointer}", document.line)


def note(step: int, at: int, found: Finding | Counted, place: Where) -> Note | None:
    """What can be kept; None where it is not about this place."""
    path, line = (found.path, found.line) if isinstance(found, Finding) else found[4:]
    if not path.startswith(place.path) or line not in (None, place.line):
        return None
    stands = [path[len(place.path) :], line is not None]
    if isinstance(found, Finding):
        return [step, at, stands, found.rule, found.kind, found.native_id, found.member, found.found, found.done]
    return [step, at, stands, *found[:4]]


def opened(notes: bytes, place: Where) -> Iterator[tuple[int, int, Finding | Counted]]:
    """The notes of a document that stands somewhere now: the step, the number of the object, what was found."""
    for step, at, (rest, has_line), rule, *more in orjson.loads(notes):
        path, line = place.path + rest, place.line if has_line else None
        if len(more) == 3:
            subject, done, count = more
            yield step, at, (rule, subject, done, count, path, line)
        else:
            yield step, at, Finding(rule, path, line, *more)
