"""Profiles that a resource must meet though it claims none.

An Observation with a vital sign's code meets that vital sign's profile of R4
(https://hl7.org/fhir/R4/observation-vitalsigns.html; the table is ``profiles/implied-profiles.json``); a message meets
our own constraints on messages of its kind, which the code system of its event tells; and an ImplementationGuide among
the definitions may name ``global`` profiles.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from footbridge.data import read_json
from footbridge.uris import own_uri


def implied(resource: dict[str, Any], guides: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The canonical URLs of the profiles that a resource must meet."""
    kind = resource.get("resourceType")
    if kind == "Observation":
        yield from _by_code(resource)
    elif kind == "Bundle":
        yield from of_message(resource)
    yield from guides.get(str(kind), ())


def of_message(bundle: Mapping[str, Any]) -> list[str]:
    """The profiles of a message, by the code system of its event; none for a Bundle that is no message we know."""
    entries = bundle.get("entry")
    rows = [row.get("resource") for row in entries if isinstance(row, dict)] if isinstance(entries, list) else []
    events = [
        row.get("eventCoding") for row in rows if isinstance(row, dict) and row.get("resourceType") == "MessageHeader"
    ]
    table: dict[str, str] = _facts()["messages"]
    systems = {event["system"] for event in events if isinstance(event, dict) and isinstance(event.get("system"), str)}
    return [own_uri(table[system]) for system in sorted(systems) if system in table]


def _by_code(observation: dict[str, Any]) -> Iterator[str]:
    code = observation.get("code")
    rows = code.get("coding") if isinstance(code, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("code"), str) and isinstance(row.get("system"), str):
            url = _table().get((row["system"], row["code"]))
            if url is not None:
                yield url


@functools.cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = read_json("profiles", "implied-profiles.json")
    return facts


@functools.cache
def _table() -> dict[tuple[Any, str], str]:
    facts = _facts()
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
