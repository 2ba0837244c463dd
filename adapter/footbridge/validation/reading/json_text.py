"""Reads JSON strictly: no duplicate names, no comments, no NaN; numbers keep their digits as Decimal.

Rules: json.syntax, json.duplicate, json.comment, json.encoding. The quick way is the standard parser; only a text that
it refuses is looked at a second time.
"""

import itertools
import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.reading.document import MOST_ISSUES, Document, Place
from footbridge.validation.reading.json_comments import without_comments
from footbridge.validation.reading.json_duplicates import Duplicate, duplicates
from footbridge.validation.reading.json_places import Places

SPEC = "https://hl7.org/fhir/R4/json.html"
LINE_ENDS = frozenset({"\n", "\r\n"})
Json = Any


class _Doubled(Exception):  # noqa: N818 - reads as the state that it names
    """A name came twice in one object."""


def _single(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Doubled
    return made


def read_json_text(data: bytes | str, *, allow_comments: bool = False, first_line: int = 1) -> Document:
    """Read one JSON document. Never raises on bad text: the faults are the Document's issues.

    Messages count lines from ``first_line``; the places of issues count from 1.
    """
    try:
        # The codec that takes off the mark is written in Python.
        text = data if isinstance(data, str) else data.decode("utf-8-sig" if data[:3] == BOM_UTF8 else "utf-8")
    except UnicodeDecodeError as error:
        return Document(None, (_not_utf8(data, error.start, first_line),))
    if not text or text.isspace():
        return Document(None, (_fault("json.syntax", "The document is empty.", Place(1, 1)),))
    document = _parsed(text, first_line)
    if document.resource is not None or not document.issues or "/" not in text:
        return document
    bare, places = without_comments(text)
    if not places:
        return document
    again = _parsed(bare, first_line)
    if allow_comments:
        return again
    comments = _at_most(_fault("json.comment", "JSON has no comments.", place) for place in places)
    return Document(again.resource, comments + again.issues, again.locate)


def _parsed(text: str, first_line: int) -> Document:
    twice: tuple[Issue, ...] = ()
    try:
        try:
            resource = _decoded(text)
        except _Doubled:
            resource = _LAST_COUNTS.decode(text)
            twice = _at_most(_twice(resource, row) for row in duplicates(text))
    except json.JSONDecodeError as error:
        return Document(None, (_syntax(error, first_line),))
    except (ValueError, ArithmeticError):
        return Document(None, (_fault("json.syntax", "A number is none that JSON has."),))
    except RecursionError:
        return Document(None, (_fault("json.syntax", "The text is nested too deep."),))
    return Document(resource, twice, Places(text).locate)


def _decoded(text: str) -> Json:
    """What ``json.loads`` gives, without a new decoder for each text."""
    if text.startswith("\ufeff"):
        raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
    try:
        found, end = _SCAN(text, 0)
    except StopIteration:  # blanks before it, or no JSON
        return _STRICT.decode(text)
    return found if end == len(text) or text[end:] in LINE_ENDS else _STRICT.decode(text)


def _syntax(error: json.JSONDecodeError, first_line: int) -> Issue:
    """Why a text is no JSON; the parser's reasons quote nothing of it."""
    reason = error.msg.removesuffix(" at").removesuffix(" starting")
    line = error.lineno + first_line - 1
    words = f"The text is no JSON: {reason}, at line {line}, column {error.colno}."
    return _fault("json.syntax", words, Place(error.lineno, error.colno))


def _not_utf8(data: bytes | str, at: int, first_line: int) -> Issue:
    before = data[:at] if isinstance(data, bytes) else b""
    line, column = before.count(b"\n") + 1, at - before.rfind(b"\n")
    wide = isinstance(data, bytes) and data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    told = line + first_line - 1
    words = f"The text is not UTF-8{' but UTF-16' if wide else ''}, at line {told}, byte {column}."
    return _fault("json.encoding", words, Place(line, column))


def _at_most(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """The issues, of very many the first."""
    return tuple(itertools.islice(issues, MOST_ISSUES))


def _twice(resource: Json, row: Duplicate) -> Issue:
    root = resource.get("resourceType") if isinstance(resource, dict) else None
    start = root if isinstance(root, str) and root.isalpha() else "$this"
    fault = _fault("json.duplicate", f"The name '{row.name}' stands twice in one object.", row.place)
    return replace(fault, expression=f"{start}{row.path}")


def _decimal(digits: str) -> Decimal:
    number = Decimal(digits)
    if not -1000 < number.adjusted() < 1000:
        raise InvalidOperation
    return number


def _whole(digits: str) -> int:
    if len(digits) > 400:
        raise InvalidOperation
    return int(digits)


def _refuse(_: str) -> None:
    raise ValueError("no number of JSON")


_LAST_COUNTS = json.JSONDecoder(parse_float=_decimal, parse_int=_whole, parse_constant=_refuse)
_STRICT = json.JSONDecoder(object_pairs_hook=_single, parse_float=_decimal, parse_int=_whole, parse_constant=_refuse)
_SCAN: Callable[[str, int], tuple[Any, int]] = _STRICT.scan_once  # type: ignore[attr-defined]


def _fault(rule: str, message: str, place: Place | None = None) -> Issue:
    line, column = place if place is not None else (None, None)
    return Issue(rule, "error", "invalid", message, expression="$this", spec=SPEC, line=line, column=column)
