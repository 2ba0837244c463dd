"""Copies of objects that share an id: which are the same object, and what the one record of them says."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from footbridge.directory.readers.shapes import Json

_NAMES: Final = {"name", "service", "location"}  # what tells objects with one id apart in one document
_MOST: Final = 20  # differing members that are reported for one record


@dataclass(slots=True)
class Copy:
    """One copy: ``n`` its place in the source, ``scope`` its document, ``identity`` what it is, as far as it says."""

    n: int
    scope: int
    digest: bytes
    identity: dict[str, str]
    data: dict[str, Any]


@dataclass(slots=True)
class Group:
    """Copies of one object."""

    copies: list[Copy]
    identity: dict[str, str]
    scopes: set[int]

    def suffix(self, *, apart: bool) -> str:
        """Eight digits that tell it from others with its id: the same as long as it is the same object."""
        basis = orjson.dumps(self.identity, option=orjson.OPT_SORT_KEYS)
        if apart or not self.identity:
            basis += min(copy.digest for copy in self.copies)
        return hashlib.sha256(basis).hexdigest()[:8]


def cluster(copies: Sequence[Copy], *, one: bool, apart: bool) -> list[Group]:
    """Group copies (the fullest first) by identity: two agree when nothing that both say differs.

    In one document an id is one object, unless two names say otherwise. ``one``: they are one object by their id.
    ``apart``: each is an object of its own.
    """
    rank = {copy.n: at for at, copy in enumerate(copies)}
    groups: list[Group] = []
    by_name: dict[str | None, list[Group]] = {}
    for copy in sorted(copies, key=lambda each: -len(each.identity)):  # what says more about itself decides first
        name = copy.identity.get("name")
        candidates = groups if one or name is None else [*by_name.get(name, ()), *by_name.get(None, ())]
        fitting = [] if apart else [group for group in candidates if one or _same_object(group, copy)]
        at_home = [group for group in fitting if copy.scope in group.scopes]
        if len(at_home or fitting) == 1:
            group = (at_home or fitting)[0]
        else:  # it is none of them, or could be several
            group = Group([], {}, set())
            groups.append(group)
            by_name.setdefault(name, []).append(group)
        group.copies.append(copy)
        group.scopes.add(copy.scope)
        group.identity = {**copy.identity, **group.identity}
    for group in groups:
        group.copies.sort(key=lambda each: rank[each.n])
    return groups


def _same_object(group: Group, copy: Copy) -> bool:
    compared = copy.identity.items()
    if copy.scope in group.scopes:
        compared = {name: value for name, value in compared if name in _NAMES}.items()
    return all(group.identity.get(name, value) == value for name, value in compared)


def merged(copies: Sequence[Copy]) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """The fullest copy (the first), with members that only others have, and the members that differ.

    What any copy withholds or restricts stays withheld and restricted.
    """
    data = dict(copies[0].data)
    differing: dict[str, Any] = {}
    for copy in copies[1:]:
        for name, value in copy.data.items():
            if name == "restrictions":
                data[name] = sorted({*data.get(name, ()), *value})
            elif name not in data:
                data[name] = value
            elif isinstance(value, list) and isinstance(data[name], list):
                data[name] = [_withhold(item, value) for item in data[name]]
                if name == "notes":
                    data[name] += [note for note in value if note not in data[name]]
            elif data[name] != value and not isinstance(value, dict):
                differing.setdefault(name, value)
    shown = data.get("withheld") is None
    return data, [(name, value if shown else None) for name, value in sorted(differing.items())][:_MOST]


def _withhold(item: Json, others: Sequence[Any]) -> Json:
    """The child, withheld when another copy of it is."""
    if not isinstance(item, dict) or item.get("withheld"):
        return item
    for other in others:
        if isinstance(other, dict) and other.get("withheld") and _same_child(item, other):
            return {**item, "withheld": other["withheld"]}
    return item


def _same_child(item: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if item.get("id") is not None and other.get("id") is not None:
        return bool(item["id"] == other["id"])
    plain = {name: value for name, value in other.items() if name != "withheld"}
    return all(item.get(name) == value for name, value in plain.items())
