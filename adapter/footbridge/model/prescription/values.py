"""Small values that every part of a prescription shares: text, codes, names, addresses.

Text is kept byte for byte: never trimmed, never normalised. Each ``fhir`` note says where the member goes.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

# Control characters but line feed and tab, and the code points that UTF-8 cannot carry.
TEXT_PATTERN = r"^[^\x00-\x08\x0B-\x1F\x7F-\x9F\uD800-\uDFFF]*$"
URI_PATTERN = r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x20\x7F-\x9F]+$"
CODE_PATTERN = r"^[^\s\x00-\x1F\x7F-\x9F]+( [^\s\x00-\x1F\x7F-\x9F]+)*$"
LANGUAGE_PATTERN = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


def _sayable(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


Text = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000, pattern=TEXT_PATTERN), AfterValidator(_sayable)
]
ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=TEXT_PATTERN), AfterValidator(_sayable)
]
AbsoluteUri = Annotated[str, StringConstraints(max_length=255, pattern=URI_PATTERN)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=CODE_PATTERN)]
LanguageTag = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN, max_length=35)]
Date = dt.date
Instant = AwareDatetime


def member(description: str, fhir: str, **extra: Any) -> Any:  # noqa: ANN401 - what pydantic.Field returns
    """A documented member: its meaning, and the FHIR element where it goes."""
    schema: dict[str, Any] = {"x-fhir": fhir}
    return Field(description=description, json_schema_extra=schema, **extra)


class Part(BaseModel):
    """Base of every part: frozen, camelCase in JSON, nothing unknown, no silent conversion."""

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

    system: AbsoluteUri = member("Who issues the identifiers: an absolute URI.", "Identifier.system")
    value: ShortText = member("The identifier itself.", "Identifier.value")


class Coding(Part):
    """One code of a code system."""

    system: AbsoluteUri = member("The code system: an absolute URI.", "Coding.system")
    code: Code = member("The code.", "Coding.code")
    display: ShortText | None = member("The system's own words for the code.", "Coding.display", default=None)


class PersonName(Part):
    """A person's name; a family name, a given name or both."""

    family: ShortText | None = member("Family name.", "HumanName.family", default=None)
    given: tuple[ShortText, ...] = member("Given names, in order.", "HumanName.given", default=())
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

    line: tuple[ShortText, ...] = member("Street, number, unit.", "Address.line", default=())
    city: ShortText | None = member("City or town.", "Address.city", default=None)
    state: ShortText | None = member("Province, territory or state.", "Address.state", default=None)
    postal_code: ShortText | None = member("Postal code.", "Address.postalCode", default=None)
    country: ShortText | None = member("Country, best as ISO 3166 code.", "Address.country", default=None)


class SaidText(Part):
    """Free text, and the language that it is in when that is not the prescription's own."""

    text: Text = member("The words, kept byte for byte.", "the text of the element")
    language: LanguageTag | None = member(
        "BCP 47; the prescription's language when missing.", "language of the resource", default=None
    )
