"""The supports of a prescription (bus tickets, an interpreter) end with it.

Each is a ServiceRequest of its own without a Task, so that nothing but the prescription's status says what became of
it: ``supports`` in ``mappings/prescription-status.json``. A prescription that is opened again brings them back.
"""

import functools

from footbridge.data import read_json
from footbridge.referrals import resource_edits
from footbridge.referrals.unit import Key, PrescriptionUnit


def supports(unit: PrescriptionUnit) -> list[Key]:
    """Type and id of each support's ServiceRequest, in the prescription's order."""
    named = (name for name in unit.prescription.resources if name.startswith("support/"))
    return [key for name in named if (key := unit.role(name)) is not None]


def settle_supports(unit: PrescriptionUnit) -> None:
    """Give the supports the status that the prescription's new one asks for; whoever has a copy is told.

    Those are the record and every partner that was asked for the whole: a part of a split never had them.
    """
    keys = [] if unit.status == unit.prescription.status else supports(unit)
    status = read_json("mappings", "prescription-status.json")["supports"][unit.status]
    changed = [key for key in keys if unit.resource(key)["status"] != status]
    for key in changed:
        unit.edit(key, functools.partial(resource_edits.with_request_status, status=status))
    if changed:
        holders = {row.partner for row in unit.rows if row.parent is None} | {
            unit.requester.name if unit.requester else None
        }
        for partner in holders - {None}:
            unit.tell(str(partner))
