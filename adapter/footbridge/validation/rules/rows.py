"""JSON as rules read it: whatever has not the shape that FHIR gives it is passed over, for other rules tell that."""

from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]
HL7_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def rows_of(value: Any) -> list[Row]:  # noqa: ANN401 - JSON is any value
    """The objects of a list; an empty list for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str | None:  # noqa: ANN401 - JSON is any value
    """A text that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None


def value_of(row: Row) -> tuple[str, Any]:
    """The type suffix and the value of a ``value[x]``; empty and None without one."""
    for key, value in row.items():
        if key.startswith("value") and key != "value":
            return key[5:], value
    return "", None


def extension_values(holder: Row, url: str) -> Iterator[Any]:
    """The values of the extensions with that URL."""
    for row in rows_of(holder.get("extension")):
        if row.get("url") == url:
            yield value_of(row)[1]


def extension_value(holder: Row, url: str) -> Any:  # noqa: ANN401 - JSON is any value
    """The value of the first extension with that URL; None where there is none."""
    return next(extension_values(holder, url), None)


def coding_of(row: Any) -> tuple[Any, Any] | None:  # noqa: ANN401 - JSON is any value
    """What tells a CodeableConcept from others: system and code of its first coding, or its text alone."""
    codings = rows_of(row.get("coding")) if isinstance(row, dict) else []
    if codings:
        return codings[0].get("system"), codings[0].get("code")
    return (None, row["text"]) if isinstance(row, dict) and isinstance(row.get("text"), str) else None


def is_hl7s(url: Any) -> bool:  # noqa: ANN401 - JSON is any value
    """Whether HL7 publishes what has this URL."""
    return isinstance(url, str) and ("hl7.org" in url or "fhir.org" in url)
