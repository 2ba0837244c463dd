"""Parameters of a query: each known, given once, and of the right form; all that are not are told at once."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from flask import request

from footbridge.i18n import _
from footbridge.model.prescription.pointers import sayable_name
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
            faults.append(_unknown(name, list(readers)))
        elif len(values) > 1:
            faults.append(_fault(name, "repeated-parameter", _("The parameter is given more than once.")))
        else:
            try:
                found[name] = readers[name](values[0])
            except ValueError as wrong:
                faults.append(_fault(name, "parameter", str(wrong)))
    if faults:
        raise Problem("bad-request", _("The parameters of the query are not valid."), errors=faults)
    return found


def one_of(values: list[str]) -> Reader:
    """Reads one of these words."""

    def read(text: str) -> str:
        if text not in values:
            raise ValueError(_("One of these was expected: {values}.", values=", ".join(values)))
        return text

    return read


def whole(least: int, most: int) -> Reader:
    """Reads a whole number within these bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(_("A whole number from {least} to {most} was expected.", least=least, most=most))
        return int(text)

    return read


def number(least: float, most: float) -> Reader:
    """Reads a decimal number within these bounds."""

    def read(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text, re.ASCII) or not least <= float(text) <= most:
            raise ValueError(_("A number from {least:g} to {most:g} was expected.", least=least, most=most))
        return float(text)

    return read


def flag(text: str) -> bool:
    """Reads ``true`` or ``false``."""
    if text not in {"true", "false"}:
        raise ValueError(_("true or false was expected."))
    return text == "true"


def text(most: int) -> Reader:
    """Reads a text of at most so many characters."""

    def read(text: str) -> str:
        if not text.strip() or len(text) > most:
            raise ValueError(_("A text of 1 to {most} characters was expected.", most=most))
        return text

    return read


def listed(reader: Reader) -> Reader:
    """Reads one value or several, separated by commas."""

    def read(text: str) -> tuple[Any, ...]:
        return tuple(reader(part.strip()) for part in text.split(","))

    return read


def moment(text: str) -> datetime:
    """Reads an instant with an offset."""
    text = text.replace(" ", "+")  # the + of an offset that was not percent-encoded
    try:
        if _INSTANT.match(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(_("An instant with an offset was expected: YYYY-MM-DDThh:mm:ssZ or ...-05:00."))


def name(text: str) -> str:
    """Reads the name of a partner."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", text, re.ASCII):
        raise ValueError(_("The name of a partner was expected: lower-case letters, digits and hyphens."))
    return text


def business_identifier(text: str) -> tuple[str, str]:
    """Reads ``system|value``."""
    system, bar, value = text.partition("|")
    if not (bar and system and value and text.isprintable()):
        raise ValueError(_("An identifier was expected as system|value, for example https://clinic.example/rx|RX-7."))
    return system, value


def cursor_of(kind: str, place: str) -> str:
    """A place in a list as callers see it: opaque."""
    return base64.urlsafe_b64encode(f"{kind} {place}".encode()).decode().rstrip("=")


def cursor(kind: str, parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """Reads a cursor of this kind that ``cursor_of`` made."""

    def read(text: str) -> Value:
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
            named, _space, place = raw.partition(" ")
            if named == kind:
                return parse(place)
        except (ValueError, binascii.Error):
            pass
        raise ValueError(_("A cursor from an earlier answer was expected, unchanged."))

    return read


def _unknown(name: str, known: list[str]) -> dict[str, Any]:
    """Name the parameter, where it can be repeated, and those that there are."""
    there = _("The parameters here are {known}.", known=", ".join(known))
    if not sayable_name(name):
        return _fault(None, "unknown-parameter", there)
    return _fault(name, "unknown-parameter", _("Unknown parameter '{name}'. {there}", name=name, there=there))


def _fault(name: str | None, rule: str, message: str) -> dict[str, Any]:
    return {**({"parameter": name} if name else {}), "rule": f"request.{rule}", "message": message}
