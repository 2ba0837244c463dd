"""From raw bytes to a JSON value: size, encoding, syntax, depth, and what JSON lets pass but no one can mean.

The first faults end the reading (nothing sure can be said after them): they are raised as PrescriptionError.
The later ones (a member given twice, null in a list, a number out of range, half a character) are collected, each at
its JSON Pointer, and None stands in their place. A member that is null counts as left out, wherever it stands, as in
JSON Merge Patch (https://www.rfc-editor.org/rfc/rfc7386). Spec: https://www.rfc-editor.org/rfc/rfc8259.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from footbridge.errors import PrescriptionError
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription.pointers import Path, pointer_to, sayable_name

MAX_DEPTH = 100  # levels; a prescription needs five
MAX_VALUES = 20_000  # in the whole document; a long prescription has a few hundred
_MAX_DIGITS = 18  # of a whole number
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{\]},]', re.DOTALL)
_LONE_SURROGATE = re.compile(r"[\uD800-\uDFFF]")

Raw = bytes | str | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Odd:
    """Stands for a JSON value that parses but cannot be meant; ``issue`` wants its pointer."""

    rule: str
    message: str


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its members were given more than once."""

    repeated: tuple[str, ...] = ()


def text_of(raw: Raw, limit: int) -> str:
    """The document as text. Raises PrescriptionError when it is over ``limit`` bytes or not UTF-8."""
    if isinstance(raw, dict):
        raw = _written(raw)
    size = len(raw) if isinstance(raw, bytes) else len(raw.encode("utf-8", "surrogatepass"))
    if size > limit:
        message = _(
            "The document has {size} bytes; the maximum is {limit}. Send one prescription at a time.",
            size=size,
            limit=limit,
        )
        refuse("too-large", message, code="too-long")
    if isinstance(raw, str):
        if raw.startswith("\ufeff"):
            refuse("encoding", _("The text starts with a byte order mark: remove it."))
        return raw
    return _decoded(raw)


def refuse(
    rule: str, message: str, *, code: str = "structure", line: int | None = None, column: int | None = None
) -> NoReturn:
    """End the reading with one fault of the whole document."""
    issue = Issue(f"prescription.{rule}", "fatal", code, message, pointer="", line=line, column=column)
    raise PrescriptionError([issue])


def parsed(text: str) -> tuple[Any, dict[Path, Issue]]:
    """The JSON value, with None where a value cannot be meant, and those faults by their path.

    Raises PrescriptionError when the text is not JSON or nested deeper than MAX_DEPTH.
    """
    _refuse_monsters(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
        )
    except json.JSONDecodeError as fault:
        _refuse_syntax(text, fault)
    issues: dict[Path, Issue] = {}
    return _cleaned(value, (), issues), issues


def has_repeated_members(text: str) -> bool:
    """Whether any object of this JSON text (known to be well-formed and shallow) gives a member twice."""
    found = False

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        members = dict(pairs)
        found = found or len(members) != len(pairs)
        return members

    json.loads(text, object_pairs_hook=note)
    return found


def _written(document: dict[str, Any]) -> str:
    try:
        return json.dumps(document)
    except RecursionError:
        refuse(
            "too-deep",
            _("The document is nested too deeply; {most} levels are allowed.", most=MAX_DEPTH),
            code="too-costly",
        )
    except (TypeError, ValueError):
        refuse(
            "not-json",
            _("The mapping has a value that JSON does not have: only text, numbers, lists and dicts are allowed."),
        )


def _decoded(raw: bytes) -> str:
    if raw.startswith(b"\xef\xbb\xbf"):
        refuse("encoding", _("The document starts with a byte order mark: save it as UTF-8 without one."))
    if b"\x00" in raw[:4] or raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        refuse("encoding", _("The document is in UTF-16 or UTF-32: save it as UTF-8."))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = raw[: fault.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        message = _(
            "The document is not UTF-8 at line {line} column {column}: save it as UTF-8.", line=line, column=column
        )
        refuse("encoding", message, line=line, column=column)


def _refuse_monsters(text: str) -> None:
    """Stop what is deeper or has more values than a prescription can have, before time is spent on it."""
    depth = values = 0
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                line, column = _place(text, token.start())
                message = _(
                    "The document is nested deeper than {most} levels at line {line} column {column}.",
                    most=MAX_DEPTH,
                    line=line,
                    column=column,
                )
                refuse("too-deep", message, code="too-costly", line=line, column=column)
        elif mark in "]}":
            depth -= 1
        elif mark == ",":
            values += 1
    if values > MAX_VALUES:
        refuse("too-large", _("The document has more than {most} values.", most=MAX_VALUES), code="too-costly")


def _place(text: str, position: int) -> tuple[int, int]:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _refuse_syntax(text: str, fault: json.JSONDecodeError) -> NoReturn:
    line, column = fault.lineno, fault.colno
    if not text.strip():
        refuse("not-json", _("The document is empty: expected a JSON object."), line=line, column=column)
    if fault.msg.startswith("Invalid control character"):
        message = _(
            "Invalid control character in a string at line {line} column {column}: write \\n or \\t.",
            line=line,
            column=column,
        )
        refuse("control-character", message, line=line, column=column)
    what = fault.msg.removesuffix(" at").removesuffix(" starting")
    refuse(
        "not-json",
        _("The document is not JSON: {what}, at line {line} column {column}.", what=what, line=line, column=column),
        line=line,
        column=column,
    )


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    members = _Object(pairs)
    if len(members) != len(pairs):
        times = Counter(name for name, _ in pairs)
        members.repeated = tuple(name for name, count in times.items() if count > 1)
    return members


def _integer(digits: str) -> int | Odd:
    return int(digits) if len(digits) <= _MAX_DIGITS else Odd("number", _("The number is too large."))


def _decimal(digits: str) -> float | Odd:
    number = float(digits)
    return number if math.isfinite(number) else Odd("number", _("The number is too large."))


def _constant(name: str) -> Odd:
    return Odd("number", _("{name} is not valid JSON: leave the member out.", name=name))


def _cleaned(value: Any, path: Path, issues: dict[Path, Issue]) -> Any:  # noqa: ANN401 - JSON is any value
    if isinstance(value, _Object):
        for name, issue in _of_names(value, path):
            issues[(*path, name)] = issue
        said = ((name, item) for name, item in value.items() if item is not None and sayable_name(name))
        return {name: _cleaned(item, (*path, name), issues) for name, item in said}
    if isinstance(value, list):
        return [_cleaned(item, (*path, index), issues) for index, item in enumerate(value)]
    fault = _oddity(value)
    if fault is None:
        return value
    issues[path] = Issue(f"prescription.{fault.rule}", "error", "value", fault.message, pointer=pointer_to(path))
    return None


def _oddity(value: object) -> Odd | None:
    if value is None:
        return Odd("null", _("An entry of a list is null: leave the entry out instead."))
    if isinstance(value, str) and _LONE_SURROGATE.search(value):
        return Odd(
            "half-character", _("The text has half of a surrogate pair (\\uD800 to \\uDFFF): write both halves.")
        )
    return value if isinstance(value, Odd) else None


def _of_names(value: _Object, path: Path) -> Iterator[tuple[str, Issue]]:
    place = pointer_to(path)
    for name in value.repeated:
        where = pointer_to((*path, name)) if sayable_name(name) else place
        message = _("Duplicate member in the same object: keep one.")
        yield name, Issue("prescription.repeated-member", "error", "duplicate", message, pointer=where)
    for name in value:
        if value[name] is not None and not sayable_name(name):
            message = _("A member's name is longer than 64 characters or has control characters: unknown member.")
            yield name, Issue("prescription.unknown-member", "error", "structure", message, pointer=place)
