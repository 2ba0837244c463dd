"""Definitions of our own, whole StructureDefinitions under ``profiles/``; URLs in them lack the base of our URIs.

They come last in every registry. ``profiles/ocean`` holds constraints on Ocean's messages, each with its source.
"""

import functools
from typing import Any, Final

from footbridge.data import folder, read_json
from footbridge.uris import own_uri
from footbridge.validation.packages.loose import LoosePackage

FOLDERS: Final = ("ocean",)
RELATIVE: Final = "StructureDefinition/"


def own_definitions() -> LoosePackage:
    """Our definitions, as a package."""
    return _package(own_uri(""))


@functools.lru_cache(maxsize=4)
def _package(base: str) -> LoosePackage:
    return LoosePackage((_based(row, base) for row in _read()), name="footbridge")


@functools.cache
def _read() -> tuple[dict[str, Any], ...]:
    found = []
    for name in FOLDERS:
        files = sorted(item.name for item in folder("profiles").joinpath(name).iterdir() if item.name.endswith(".json"))
        found += [read_json("profiles", name, file) for file in files]
    return tuple(found)


def _based(value: Any, base: str) -> Any:  # noqa: ANN401 - any JSON
    """A definition whose references to our own definitions begin with the base."""
    if isinstance(value, dict):
        return {name: _based(inner, base) for name, inner in value.items()}
    if isinstance(value, list):
        return [_based(inner, base) for inner in value]
    return base + value if isinstance(value, str) and value.startswith(RELATIVE) else value
