"""JSON on one line, whatever a document had in it."""

import json
from typing import Any

import orjson


def compact(value: Any) -> str:  # noqa: ANN401 - any JSON
    """A value as JSON without line breaks; text that UTF-8 cannot have is escaped."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a lone surrogate, which JSON can write and UTF-8 cannot
        return json.dumps(value, separators=(",", ":"))
