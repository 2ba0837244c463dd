"""What partners said of their free places, for the services of a snapshot: it counts from the moment that it was said.

A snapshot never changes, so that these few stand beside it.
"""

from collections.abc import Mapping

import orjson
from sqlalchemy import Connection, or_, select

from footbridge.directory.capacity import counts, stated
from footbridge.directory.search.dialect import SLOT_MASK
from footbridge.directory.search.snapshot import Snapshot
from footbridge.directory.search.values import capacity_state
from footbridge.store.dialect import unindexed
from footbridge.store.tables.directory_search import directory_entry

_ENTRY = directory_entry.c


def stated_slots(connection: Connection, tenant: str, snapshot: Snapshot) -> Mapping[int, tuple[str, str]]:
    """State and day by slot, of those that are newer than what their source says."""
    said = {(one.source, one.service): one for one in stated(connection, tenant)}
    found: dict[int, tuple[str, str]] = {}
    for part in snapshot.parts if said else ():
        services = [service for source, service in said if source == part.source]
        rows = connection.execute(
            select(_ENTRY.id, _ENTRY.service, _ENTRY.data).where(
                _ENTRY.index == part.index,
                _ENTRY.service.in_(services),
                unindexed(_ENTRY.since) <= part.number,
                or_(unindexed(_ENTRY.until).is_(None), unindexed(_ENTRY.until) > part.number),
            )
        )
        for row in rows:
            one = said[part.source, row.service]
            if counts(one, str(orjson.loads(row.data).get("kd") or "")):
                slot = snapshot.slot_of(part.index, row.id & SLOT_MASK)
                found[slot] = (capacity_state(one.status), one.at.date().isoformat())
    return found
