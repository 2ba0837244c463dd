"""What a source withholds from now on goes out of what it said before, too: ``directory diff`` shows both.

Of a record that is hidden now nothing stays. Of one that something was withheld of, the earlier version keeps what
cannot be that: texts and values that the later one has as well, whatever they say now, but no address, phone or
contact, and no text that was shortened.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, or_, select, update

from footbridge.directory.importing.generation import Generation
from footbridge.directory.importing.rows import versions_of
from footbridge.directory.packed_json import as_json
from footbridge.directory.privacy import REACH, REDACTED
from footbridge.store.tables.directory import directory_record as record

_MOST = 500
_HIDDEN = '{"restrictions":'
"""How the data of a hidden record begins: it has nothing else."""


def conceal(
    connection: Connection, generation: Generation, after: tuple[str, str] = ("", "")
) -> tuple[str, str] | None:
    """Rewrite some versions that ended with an import; where it stopped (kind, id), None at the end."""
    was, now = record.alias("was"), record.alias("now")
    kind, key = after
    rows = connection.execute(
        select(was.c.kind, was.c.id, was.c.since, was.c.data, now.c.data.label("later"), now.c.findings, now.c.marked)
        .add_columns(now.c.relation)
        .join_from(
            now,
            was,
            (was.c.tenant == now.c.tenant)
            & (was.c.source == now.c.source)
            & (was.c.kind == now.c.kind)
            & (was.c.id == now.c.id)
            & (was.c.until == generation.number),
        )
        .where(
            now.c.tenant == generation.tenant,
            now.c.source == generation.source,
            now.c.since == generation.number,
            or_(now.c.marked, now.c.relation.is_not(None), now.c.data.startswith(_HIDDEN, autoescape=True)),
            or_(now.c.kind > kind, (now.c.kind == kind) & (now.c.id > key)),
        )
        .order_by(now.c.kind, now.c.id)
        .limit(_MOST)
    ).all()
    for row in rows:
        later = orjson.loads(row.later)
        if row.data == row.later or not (row.marked or row.relation or set(later) == {"restrictions"}):
            continue
        data = as_json(concealed(orjson.loads(row.data), later)).decode()
        connection.execute(
            update(record)
            .where(versions_of(generation, row.kind, row.id), record.c.since == row.since)
            .values(data=data, findings=row.findings)
        )
    return (rows[-1].kind, rows[-1].id) if len(rows) == _MOST else None


def concealed(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """A record as it was, without what it withholds now."""
    kept = {}
    for key, value in was.items():
        if key not in now:
            continue
        kept[key] = now[key] if key in REACH or REDACTED in orjson.dumps(now[key]).decode() else value
    return kept
