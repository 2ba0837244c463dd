"""Parameters of a query: each known, given once, and of the right form; all that are not are told at once."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from flask import request

from footbridge.model.prescription.values import INSTANT_PATTERN
from footbridge.web.errors import Problem

Value = TypeVar("Value")
Reader = Callable[[str], Any]
"""Reads a parameter's text; raises ValueError with a sentence that says what was expected."""

_INSTANT = re.compile(INSTANT_PATTERN)


def parameters(readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The query's parameters by name, read; those that were not given are missing.

    Raises Problem ``bad-request`` with every fault: ``errors`` names the parameter, never its value.
    """
    found: dict[str, Any] = {}
    faults = []
    for name, values in request.args.lists():
        if name not in readers:
            faults.append(_fault(None, "unknown-parameter", f"The parameters here are {', '.join(readers)}."))
        elif len(values) > 1:
            faults.append(_fault(name, "repeated-parameter", "The parameter is given more than once."))
        else:
            try:
                found[name] = readers[name](values[0])
            except ValueError as wrong:
                faults.append(_fault(name, "parameter", str(wrong)))
    if faults:
        raise Problem("bad-request", "The parameters of the query are not valid.", errors=faults)
    return found


def one_of(values: list[str]) -> Reader:
    """Reads one of these words."""

    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"One of these was expected: {', '.join(values)}.")
        return text

    return read


def whole(least: int, most: int) -> Reader:
    """Reads a whole number within these bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(f"A whole number from {least} to {most} was expected.")
        return int(text)

    return read


def moment(text: str) -> datetime:
    """Reads an instant with an offset."""
    text = text.replace(" ", "+")  # the + of an offset that was not percent-encoded
    try:
        if _INSTANT.match(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("An instant with an offset was expected: YYYY-MM-DDThh:mm:ssZ or ...-05:00.")


def business_identifier(text: str) -> tuple[str, str]:
    """Reads ``system|value``."""
    system, bar, value = text.partition("|")
    if not (bar and system and value and text.isprintable()):
        raise ValueError("An identifier was expected as system|value, for example https://clinic.example/rx|RX-7.")
    return system, value


def cursor_of(kind: str, place: str) -> str:
    """A place in a list as callers see it: opaque."""
    return base64.urlsafe_b64encode(f"{kind} {place}".encode()).decode().rstrip("=")


def cursor(kind: str, parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """Reads a cursor of this kind that ``cursor_of`` made."""

    def read(text: str) -> Value:
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
            named, _, place = raw.partition(" ")
            if named == kind:
                return parse(place)
        except (ValueError, binascii.Error):
            pass
        raise ValueError("A cursor from an earlier answer was expected, unchanged.")

    return read


def _fault(name: str | None, rule: str, message: str) -> dict[str, Any]:
    return {**({"parameter": name} if name else {}), "rule": f"request.{rule}", "message": message}
