"""SMART scopes of systems: what was asked for, what a partner's role may have of it, what an interaction needs.

``system/Task.rs`` (version 2, letters of cruds in this order) and ``system/Task.read`` (version 1) are read; scopes of
users and patients, and those with a query, are never granted: they would be less, or more, than what we enforce.
https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html. Letters and interactions are the table
``mappings/smart-scopes.json``, what a role may write is ``mappings/hosted-writes.json``.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from footbridge.data import read_json
from footbridge.store.search_parameters import resource_types

LETTERS: Final = "cruds"
EVERY: Final = "*"
_SCOPE: Final = re.compile(r"system/(\*|[A-Z][A-Za-z]{0,63})\.(\*|read|write|c?r?u?d?s?)")
_OF_INTERACTION: Final = {"create": "c", "update": "u", "delete": "d"}


@dataclass(frozen=True, slots=True)
class SystemScope:
    """What one scope allows.

    Attributes:
        text: as it was written.
        type: a resource type, or ``*`` for every one.
        letters: of ``cruds``, in this order.
    """

    text: str
    type: str
    letters: str


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "smart-scopes.json")
    return table


def parse(text: str) -> SystemScope | None:
    """The scope that a text is; None for one that is never granted."""
    found = _SCOPE.fullmatch(text)
    if found is None or not found[2] or (found[1] != EVERY and found[1] not in resource_types()):
        return None
    return SystemScope(text, found[1], str(_table()["version1"].get(found[2], found[2])))


def allows(scopes: Sequence[str] | None, type_name: str, interaction: str) -> bool:
    """Whether these scopes allow an interaction with a resource type.

    Args:
        scopes: as they were granted; None stands for a token without scopes, which they do not limit.
        type_name: FHIR resource type.
        interaction: its FHIR code, or ``conditional-create`` or ``conditional-update``; one that the table does not
            name (an operation, the CapabilityStatement) needs no scope.

    For a Bundle ask for each entry, and for ``_include`` whether the included type may be read.
    """
    if scopes is None:
        return True
    letter = _table()["interactions"].get(interaction)
    return letter is None or letter in _letters(tuple(scopes), type_name)


@functools.lru_cache(maxsize=4096)
def _letters(scopes: tuple[str, ...], type_name: str) -> frozenset[str]:
    known = [one for one in map(parse, scopes) if one is not None and one.type in {EVERY, type_name}]
    return frozenset("".join(one.letters for one in known))


def of_role(role: str) -> Mapping[str, str]:
    """What a partner of a role may do: letters by resource type; ``*`` stands for every type."""
    writes = read_json("mappings", "hosted-writes.json").get(role, {})
    reads = str(_table()["reads"].get(role, ""))
    found = {EVERY: reads}
    for type_name, interactions in writes.items():
        letters = {letter for name, letter in _OF_INTERACTION.items() if name in interactions}
        found[type_name] = _ordered(letters | set(reads))
    return found


def grant(asked: str, role: str) -> tuple[str, ...]:
    """What a partner of a role is granted of what it asks for; empty: nothing.

    A scope that is granted whole is answered as it was written, another one by the letters that are left of it.
    """
    may = of_role(role)
    whole: list[str] = []
    parts: dict[str, set[str]] = {}
    for one in (parse(text) for text in dict.fromkeys(asked.split())):
        if one is None:
            continue
        common = set(may[EVERY])
        if one.type != EVERY:
            common |= set(may.get(one.type, ""))
        if set(one.letters) <= common:
            whole.append(one.text)
            continue
        for type_name, letters in may.items() if one.type == EVERY else [(one.type, "".join(common))]:
            left = set(letters) & set(one.letters)
            if left:
                parts.setdefault(type_name, set()).update(left)
    every = parts.get(EVERY, set())
    shown = [(name, letters) for name, letters in sorted(parts.items()) if name == EVERY or letters - every]
    return (*whole, *(f"system/{name}.{_ordered(letters)}" for name, letters in shown))


def _ordered(letters: set[str]) -> str:
    return "".join(letter for letter in LETTERS if letter in letters)
