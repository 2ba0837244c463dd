"""What imports left in a directory, to be compared: that of changes one after the other, and that of all at once."""

import json

import orjson
from sqlalchemy import select

from footbridge.directory.search import Query, ServiceSearch
from footbridge.directory.search.packing import unpack
from footbridge.directory.sources import current_imports
from footbridge.store.tables.directory import directory_finding, directory_record
from footbridge.store.tables.directory_search import directory_entry, directory_snapshot


def left(database, clock):
    """What an import left: rows, findings and the index, without when and in which order they were written."""
    with database.read() as connection:
        current = current_imports(connection, "north")
        number = current.get("feed")
        record, entry, snapshot = directory_record.c, directory_entry.c, directory_snapshot.c
        columns = [one for one in record if one.name not in {"since", "until", "findings", "data"}]
        records = [
            (*row[:-2], json.loads(row.data), _without_place(row.findings))
            for row in connection.execute(select(*columns, record.data, record.findings).where(record.until.is_(None)))
        ]
        findings = connection.execute(
            select(directory_finding.c.finding)
            .where(directory_finding.c.number == number)
            .order_by(directory_finding.c.position)
        ).scalars()
        entries = connection.execute(
            select(entry.id, entry.service, entry.sort, entry.data, entry.words).where(entry.until.is_(None))
        ).all()
        slots = {row.id & 0xFFFFFFFF: row.service for row in entries}
        sets = connection.scalar(select(snapshot.data).where(snapshot.number == number, snapshot.name == "sets"))
        found = ServiceSearch(clock).search(connection, "north", current, Query(limit=200, words="food meals rent"))
        return {
            "records": sorted(records, key=repr),
            "findings": [json.loads(one) for one in findings],
            "entries": sorted((row.service, row.sort, row.data, row.words) for row in entries),
            "sets": _named(unpack(sets), slots) if sets else None,
            "found": [(one["id"], one["why"]) for one in found.services],
        }


def _without_place(findings):
    """A record that did not change keeps the line that it had: so it was before documents were recognised."""
    return [{**one, "path": None, "line": None} for one in orjson.loads(findings)] if findings else None


def _named(sets, slots):
    return {
        name: sorted(slots[slot] for slot in slots if int(bits, 16) >> slot & 1)
        for name, bits in sets.items()
        if int(bits, 16)
    }


def same_figures(one, other):
    """Whether two summaries say the same of the directory as it is."""
    kept = ("read", "kept", "dropped", "findings", "byRule", "ofRecords")
    return one == other if isinstance(one, str) else [one[key] for key in kept] == [other[key] for key in kept]
