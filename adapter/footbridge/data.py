"""Finds the data folders (profiles, mappings, terminology, examples), in a wheel or in a checkout."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

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
