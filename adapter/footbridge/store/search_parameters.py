"""What each resource type can be searched by: facts of ``profiles/search-parameters.json``.

A parameter has a kind and the paths of its elements; see https://hl7.org/fhir/R4/search.html. What the file has as
``common`` belongs to every type; ``_id`` and ``_lastUpdated`` do too, and need no entry there. After a change of the
file, rows that are already stored keep their old index until they are written again.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from footbridge.data import read_json
from footbridge.i18n import _
from footbridge.store.interaction_errors import NotSupported

Kind = Literal["token", "reference", "date", "string", "uri", "composite", "special"]


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One parameter of one resource type.

    Attributes:
        name: as written in a query, e.g. ``based-on``.
        kind: how values are indexed and compared; ``special`` is ``Location.near`` (``store.near``).
        paths: element names from the resource down, without its type: ``("performer", "actor")``.
        targets: resource types that a reference may point to; empty: any.
        system: code system of an element of type code, which names none itself; empty: none or several.
        definition: canonical URL of the SearchParameter.
        parts: of a composite, the paths of each of its tokens, from an element of ``paths`` down.
    """

    name: str
    kind: Kind
    paths: tuple[tuple[str, ...], ...]
    targets: tuple[str, ...]
    system: str
    definition: str
    parts: tuple[tuple[tuple[str, ...], ...], ...] = ()


@functools.cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = read_json("profiles", "search-parameters.json")
    return data


@functools.cache
def resource_types() -> tuple[str, ...]:
    """The resource types of R4."""
    return tuple(_data()["resources"])


@functools.cache
def parameters_of(resource_type: str) -> Mapping[str, SearchParameter]:
    """The parameters of a type by name; raises NotSupported for what is no resource type of R4."""
    entries = _data()["resources"].get(resource_type)
    if entries is None:
        raise NotSupported(_("{shown} is not a resource type of FHIR R4.", shown=_shown(resource_type)))
    return {name: _parameter(name, entry) for name, entry in (entries | _data()["common"]).items()}


@functools.cache
def summary_of(resource_type: str) -> tuple[frozenset[str], frozenset[str]]:
    """The members of a type that a summary has, and those that no resource of it may be without.

    A member with a choice of types is named without its type, as ``value``.
    https://hl7.org/fhir/R4/search.html#summary
    """
    row = _data()["summaries"][resource_type]
    return frozenset(row["summary"]), frozenset(row["required"])


@functools.cache
def link_names() -> frozenset[str]:
    """Names of the elements of type uri, url, oid and uuid, whose values a transaction rewrites."""
    return frozenset(_data()["links"])


def _parameter(name: str, entry: Mapping[str, Any]) -> SearchParameter:
    if entry["type"] not in get_args(Kind):
        raise ValueError(f"search parameter {name} has the kind {entry['type']!r}, which has no index")
    return SearchParameter(
        name=name,
        kind=entry["type"],
        paths=tuple(_path(path) for path in entry["paths"]),
        targets=tuple(entry.get("targets", ())),
        system=entry.get("system", ""),
        definition=entry["definition"],
        parts=tuple(tuple(_path(path) for path in part) for part in entry.get("parts", ())),
    )


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split(".")) if text else ()


def _shown(resource_type: str) -> str:
    # What a caller wrote in place of a type may be anything: show it only when it looks like a type.
    return resource_type if resource_type.isalpha() and len(resource_type) <= 64 else "This"
