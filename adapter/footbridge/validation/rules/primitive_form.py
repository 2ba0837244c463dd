"""The form of primitive values: JSON type, regular expression, range (rule structure.value).

The expressions are those of https://hl7.org/fhir/R4/datatypes.html#primitive, as the HL7 validator applies them:
dates are real dates, a time has its zone, text is not empty. What is only blank is a warning (rule structure.blank).
"""

import binascii
import calendar
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.json_shape import null_value

Json = Any
NO_BREAK = frozenset("\u00a0\u2007\u202f")
# An OID of five characters or fewer is a high node of the tree, which names nothing: the HL7 validator refuses it.
SHORTEST_OID = len("urn:oid:1.2.3")
LONGEST_TEXT = 1024 * 1024
# Elsewhere blank text is only bad form, as the HL7 validator has it: a string SHOULD have other characters too.
NEVER_BLANK = frozenset({"id", "boolean", "integer", "unsignedInt", "positiveInt", "decimal", "xhtml"})
_DATE = re.compile(r"(\d{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z", re.ASCII)
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_DATE_TIME = re.compile(rf"(\d{{4}})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(?:T{_CLOCK}{_ZONE})?)?)?\Z", re.ASCII)
_INSTANT = re.compile(rf"(\d{{4}})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])T{_CLOCK}{_ZONE}))\Z", re.ASCII)
_TIME = re.compile(rf"{_CLOCK}\Z", re.ASCII)
_CODE = re.compile(r"[^\s]+( [^\s]+)*\Z")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9]\d*))+\Z", re.ASCII)
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_BASE64 = re.compile(r"(?:[0-9A-Za-z+/]{4})*(?:[0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True, eq=False)
class PrimitiveForm:
    """The form of one primitive type: what is accepted, and what is expected in words."""

    accepts: Callable[[Json], bool]
    expected: str
    name: str

    def faults(self, spot: Spot, _: Scope) -> Findings:
        """The value is not of this form."""
        if spot.value is None:
            return null_value(spot)
        if spot.value.__class__ is str and spot.value.isspace() and self._may_be_blank(spot.value):
            return finding(
                "structure.blank", spot, "The value is blank; leave the element out instead.", severity="warning",
                code="value", spec="datatypes.html#string",
            )  # fmt: skip
        return finding(
            "structure.value", spot, f"The value is no {self.name}: {self.expected} is expected.", code="value",
            spec=f"datatypes.html#{self.name}",
        )  # fmt: skip

    def _may_be_blank(self, text: str) -> bool:
        """Blanks that do not break are characters of a text, and wrong elsewhere."""
        return self.name not in NEVER_BLANK and (self.name in {"string", "markdown"} or NO_BREAK.isdisjoint(text))


def _text(value: Json) -> bool:
    return value.__class__ is str and bool(value) and len(value) <= LONGEST_TEXT and _plain(value)


def _plain(value: str) -> bool:
    return not value.isspace() and (value.isprintable() or _CONTROL.search(value) is None)


def _real_date(match: re.Match[str] | None) -> bool:
    if match is None:
        return False
    year, month, day = match[1], match[3], match[5]
    if year == "0000":
        return False
    return day is None or int(day) <= 28 or int(day) <= calendar.monthrange(int(year), int(month))[1]


def _date(value: Json) -> bool:
    return value.__class__ is str and _real_date(_DATE.match(value))


def _date_time(value: Json) -> bool:
    return value.__class__ is str and _real_date(_DATE_TIME.match(value))


def _instant(value: Json) -> bool:
    return value.__class__ is str and _real_date(_INSTANT.match(value))


def _time(value: Json) -> bool:
    return value.__class__ is str and _TIME.match(value) is not None


def _boolean(value: Json) -> bool:
    return value is True or value is False


def _whole(value: Json, least: int) -> bool:
    return value.__class__ is int and least <= value <= 2147483647


def _decimal(value: Json) -> bool:
    if value.__class__ is int:
        return True
    if value.__class__ is Decimal:
        return bool(value.is_finite())
    return value.__class__ is float and math.isfinite(value)


def _oid(value: Json) -> bool:
    return value.__class__ is str and len(value) > SHORTEST_OID and _OID.match(value) is not None


def _uri(value: Json) -> bool:
    if value.__class__ is not str or not value or value != value.strip() or any(mark in value for mark in " \t\r\n"):
        return False
    if value.startswith(("oid:", "uuid:")):
        return False
    if value.startswith("urn:oid:"):
        return _oid(value)
    if value.startswith("urn:uuid:"):
        return _UUID.match(value.partition("#")[0]) is not None
    return True


def _matching(expression: re.Pattern[str]) -> Callable[[Json], bool]:
    return lambda value: value.__class__ is str and expression.match(value) is not None


def _base64(value: Json) -> bool:
    if value.__class__ is not str or not value:
        return False
    try:
        binascii.a2b_base64(value, strict_mode=True)
    except ValueError:  # blanks, say, which are allowed
        return _BASE64.match("".join(value.split())) is not None
    return True


FORMS = {
    "boolean": (_boolean, "true or false"),
    "integer": (lambda value: _whole(value, -2147483648), "a whole number of 32 bits"),
    "unsignedInt": (lambda value: _whole(value, 0), "a whole number from 0"),
    "positiveInt": (lambda value: _whole(value, 1), "a whole number from 1"),
    "decimal": (_decimal, "a number"),
    "string": (_text, "text that is not empty"),
    "markdown": (_text, "text that is not empty"),
    "xhtml": (lambda value: value.__class__ is str and bool(value), "XHTML"),
    "code": (_matching(_CODE), "a code without surplus blanks"),
    "id": (_matching(_ID), "1 to 64 letters, digits, '-' and '.'"),
    "uri": (_uri, "a URI without blanks"),
    "url": (_uri, "a URL without blanks"),
    "canonical": (_uri, "a canonical URL without blanks"),
    "oid": (_oid, "urn:oid: and an OID"),
    "uuid": (_matching(_UUID), "urn:uuid: and a UUID in lower case"),
    "date": (_date, "YYYY, YYYY-MM or YYYY-MM-DD, a real date"),
    "dateTime": (_date_time, "a date, or a date and time with seconds and zone"),
    "instant": (_instant, "a date and time with seconds and zone"),
    "time": (_time, "hh:mm:ss"),
    "base64Binary": (_base64, "base64"),
}  # fmt: skip


def form_of(name: str) -> PrimitiveForm:
    """The form of a primitive type; an unknown one has the form of string."""
    accepts, expected = FORMS.get(name, FORMS["string"])
    return PrimitiveForm(accepts, expected, name)
