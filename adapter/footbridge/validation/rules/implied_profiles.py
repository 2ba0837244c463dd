"""Profiles that a resource must meet though it claims none.

An Observation with a vital sign's code meets that vital sign's profile of R4
(https://hl7.org/fhir/R4/observation-vitalsigns.html; the table is ``profiles/implied-profiles.json``); and an
ImplementationGuide among the definitions may name ``global`` profiles.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from footbridge.data import read_json


def implied(resource: dict[str, Any], guides: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The canonical URLs of the profiles that a resource must meet."""
    kind = resource.get("resourceType")
    if kind == "Observation":
        yield from _by_code(resource)
    yield from guides.get(str(kind), ())


def _by_code(observation: dict[str, Any]) -> Iterator[str]:
    code = observation.get("code")
    rows = code.get("coding") if isinstance(code, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("code"), str) and isinstance(row.get("system"), str):
            url = _table().get((row["system"], row["code"]))
            if url is not None:
                yield url


@functools.cache
def _table() -> dict[tuple[Any, str], str]:
    facts = read_json("profiles", "implied-profiles.json")
    return {
        (system, code): url
        for url, systems in facts["profiles"].items()
        for system, codes in systems.items()
        for code in codes
    }


def global_profiles(definitions: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The global profiles of the ImplementationGuides among loose definitions, by resource type."""
    found: dict[str, list[str]] = {}
    for guide in definitions:
        if guide.get("resourceType") != "ImplementationGuide":
            continue
        rows = guide.get("global")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and isinstance(row.get("profile"), str):
                found.setdefault(str(row.get("type")), []).append(row["profile"])
    return {kind: tuple(urls) for kind, urls in found.items()}
