"""The table of privacy, ``mappings/directory/privacy.json``, with its patterns compiled once a process."""

import functools
import re
from typing import Any

from footbridge.data import read_json

REACH = frozenset({"addresses", "phones", "contacts", "locations", "latitude", "longitude", "email", "url", "website"})
REDACTED = "[…]"


@functools.cache
def table() -> dict[str, Any]:
    """The table as it is read."""
    return dict(read_json("mappings", "directory", "privacy.json"))


@functools.cache
def pattern(*path: str) -> re.Pattern[str]:
    """The patterns at a path of the table as one, without regard to case: ``pattern("phone", "not_public")``."""
    node: Any = table()
    for step in path:
        node = node[step]
    parts = [node] if isinstance(node, str) else node
    return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE)


@functools.lru_cache(maxsize=16)
def stems(*path: str) -> tuple[str, ...]:
    """Pieces of words in lower case: a text without any of them need not be tried."""
    node: Any = table()
    for step in path:
        node = node[step]
    return tuple(node)


def may_match(text: str, pieces: tuple[str, ...]) -> bool:
    """Whether a text holds one of the pieces; cheap, where a pattern is not."""
    lower = text.lower()
    for piece in pieces:  # noqa: SIM110 - a loop is twice as quick here as any()
        if piece in lower:
            return True
    return False
