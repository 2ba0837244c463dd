"""Small values that every part of a prescription shares: text, codes, names, addresses.

Text is kept byte for byte: never trimmed, never normalised. Each ``fhir`` note says where the member goes.
"""

import datetime as dt
import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

# A text has something to read in it, and no control characters but line feed, carriage return and tab
# (https://hl7.org/fhir/R4/datatypes.html#string), nor the code points that UTF-8 cannot carry. U+FEFF counts as white
# space, as it does in ECMA's `\s`. The other patterns end in `$(?!\n)`: Python's `$` alone would let a last line feed
# pass, ECMA's would not.
_SPACE = r"[\t\n\r \xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF]"
_INK = r"[^\s\uFEFF\x00-\x20\x7F-\x9F\uD800-\uDFFF]"
TEXT_PATTERN = rf"^{_SPACE}*{_INK}[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\uD800-\uDFFF]*$"
URI_PATTERN = rf"^[A-Za-z][A-Za-z0-9+.\-]*:{_INK}+$(?!\n)"
CODE_PATTERN = rf"^{_INK}+( {_INK}+)*$(?!\n)"
# The shape of a tag; its grammar, and what is registered, is ``terminology.languages``.
LANGUAGE_PATTERN = r"^([A-Za-z]{2,3}|[IXix]-[A-Za-z0-9]{1,8})(-[A-Za-z0-9]{1,8})*$(?!\n)"

# FHIR's instant (https://hl7.org/fhir/R4/datatypes.html#instant), to the microsecond, in these years.
FIRST_DAY, LAST_DAY = dt.date(1800, 1, 1), dt.date(2199, 12, 31)
INSTANT_PATTERN = (
    r"^(1[89]|2[01])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+\-](0[0-9]|1[0-3]):[0-5][0-9]|[+\-]14:00)$(?!\n)"
)
DATE_PATTERN = r"^(1[89]|2[01])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$(?!\n)"
_INSTANT = re.compile(INSTANT_PATTERN)


def _instant(value: object) -> object:
    """Read an instant that is written in full; numbers and short forms, which pydantic would take, are none."""
    if not isinstance(value, str):
        return value
    if not _INSTANT.match(value):
        raise ValueError("must be an instant with offset")
    return dt.datetime.fromisoformat(value)


Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=TEXT_PATTERN)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=TEXT_PATTERN)]
AbsoluteUri = Annotated[str, StringConstraints(max_length=255, pattern=URI_PATTERN)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=CODE_PATTERN)]
LanguageTag = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN, max_length=35)]
Date = Annotated[dt.date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]

MOST_ENTRIES = 100  # of one list
Entry = TypeVar("Entry")
Many = Annotated[tuple[Entry, ...], Field(max_length=MOST_ENTRIES)]


def member(description: str, fhir: str, **extra: Any) -> Any:  # noqa: ANN401 - what pydantic.Field returns
    """A documented member: its meaning, and the FHIR element where it goes."""
    schema: dict[str, Any] = {"x-fhir": fhir}
    return Field(description=description, json_schema_extra=schema, **extra)


class Part(BaseModel):
    """Base of every part: frozen, camelCase in JSON, nounknown component, no silent conversion."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        loc_by_alias=True,
        str_strip_whitespace=False,
        hide_input_in_errors=True,
        regex_engine="python-re",
    )


class Identifier(Part):
    """A business identifier: a value that is unique within its system."""

    system: AbsoluteUri = member("System of the identifier: an absolute URI.", "Identifier.system")
    value: ShortText = member("Value of the identifier.", "Identifier.value")


class Coding(Part):
    """One code of a code system."""

    system: AbsoluteUri = member("The code system: an absolute URI.", "Coding.system")
    code: Code = member("The code.", "Coding.code")
    display: ShortText | None = member("Display of the code in its system.", "Coding.display", default=None)


class PersonName(Part):
    """A person's name; a family name, a given name or both."""

    family: ShortText | None = member("Family name.", "HumanName.family", default=None)
    given: Many[ShortText] = member("Given names, in order.", "HumanName.given", default=())
    preferred: ShortText | None = member(
        "The name that the person likes to be called by.", "HumanName.given, use usual", default=None
    )


class ContactPoint(Part):
    """A way to reach someone."""

    system: Literal["phone", "fax", "email", "pager", "url", "sms", "other"] = member(
        "Kind of contact (FHIR ContactPointSystem).", "ContactPoint.system"
    )
    value: ShortText = member("Number or address.", "ContactPoint.value")
    use: Literal["home", "work", "temp", "old", "mobile"] | None = member(
        "What it is used for (FHIR ContactPointUse).", "ContactPoint.use", default=None
    )
    preferred: bool = member("Whether to try this one first.", "ContactPoint.rank", default=False)


class Address(Part):
    """A postal address."""

    line: Many[ShortText] = member("Street, number, unit.", "Address.line", default=())
    city: ShortText | None = member("City or town.", "Address.city", default=None)
    state: ShortText | None = member("Province, territory or state.", "Address.state", default=None)
    postal_code: ShortText | None = member("Postal code.", "Address.postalCode", default=None)
    country: ShortText | None = member("Country, best as ISO 3166 code.", "Address.country", default=None)


class SaidText(Part):
    """Free text, and the language that it is in when that is not the prescription's own."""

    text: Text = member("The words, stored byte for byte.", "the text of the element")
    language: LanguageTag | None = member(
        "BCP 47; the prescription's language when missing.", "language of the resource", default=None
    )
