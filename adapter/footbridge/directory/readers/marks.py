"""What the members of an object say about its use, by the names that sources have for that.

Members are known by the flags of ``mappings/directory/hsds-aliases.json``, however they are written:
``isConfidential``, ``is_private``, ``Visibility``. So a flag that one form of source has is heard in the others too.
"""

import functools
from collections.abc import Mapping
from typing import Any

from footbridge.directory.readers import shapes
from footbridge.directory.readers.hsds_types import snake, table


def marks(row: Mapping[str, Any]) -> dict[str, Any]:
    """``withheld`` and ``restrictions`` (``directory.records``), as far as the object says so.

    A word that is neither yes nor no restricts.
    """
    found: dict[str, Any] = {}
    for key, name in _flags(tuple(row)):
        said = row[key]
        if isinstance(said, bool | int | float | str) and not shapes.empty(said):
            shapes.set_flag(table(), name, said, found, _unclear)
    return found


def _unclear() -> None:
    return None


@functools.lru_cache(maxsize=4_096)
def _flags(keys: tuple[Any, ...]) -> tuple[tuple[str, str], ...]:
    """The flags among some names: as it is written, as the table has it."""
    named = [(str(key), _by_letters().get(snake(str(key)).replace("_", ""))) for key in keys]
    return tuple((key, name) for key, name in named if name is not None)


@functools.cache
def _by_letters() -> Mapping[str, str]:
    """The flags by their letters alone: ``isprivate``."""
    return {name.replace("_", ""): name for name in table()["flags"]}
