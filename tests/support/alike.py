"""Compares two sets of resources as graphs: ids and a server's stamps do not count, everything else does."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from footbridge.mapping.references import references, rewrite
from footbridge.store.exact_json import dumps, loads

Json = dict[str, Any]
ROUNDS = 8
"""More than the longest chain of references."""


def reached(resources: Iterable[Json], starts: Iterable[Json]) -> list[Json]:
    """What is reached from some resources by references, those included."""
    by_key = {key_of(one): one for one in resources}
    found: dict[str, Json] = {}
    waiting = [key_of(one) for one in starts]
    while waiting:
        key = waiting.pop()
        if key in by_key and key not in found:
            found[key] = by_key[key]
            waiting += references(by_key[key])
    return list(found.values())


def key_of(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def assert_alike(one: Iterable[Json], other: Iterable[Json], *, normal: Callable[[Json], Json] = dict) -> None:
    """Whether two sets of resources are the same but for ids, as graphs.

    A resource is known by all that it says, a reference by the resource that it leads to, and so on to the end of
    every chain. ``normal`` makes equal what differs on purpose.
    """
    first, second = (_without_stamps(many, normal) for many in (one, other))
    missing, more = _difference(_plain(first), _plain(second))
    assert not missing + more, "\n".join(["Only in the first:", *missing, "Only in the second:", *more])
    marks = [Counter(_marks(side).values()) for side in (first, second)]
    assert marks[0] == marks[1], "the same resources, but they refer to each other otherwise"


def _difference(one: Counter[str], other: Counter[str]) -> tuple[list[str], list[str]]:
    return sorted((one - other).elements()), sorted((other - one).elements())


def _without_stamps(resources: Iterable[Json], normal: Callable[[Json], Json]) -> dict[str, Json]:
    found = {}
    for one in resources:
        body = {name: value for name, value in normal(loads(dumps(one))).items() if name != "id"}
        stamps = {"versionId", "lastUpdated"}
        meta = {name: value for name, value in body.pop("meta", {}).items() if name not in stamps}
        found[key_of(one)] = body | ({"meta": meta} if meta else {})
    return found


def _plain(side: Mapping[str, Json]) -> Counter[str]:
    """Every resource as text, a reference as the type that it leads to or as one that leads nowhere."""
    types = _named(side, {key: body["resourceType"] for key, body in side.items()})
    return Counter(_text(body, types) for body in side.values())


def _marks(side: Mapping[str, Json]) -> dict[str, str]:
    """A mark of each resource and of all that it leads to."""
    marks = {key: body["resourceType"] for key, body in side.items()}
    for _ in range(ROUNDS):
        names = _named(side, marks)
        texts = {key: _text(body, names) for key, body in side.items()}
        marks = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in texts.items()}
    return marks


def _named(side: Mapping[str, Json], marks: Mapping[str, str]) -> dict[str, str]:
    """The marks, and those of our identifiers: the mark of the resource that bears one."""
    found = dict(marks)
    for key, body in side.items():
        held = body.get("identifier", [])
        for one in held if isinstance(held, list) else [held]:
            if is_ours(one):
                found[one["value"]] = marks[key]
    return found


def _text(body: Json, names: Mapping[str, str]) -> str:
    """The resource as text, with names in place of ids: of references, and of identifiers of ours."""

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(one) for one in value]
        if not isinstance(value, dict):
            return value
        found = {name: renamed(one) for name, one in value.items()}
        return found | {"value": names.get(value["value"], "nowhere")} if is_ours(value) else found

    rewritten = rewrite(body, lambda reference: names.get(reference, f"nowhere: {reference}"))
    return json.dumps(loads(dumps(renamed(rewritten))), sort_keys=True, default=str)


def is_ours(value: Json) -> bool:
    """Whether an Identifier is our id of a resource."""
    return str(value.get("system", "")).endswith("NamingSystem/resource") and "value" in value
