"""What ``/fhir`` offers to a hosted partner, by its role: made of the tables that also judge what it writes.

What it may read is ``mappings/hosted-offer.json``; what it may write, ``mappings/hosted-writes.json``. What is not its
to write is denied (403); what nobody may do does not exist (405). The CapabilityStatement is made of the offer.
"""

import functools
from collections.abc import Mapping
from typing import Any

from footbridge.data import read_json
from footbridge.fhirserver.offer import ALL_OF_SYSTEM, ALL_OF_TYPE, SYSTEM, Interaction, Offer, Operation
from footbridge.i18n import _

READS: frozenset[Interaction] = frozenset({"read", "vread", "history-instance", "search-type"})
_OF_WRITE: Mapping[str, frozenset[Interaction]] = {
    "create": frozenset({"create", "conditional-create"}),
    "update": frozenset({"update", "conditional-update"}),
}
_BUNDLES: frozenset[Interaction] = frozenset({"transaction", "batch"})
_NOBODY: frozenset[Interaction] = frozenset({"delete"})
"""A deletion would take from the other side what it has to know; a Task is cancelled instead."""


_Rights = Mapping[str, frozenset[Interaction]]


@functools.cache
def writes_of(role: str) -> Mapping[str, Mapping[str, Any]]:
    """What a partner of this role may write: by resource type, the rule of each interaction."""
    table: Mapping[str, Any] = read_json("mappings", "hosted-writes.json")
    return dict(table.get(role, {}))


def hosted_offer(role: str, operations: tuple[Operation, ...] = ()) -> Offer:
    """The offer to a hosted partner of this role: ``recipient`` or ``requester``."""
    table = _table()
    allowed, denied = _rights(role)
    return Offer(
        types=allowed,
        system=ALL_OF_SYSTEM,
        operations=operations,
        denied=denied,
        denial=_("A partner of the role {role} may not write this.", role=role),
        instantiates=tuple(table["instantiates"].get(role, ())),
        profiles=_profiles(),
        notes=table["notes"],
    )


@functools.cache
def _rights(role: str) -> tuple[_Rights, _Rights]:
    """What a role may do with each type, and what exists and is not its to do."""
    allowed = {name: READS | _writes(role, name) for name in _table()["reads"]}
    return allowed, {name: ALL_OF_TYPE - _NOBODY - offered for name, offered in allowed.items()}


@functools.cache
def _profiles() -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(urls) for name, urls in _table()["profiles"].items()}


def other_offer(operations: tuple[Operation, ...]) -> Offer:
    """The offer to everybody else: operations only; resources are denied, with the reason."""
    return Offer(
        system=frozenset({"capabilities"}),
        operations=operations,
        denied={**dict.fromkeys(_table()["reads"], ALL_OF_TYPE - _NOBODY), SYSTEM: _BUNDLES},
        denial=_("Resources are for hosted partners only, and this token does not belong to one."),
    )


def _writes(role: str, type_name: str) -> frozenset[Interaction]:
    rules = writes_of(role).get(type_name, {})
    return frozenset().union(*(offered for name, offered in _OF_WRITE.items() if name in rules))


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "hosted-offer.json")
    return table
