"""Where each member of a prescription lives in FHIR: the table ``mappings/prescription-sdohcc.json``."""

import functools
from typing import Any

from footbridge.data import read_json


@functools.cache
def element_map() -> dict[str, dict[str, Any]]:
    """Rows of the table by member; list items are written ``needs[].category``."""
    rows: list[dict[str, Any]] = read_json("mappings", "prescription-sdohcc.json")["rows"]
    return {row["member"]: row for row in rows}


def home(location: tuple[str | int, ...]) -> str:
    """The first FHIR element of the member at a place of a prescription, or of the nearest one above it.

    ``home(("needs", 0, "category"))`` gives ``Condition.category``.
    """
    return elements(location)[0]


def elements(location: tuple[str | int, ...]) -> list[str]:
    """Every FHIR element that the member at a place of a prescription is read from, as for ``home``."""
    name = ""
    for step in location:
        name = f"{name}[]" if isinstance(step, int) else f"{name}.{step}" if name else step
    while name:
        row = element_map().get(name)
        if row is not None:
            return [str(one) for one in row["element"]]
        name = name.removesuffix("[]") if name.endswith("[]") else name.rpartition(".")[0]
    return ["Bundle"]
