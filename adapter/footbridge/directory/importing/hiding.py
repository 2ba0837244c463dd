"""What stands in a hidden record is hidden too: nothing of it is shown, so nothing of it has to be stored.

The services of an organization that its source deleted or excluded, the services at a location of a hidden service, and
the organization's locations where nobody else gives a service, keep their restrictions alone.
"""

from collections import defaultdict
from collections.abc import Sequence

import orjson

from footbridge.directory.importing.relations import Prepare, opened, stage
from footbridge.directory.importing.staging import Staged, Staging
from footbridge.directory.privacy.record import HIDING
from footbridge.directory.records import Finding, Record

Says = defaultdict[str, set[str]]


def hide_what_stands_in(staged: Staging, prepare: Prepare, says: Says) -> None:
    """Hide the records that stand in a hidden one; ``says`` is told whose fingerprint had a say, by id."""
    owners = {key: some for key, data in staged.restricted_of("organization") if (some := _restrictions(data))}
    services = {key: some for key, data in staged.restricted_of("service") if (some := _restrictions(data))}
    if not owners and not services:
        return
    prints = {row.id: row.fingerprint for row in staged.where("id", sorted({*owners, *services}))}
    places: dict[str, Staged] = {}
    for row in staged.where("organization", sorted(owners)):
        if row.kind == "location":
            places[row.id] = row
        elif row.kind == "service" and row.id not in services:
            services[row.id] = owners[str(row.organization)]
            prints[row.id] = prints[str(row.organization)]
            _hide(staged, row, services[row.id], prepare)
            says[row.id].add(prints[row.id])
    for link in staged.where("service", sorted(services)):
        _hide(staged, link, services[str(link.service)], prepare)
        says[link.id].add(prints[str(link.service)])
    busy = {link.location for link in staged.where("location", sorted(places)) if link.service not in services}
    for row in places.values():
        if row.id not in busy:
            _hide(staged, row, owners[str(row.organization)], prepare)
            says[row.id].add(prints[str(row.organization)])


def _hide(staged: Staging, row: Staged, restrictions: Sequence[str], prepare: Prepare) -> None:
    record, _findings = opened(row, prepare)
    if record is None:
        return
    own = record.data.get("restrictions") or ()
    bare = Record(row.kind, row.native_id, {"restrictions": sorted({*own, *restrictions})}, row.path, row.line)
    finding = Finding("privacy.hidden", row.path, row.line, row.kind, row.native_id, "restrictions")
    stage(staged, row, bare, [finding], tuple(orjson.loads(row.secrets)) if row.secrets else ())


def _restrictions(packed: bytes | None) -> list[str]:
    """Those of a record that hide it; ``packed`` may be as its source wrote it."""
    found = orjson.loads(packed).get("restrictions") if packed else None
    return sorted(HIDING.intersection(map(str, found))) if isinstance(found, list) else []
