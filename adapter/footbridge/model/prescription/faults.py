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

from footbridge.i18n import _
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
_CONTROL = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]")
_YEARS = _("the years {first} to {last}", first=FIRST_DAY.year, last=LAST_DAY.year)


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
        return "missing", "required", _("The member '{name}' is required.", name=path[-1])
    if kind == "extra_forbidden":
        return "unknown-member", "structure", _unknown(str(path[-1]), members_at(path[:-1]))
    if kind == "literal_error":
        return "not-listed", "code-invalid", _("Invalid value; allowed: {expected}.", expected=context["expected"])
    if kind in _EXPECTED:
        return (
            "type",
            "structure",
            _(
                "{expected} was expected, but {found} was found.",
                expected=_EXPECTED[kind],
                found=_type_name(value),
            ),
        )
    if kind in _SAID:
        return _SAID[kind](context, value)
    return "invalid", "invalid", _("Invalid value ({kind}).", kind=kind)


def nearest_member(name: str, known: Sequence[str]) -> str | None:
    """The known member that a mistyped name most likely meant, None when none is near."""
    by_shape = {_shape(member): member for member in known}
    near = difflib.get_close_matches(_shape(name), by_shape, n=1, cutoff=0.6)
    return by_shape[near[0]] if near else None


def _unknown(name: str, known: Sequence[str]) -> str:
    """Name the unknown member, and the nearest known one."""
    near = nearest_member(name, known)
    if near:
        return _("'{name}' is not a member here; did you mean '{near}'?", name=name, near=near)
    return _("'{name}' is not a member here; supported members: {known}.", name=name, known=", ".join(known))


def _shape(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _type_name(value: object) -> str:
    if value is None:
        return _("no valid value")
    names = {
        bool: _("true or false"),
        int: _("a number"),
        float: _("a number with a fraction"),
        str: _("text"),
        list: _("a list"),
        dict: _("an object"),
    }
    return names[type(value)]


_EXPECTED = {
    "string_type": _("Text"),
    "bool_type": _("true or false"),
    "int_type": _("A whole number"),
    "int_from_float": _("A whole number"),
    "tuple_type": _("A list"),
    "model_type": _("An object"),
    "date_type": _("A date as text, YYYY-MM-DD,"),
    "datetime_type": _("An instant as text, YYYY-MM-DDThh:mm:ss with an offset,"),
}


def _pattern(context: dict[str, Any], value: object) -> Said:
    return _PATTERNS[context["pattern"]](str(value))


def _text(value: str) -> Said:
    control = _CONTROL.search(value)
    if control is None:
        return "blank", "value", _("The text is blank: leave the member out, or enter a text.")
    name = f"U+{ord(control.group()):04X}"
    message = _(
        "The text has a control character ({name}, at position {start}); only line feed, "
        "carriage return and tab are allowed.",
        name=name,
        start=control.start(),
    )
    return "control-character", "value", message


def _uri(_value: str) -> Said:
    message = _("An absolute URI without spaces was expected, such as http://loinc.org or urn:oid:2.16.840.1.")
    return "uri", "value", message


def _code(_value: str) -> Said:
    return "code", "value", _("A code was expected: no control characters, no spaces at the ends, no double spaces.")


def _language(_value: str) -> Said:
    return "language", "value", _("A BCP 47 language tag was expected, such as en, fr or fr-CA (with a hyphen).")


_PATTERNS: dict[str, Callable[[str], Said]] = {
    TEXT_PATTERN: _text,
    URI_PATTERN: _uri,
    CODE_PATTERN: _code,
    LANGUAGE_PATTERN: _language,
}


def _too_long(context: dict[str, Any], value: object) -> Said:
    most = context["max_length"]
    return (
        "too-long",
        "too-long",
        _("The text has {length} characters; at most {most} are allowed.", length=len(str(value)), most=most),
    )


def _too_short(_context: dict[str, Any], _value: object) -> Said:
    return "empty", "required", _("The text is empty: leave the member out, or enter a text.")


def _no_items(_context: dict[str, Any], _value: object) -> Said:
    return "empty", "required", _("The list is empty: at least one entry is required.")


def _too_many(context: dict[str, Any], _value: object) -> Said:
    return (
        "too-many",
        "too-long",
        _("The list has too many entries; at most {most} are allowed.", most=context["max_length"]),
    )


def _date(_context: dict[str, Any], value: object) -> Said:
    if re.match(DATE_PATTERN, str(value)):
        return "date", "value", _("Invalid date: there is no such day.")
    return "date", "value", _("A date was expected: YYYY-MM-DD, without a time.")


def _bounds(context: dict[str, Any], _value: object) -> Said:
    if isinstance(context.get("ge", context.get("le")), str | dt.date):
        return "date", "value", _("A date in {years} was expected.", years=_YEARS)
    return (
        "number",
        "value",
        _("An index into a list was expected: a whole number from 0 to {most}.", most=MOST_ENTRIES - 1),
    )


def _instant(_context: dict[str, Any], value: object) -> Said:
    if re.match(INSTANT_PATTERN, str(value)):
        return "instant", "value", _("Invalid instant: there is no such day or time.")
    message = _(
        "An instant with seconds and an offset was expected: YYYY-MM-DDThh:mm:ss-05:00 or ...Z, "
        "in {years}, with at most six digits of fractions.",
        years=_YEARS,
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
