"""What pydantic finds, said in plain sentences: one Issue a fault, at the prescription's own pointer.

No sentence repeats a value, for a value may be a person's; names of members are repeated, and the values
that a list allows.
"""

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from footbridge.model.issues import Issue
from footbridge.model.prescription.pointers import Path, at, members_at, pointer_to
from footbridge.model.prescription.values import (
    CODE_PATTERN,
    DATE_PATTERN,
    FIRST_DAY,
    INSTANT_PATTERN,
    LANGUAGE_PATTERN,
    LAST_DAY,
    MOST_ENTRIES,
    TEXT_PATTERN,
    URI_PATTERN,
)

Said = tuple[str, str, str]  # rule, FHIR issue type, sentence
_CONTROL = re.compile(r"[\x00-\x08\x0B-\x1F\x7F-\x9F]")
_YEARS = f"the years {FIRST_DAY.year} to {LAST_DAY.year}"


def issues_of(details: Iterable[ErrorDetails], document: Any) -> dict[Path, Issue]:  # noqa: ANN401 - JSON
    """One Issue for each of pydantic's errors about the document, by path; what follows from another is left out."""
    found: dict[Path, Issue] = {}
    for detail in details:
        path: Path = detail["loc"]
        value = at(document, path)
        if detail["type"] == "too_short" and value:
            continue  # the items are there but faulty, and have issues of their own
        rule, code, message = _said(detail, path, value)
        found.setdefault(path, Issue(f"prescription.{rule}", "error", code, message, pointer=pointer_to(path)))
    return found


def _said(detail: ErrorDetails, path: Path, value: object) -> Said:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return "missing", "required", f"The member '{path[-1]}' is required."
    if kind == "extra_forbidden":
        return "unknown-member", "structure", _unknown(str(path[-1]), members_at(path[:-1]))
    if kind == "literal_error":
        return "not-listed", "code-invalid", f"Invalid value; allowed: {context['expected']}."
    if kind in _EXPECTED:
        return "type", "structure", f"{_EXPECTED[kind]} was expected, but {_type_name(value)} was found."
    if kind in _SAID:
        return _SAID[kind](context, value)
    return "invalid", "invalid", f"Invalid value ({kind})."


def nearest_member(name: str, known: Sequence[str]) -> str | None:
    """The known member that a mistyped name most likely meant, None when none is near."""
    by_shape = {_shape(member): member for member in known}
    near = difflib.get_close_matches(_shape(name), by_shape, n=1, cutoff=0.6)
    return by_shape[near[0]] if near else None


def _unknown(name: str, known: Sequence[str]) -> str:
    """Name the unknown member, and the nearest known one."""
    near = nearest_member(name, known)
    if near:
        return f"'{name}' is not a member here; did you mean '{near}'?"
    return f"'{name}' is not a member here; supported members: {', '.join(known)}."


def _shape(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _type_name(value: object) -> str:
    if value is None:
        return "no valid value"
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number with a fraction",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    return names[type(value)]


_EXPECTED = {
    "string_type": "Text",
    "bool_type": "true or false",
    "int_type": "A whole number",
    "int_from_float": "A whole number",
    "tuple_type": "A list",
    "model_type": "An object",
    "date_type": "A date as text, YYYY-MM-DD,",
    "datetime_type": "An instant as text, YYYY-MM-DDThh:mm:ss with an offset,",
}


def _pattern(context: dict[str, Any], value: object) -> Said:
    return _PATTERNS[context["pattern"]](str(value))


def _text(value: str) -> Said:
    control = _CONTROL.search(value)
    if control is None:
        return "blank", "value", "The text is blank: leave the member out, or enter a text."
    name = f"U+{ord(control.group()):04X}"
    message = (
        f"The text has a control character ({name}, at position {control.start()}); only line feed and tab are allowed."
    )
    return "control-character", "value", message


def _uri(_: str) -> Said:
    message = "An absolute URI without spaces was expected, such as http://loinc.org or urn:oid:2.16.840.1."
    return "uri", "value", message


def _code(_: str) -> Said:
    return "code", "value", "A code was expected: no control characters, no spaces at the ends, no double spaces."


def _language(_: str) -> Said:
    return "language", "value", "A BCP 47 language tag was expected, such as en, fr or fr-CA (with a hyphen)."


_PATTERNS: dict[str, Callable[[str], Said]] = {
    TEXT_PATTERN: _text,
    URI_PATTERN: _uri,
    CODE_PATTERN: _code,
    LANGUAGE_PATTERN: _language,
}


def _too_long(context: dict[str, Any], value: object) -> Said:
    most = context["max_length"]
    return "too-long", "too-long", f"The text has {len(str(value))} characters; at most {most} are allowed."


def _too_short(_: dict[str, Any], __: object) -> Said:
    return "empty", "required", "The text is empty: leave the member out, or enter a text."


def _no_items(_: dict[str, Any], __: object) -> Said:
    return "empty", "required", "The list is empty: at least one entry is required."


def _too_many(context: dict[str, Any], _: object) -> Said:
    return "too-many", "too-long", f"The list has too many entries; at most {context['max_length']} are allowed."


def _date(_: dict[str, Any], value: object) -> Said:
    if re.match(DATE_PATTERN, str(value)):
        return "date", "value", "Invalid date: there is no such day."
    return "date", "value", "A date was expected: YYYY-MM-DD, without a time."


def _bounds(context: dict[str, Any], _: object) -> Said:
    if isinstance(context.get("ge", context.get("le")), str | dt.date):
        return "date", "value", f"A date in {_YEARS} was expected."
    return "number", "value", f"An index into a list was expected: a whole number from 0 to {MOST_ENTRIES - 1}."


def _instant(_: dict[str, Any], value: object) -> Said:
    if re.match(INSTANT_PATTERN, str(value)):
        return "instant", "value", "Invalid instant: there is no such day or time."
    message = (
        "An instant with seconds and an offset was expected: YYYY-MM-DDThh:mm:ss-05:00 or ...Z, "
        f"in {_YEARS}, with at most six digits of fractions."
    )
    return "instant", "value", message


_SAID: dict[str, Callable[[dict[str, Any], object], Said]] = {
    "string_pattern_mismatch": _pattern,
    "string_too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _no_items,
    "too_long": _too_many,
    "date_parsing": _date,
    "date_from_datetime_parsing": _date,
    "date_from_datetime_inexact": _date,
    "greater_than_equal": _bounds,
    "less_than_equal": _bounds,
    "less_than": _bounds,
    "value_error": _instant,
}
