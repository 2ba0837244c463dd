"""JSON as bytes that take no more memory than they are long.

``orjson.dumps`` gives bytes in a buffer of at least 4 kB, and does not shrink it: a hundred thousand of them
take half a gigabyte. What is kept for longer than a statement is copied here into a buffer of its own.
"""

from collections.abc import Callable
from typing import Any

import orjson

SORTED = orjson.OPT_SORT_KEYS


def as_json(value: Any, *, option: int | None = None, default: Callable[[Any], Any] | None = None) -> bytes:  # noqa: ANN401 - JSON is any value
    """A value as JSON. Raises TypeError for what is no JSON; ``option`` and ``default`` are those of orjson."""
    return memoryview(orjson.dumps(value, default, option)).tobytes()
