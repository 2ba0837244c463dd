"""Reads a partner's JSON, which may have any shape: what is not of the expected kind counts as missing."""

from collections.abc import Iterator
from typing import Any

from footbridge.partners.fhir.server import Resource


def object_in(value: Any) -> Resource:  # noqa: ANN401 - JSON of any shape
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objects_in(value: Any) -> Iterator[Resource]:  # noqa: ANN401 - JSON of any shape
    """The objects of a list; of anything else, none."""
    return (item for item in (value if isinstance(value, list) else []) if isinstance(item, dict))


def text_in(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    """The string, unless it is empty."""
    return value if isinstance(value, str) and value else None
