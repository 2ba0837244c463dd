"""Our record of each entry of a prescription (a need, a goal, ...), and how it stays the same when that is amended.

``PrescriptionRow.resources`` names records by role: ``goal/0`` is the first goal's. An amended document may have that
goal in another place: it keeps its record, and so its id, its state and its copies at partners. A record that the
prescription no longer has keeps a role that begins with ``REMOVED``, so that whoever has a copy learns it, and so that
an entry which comes back gets its own again.
"""

from collections.abc import Mapping

from footbridge.model.prescription import Prescription
from footbridge.model.prescription.entries import PARTS, entry_digest, family_of, roles_of, same_entries
from footbridge.partners.outgoing import REMOVED
from footbridge.referrals.rows import PrescriptionRow

OF_NO_ENTRY = frozenset({"Task", "Consent"})
"""Types of removed records that belong to no list: a prescription has one follow-up, one consent."""


def records_of_newer(row: PrescriptionRow, newer: Prescription) -> Mapping[str, str]:
    """Role in the newer document -> our record that plays it: what is new is not there.

    Args:
        row: the prescription as it was.
        newer: as it reads now; the very document of ``row`` gives the records that it has.
    """
    before = {role: one for role, one in row.resources.items() if not role.startswith(REMOVED)}
    found = {role: one for role, one in before.items() if family_of(role) is None}
    returned = _returned(row, newer)
    same = same_entries(row.document, newer, returned)
    for role, one in before.items():
        if (place := family_of(role)) is not None:
            family, old = place
            found |= {f"{family}/{new}": one for new, was in same[PARTS.get(family, family)].items() if was == old}
    return returned | found


def entry_ids(resources: Mapping[str, str]) -> frozenset[str]:
    """The ids of the records that entries have, or had: no other entry may get one."""
    return frozenset(
        identity
        for role, one in resources.items()
        for kind, _, identity in [one.partition("/")]
        if family_of(role) is not None or (role.startswith(REMOVED) and kind not in OF_NO_ENTRY)
    )


def removed_role(older: Prescription, role: str, record: str) -> str:
    """The role of a record that the prescription no longer has.

    Args:
        older: the document that had it last.
        role: that it played there.
        record: ``Type/id`` of ours.
    """
    place = family_of(role)
    if place is None:
        return f"{REMOVED}{record}"
    return f"{REMOVED}{place[0]}/{entry_digest(older, role)}/{record.partition('/')[2]}"


def _returned(row: PrescriptionRow, newer: Prescription) -> dict[str, str]:
    """Role -> record of the entries that were taken out before and are there again, saying the same."""
    removed: dict[str, list[str]] = {}
    for role, one in row.resources.items():
        if role.startswith(REMOVED):
            removed.setdefault(role.removeprefix(REMOVED).rpartition("/")[0], []).append(one)
    found = {}
    for role in roles_of(newer) if removed else ():
        records = removed.get(f"{role.partition('/')[0]}/{entry_digest(newer, role)}")
        if records:
            found[role] = records.pop(0)
    return found
