"""Which members of a partner's copy are ours to bring up to date: the table ``mappings/partner-members.json``."""

import functools
import hashlib
from typing import Any

import orjson

from footbridge.data import read_json
from footbridge.partners.fhir.push import merged
from footbridge.partners.fhir.server import Change, Resource


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "partner-members.json")
    return table


def state_members(role: str, resource_type: str) -> tuple[str, ...]:
    """Members that follow our own resource, at a partner of that role; empty for a type that is not kept current."""
    return tuple(_table()[role]["state"].get(resource_type, ()))


def content_members(role: str, resource_type: str) -> tuple[str, ...]:
    """Members that follow the prescription as the partner may know it now."""
    return tuple(_table()[role]["content"].get(resource_type, ()))


def removed_members(resource_type: str) -> Resource:
    """What a record says that the prescription no longer has; empty for a type that stays as it is."""
    return dict(read_json("mappings", "amendment.json")["removed"].get(resource_type, {}))


def fingerprint(members: Any) -> str:  # noqa: ANN401 - JSON
    """SHA-256 of members, in hex: tells whether the partner has got the same before."""
    return hashlib.sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).hexdigest()


def our_members(resource_type: str, state: Resource | None, content: Resource | None = None) -> Change:
    """A change that writes these members of a partner's resource, references already the partner's.

    What both leave out stays as the partner has it; what is None goes, except for a list of ``state``, to which others
    may have added. What ``content`` says takes the place of what is there.
    """
    status = _table()["statusMembers"].get(resource_type, ()) if state else ()

    def change(current: Resource) -> Resource | None:
        found = {name: value for name, value in current.items() if name not in status}
        found |= {name: merged(current.get(name), value) for name, value in (state or {}).items()}
        found |= content or {}
        return {name: value for name, value in found.items() if value is not None}

    return change
