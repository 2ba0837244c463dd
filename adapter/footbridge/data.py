"""Finds the data folders (profiles, mappings, terminology, examples), in a wheel or in a checkout."""

import functools
import json
import os
import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, Literal

Folder = Literal["profiles", "mappings", "terminology", "examples", "locale"]


def folder(name: Folder) -> Traversable:
    """The data folder of that name; raises FileNotFoundError when the installation lacks it."""
    packed = files("footbridge") / "_data" / name
    if packed.is_dir():
        return packed
    checkout = Path(__file__).resolve().parents[2] / name
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError(f"The data folder {name!r} is missing: install footbridge again.")


def read_json(name: Folder, *path: str) -> Any:  # noqa: ANN401 - JSON is any value
    """Parse one JSON file of a data folder: ``read_json("mappings", "uris.json")``."""
    return json.loads(folder(name).joinpath(*path).read_bytes())


_SETTING: Final = "FOOTBRIDGE_URI_BASE"


@functools.cache
def _base_from_data() -> str:
    return str(read_json("mappings", "uris.json")["base"])


def own_uri(name: str) -> str:
    """A URI of our own: the base of ``mappings/uris.json`` (or of the setting) with a name appended.

    ``own_uri("CodeSystem/prescription")`` gives ``urn:footbridge:CodeSystem/prescription``.
    """
    if "footbridge.settings" not in sys.modules and _SETTING not in map(str.upper, os.environ):
        return _base_from_data() + name  # settings would say the same, and take long to import
    from footbridge.settings import settings  # noqa: PLC0415 - settings read data files too

    return (settings().uri_base or _base_from_data()) + name
