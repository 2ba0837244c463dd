"""The supports of a prescription (bus tickets, an interpreter) end with it.

Each is a ServiceRequest of its own without a Task, so that nothing but the prescription's status says what became of
it: ``supports`` in ``mappings/prescription-status.json``. A prescription that is opened again brings them back.
"""

import functools

from footbridge.data import read_json
from footbridge.sync import records
from footbridge.sync.case import Case, Key


def supports(case: Case) -> list[Key]:
    """Type and id of each support's ServiceRequest, in the prescription's order."""
    named = (name for name in case.prescription.resources if name.startswith("support/"))
    return [key for name in named if (key := case.role(name)) is not None]


def settle_supports(case: Case) -> None:
    """Give the supports the status that the prescription's new one asks for; whoever has a copy is told.

    Those are the record and every partner that was asked for the whole: a part of a split never had them.
    """
    keys = [] if case.status == case.prescription.status else supports(case)
    status = read_json("mappings", "prescription-status.json")["supports"][case.status]
    changed = [key for key in keys if case.resource(key)["status"] != status]
    for key in changed:
        case.edit(key, functools.partial(records.with_request_status, status=status))
    if changed:
        holders = {row.partner for row in case.rows if row.parent is None} | {case.record.name if case.record else None}
        for partner in holders - {None}:
            case.tell(str(partner))
