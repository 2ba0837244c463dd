"""What becomes of our resources when their prescription is amended: the table ``mappings/amendment.json``.

A resource keeps how far things are, and gets what is prescribed now. A record that the prescription no longer has says
that it is no longer in use, and is remembered, so that whoever has a copy learns it.
"""

import functools
from typing import Any

from footbridge.data import read_json
from footbridge.mapping.references import Resource, local
from footbridge.partners.outgoing import REMOVED
from footbridge.referrals.entry_records import removed_role
from footbridge.referrals.new_prescription import StoredResources
from footbridge.referrals.unit import PrescriptionUnit


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "amendment.json")
    return table


def replace_records(unit: PrescriptionUnit, stored: StoredResources) -> dict[str, str]:
    """Store what the amended prescription is mapped to; returns role -> our reference, removed records included.

    Args:
        unit: of the prescription as it was.
        stored: what it is mapped to now.
    """
    before = unit.prescription.resources
    now = {role: "/".join(key) for role, key in stored.keys.items()}
    removed_before = {one: role for role, one in before.items() if role.startswith(REMOVED)}
    in_use = {role: one for role, one in before.items() if not role.startswith(REMOVED)}
    left = {role: one for role, one in in_use.items() if one not in now.values()}
    gone = {role: one for role, one in left.items() if one.partition("/")[0] in _table()["removed"]}
    unit.create(stored.resources)
    for resource in stored.resources:
        key = (resource["resourceType"], resource["id"])
        is_back = "/".join(key) in removed_before
        unit.edit(key, functools.partial(_as_new if is_back else _content_of, resource))
    for one in gone.values():
        unit.edit(local(one), _removed)
    older = unit.prescription.document
    removed = removed_before | {one: removed_role(older, role, one) for role, one in gone.items()}
    kept = {role: one for role, one in left.items() if role not in gone}
    return {**kept, **now, **{role: one for one, role in sorted(removed.items()) if one not in now.values()}}


def _content_of(newer: Resource, older: Resource) -> Resource:
    names = _table()["kept"].get(newer["resourceType"], ())
    kept: dict[str, Any] = {name: older[name] for name in names if name in older}
    gone = {name for name in names if name not in older}
    content = {name: value for name, value in newer.items() if name not in gone}
    return content | kept | {"meta": older.get("meta", {}) | newer.get("meta", {})}


def _as_new(newer: Resource, older: Resource) -> Resource:
    return newer | {"meta": older.get("meta", {}) | newer.get("meta", {})}


def _removed(resource: Resource) -> Resource:
    changes: dict[str, Any] = _table()["removed"][resource["resourceType"]]
    return resource | changes
