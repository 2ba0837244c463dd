"""Reads the rules of a pack: a JSON file each, under ``profiles/packs``."""

from typing import Any

import orjson

from footbridge.data import folder

GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare/"
"""What the canonical URLs of the SDOH Clinical Care guide begin with."""


def rules_of(pack: str) -> list[dict[str, Any]]:
    """The rules of a pack, by file name."""
    place = folder("profiles").joinpath("packs", pack)
    files = sorted(entry.name for entry in place.iterdir() if entry.name.endswith(".json"))
    return [orjson.loads(place.joinpath(name).read_bytes()) for name in files]


def table(name: str) -> dict[str, Any]:
    """A table that a pack's rules share."""
    content: dict[str, Any] = orjson.loads(folder("profiles").joinpath("packs", name).read_bytes())
    return content
