"""The records of several sources that are shown as one service: whoever chooses one of them has chosen all of them.

Which ones these are is what a search shows together (``search.snapshot``). Of them together:

* each organization's partners receive the referral, whichever record was chosen;
* what one source lists for information only takes no referrals, whatever another one says: the stricter word counts,
  as it does for what a source withholds;
* the newest word that it is still offered counts, whoever said it.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import Connection, select

from footbridge.directory.importing.assembly import documents
from footbridge.directory.model import ServiceDocument
from footbridge.directory.search.snapshot import newest, together
from footbridge.directory.sources import current_imports
from footbridge.store.tables.directory_search import directory_entry as entry

_Groups: TypeAlias = Mapping[int, tuple[int, ...]]  # by the id of an entry: those of all that are the same service
_KEPT = 8
_SOME = 200  # records that are read at once

_groups: OrderedDict[tuple[tuple[int, int], ...], _Groups] = OrderedDict()  # an import that counts never changes
_lock = threading.Lock()


def shown_with(
    connection: Connection, tenant: str, services: Sequence[ServiceDocument]
) -> dict[str, list[ServiceDocument]]:
    """All records of each of these services, by its id: itself first, then the others by source.

    Args:
        connection: of one transaction.
        tenant: whose directory it is.
        services: as the current imports have them.
    """
    current = current_imports(connection, tenant)
    found = {one["id"]: [one] for one in services}
    groups = _groups_of(connection, tenant, current) if len(current) > 1 and services else {}
    if not groups:
        return found
    indexes = {source: index for index, source, _number in newest(connection, tenant, current)}
    by_id = {one["id"]: one for one in services}
    rows = connection.execute(
        select(entry.c.id, entry.c.service).where(entry.c.index.in_(indexes.values()), entry.c.service.in_(by_id))
    )
    mine = {row.id: row.service for row in rows if row.id in groups}  # no other version is in a group
    known = {one: by_id[service] for one, service in mine.items()}
    wanted = sorted({other for one in mine for other in groups[one]} - mine.keys())
    known |= _read(connection, tenant, current, indexes, wanted)
    for one, service in mine.items():
        others = [known[other] for other in groups[one] if other != one and other in known]
        found[service] += sorted(others, key=lambda it: it["source"])
    return found


def for_information_in(records: Sequence[ServiceDocument]) -> str | None:
    """The source that lists a service for information only; None where each of its records takes referrals."""
    return next((one["source"] for one in records if not one["can_refer"]), None)


def _groups_of(connection: Connection, tenant: str, current: Mapping[str, int]) -> _Groups:
    parts = newest(connection, tenant, current)
    name = tuple((index, number) for index, _source, number in parts)
    with _lock:
        if name in _groups:
            _groups.move_to_end(name)
            return _groups[name]
    made = together(connection, parts)
    with _lock:
        _groups[name] = made
        while len(_groups) > _KEPT:
            _groups.popitem(last=False)
    return made


def _read(
    connection: Connection, tenant: str, current: Mapping[str, int], indexes: Mapping[str, int], wanted: Sequence[int]
) -> dict[int, ServiceDocument]:
    """Records by the id of their entry."""
    found: dict[int, ServiceDocument] = {}
    for start in range(0, len(wanted), _SOME):
        some = wanted[start : start + _SOME]
        rows = connection.execute(select(entry.c.id, entry.c.service, entry.c.index).where(entry.c.id.in_(some))).all()
        for source, index in indexes.items():
            services = {service: one for one, service, of in rows if of == index}
            if services:
                read = documents(connection, tenant, source, current[source], list(services))
                found |= {services[key]: one for key, one in read.items()}
    return found
