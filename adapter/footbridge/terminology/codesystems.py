"""The shipped CodeSystems: the guide's, parts of others that the mapping uses, and our own.

They are FHIR CodeSystem resources in `terminology/codesystems/`. The url of our own is stored without its
base, which a setting may change, and is put together when they are read.
"""

import functools
from collections.abc import Iterator
from typing import Any

from footbridge.data import folder, read_json
from footbridge.uris import own_uri

OWN_FOLDER = "own"


@functools.cache
def code_systems() -> dict[str, dict[str, Any]]:
    """Every shipped CodeSystem by its url."""
    found: dict[str, dict[str, Any]] = {}
    for path in _paths():
        resource: dict[str, Any] = read_json("terminology", "codesystems", *path)
        if path[0] == OWN_FOLDER:
            resource = resource | {"url": own_uri(resource["url"])}
        found[resource["url"]] = resource
    return found


def _paths() -> Iterator[tuple[str, ...]]:
    root = folder("terminology").joinpath("codesystems")
    for entry in sorted(root.iterdir(), key=lambda item: item.name):
        if entry.is_file():
            yield (entry.name,)
    for entry in sorted(root.joinpath(OWN_FOLDER).iterdir(), key=lambda item: item.name):
        yield (OWN_FOLDER, entry.name)


def own_code_system(name: str) -> dict[str, Any]:
    """One of our own CodeSystems by its short name, e.g. ``prescription-kind``.

    Raises:
        KeyError: we have none of that name.
    """
    return code_systems()[own_uri(f"CodeSystem/{name}")]


@functools.cache
def _concepts(url: str) -> dict[str, dict[str, Any]]:
    resource = code_systems().get(url, {})
    return {concept["code"]: concept for concept in flat_concepts(resource)}


def flat_concepts(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every concept of a CodeSystem, parents before their children."""
    waiting = list(reversed(resource.get("concept", [])))
    while waiting:
        concept = waiting.pop()
        yield concept
        waiting += reversed(concept.get("concept", []))


def concept(url: str, code: str) -> dict[str, Any] | None:
    """One concept of a shipped CodeSystem as it stands there, None when it is not there."""
    return _concepts(url).get(code)


def designation(url: str, code: str, language: str) -> str | None:
    """A concept's term in a language (`fr-CA` falls back to `fr`, then to the display); None when unknown."""
    found = concept(url, code)
    if found is None:
        return None
    terms = {item["language"]: item["value"] for item in found.get("designation", [])}
    term = terms.get(language) or terms.get(language.partition("-")[0]) or found.get("display")
    return None if term is None else str(term)


def since(code: str) -> str | None:
    """The first version of the guide that has a code of its temporary code system; None: it is not there."""
    found = concept(sdohcc_system(), code)
    if found is None:
        return None
    return next(str(item["valueString"]) for item in found["property"] if item["code"] == "since")


@functools.cache
def sdohcc_system() -> str:
    """The url of the guide's temporary code system."""
    return str(read_json("terminology", "categories.json")["system"])
