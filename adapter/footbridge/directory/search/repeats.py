"""One person's questions about one thing count once: who retypes, or leaves a filter out, still has the same need.

Questions of one asker about the same category and area within ``MINUTES`` are one, whatever their words, language or
hours: the first counts. A question whose words stand for no category gives way to the next there that has one: it was
misspelt, or too narrow. What is kept for that: a digest of who asked, no name; the category and the area, no words. It
goes with the next count, ten minutes later at the earliest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from footbridge.store.dialect import inserting
from footbridge.store.tables.directory_search import directory_gap_lately

MINUTES = 10
_LATELY = directory_gap_lately.c
_SAME = ("tenant", "country", "region", "area")
_COUNTED = ("category", "month", "language", "reason")
_KEEP = inserting(directory_gap_lately, lambda statement: statement.on_conflict_do_nothing())


def first_asked(
    connection: Connection, rows: Sequence[Mapping[str, Any]], by: str, at: datetime
) -> list[dict[str, Any]]:
    """Of lines that a question would count, those that it does count, and one to take back with a count of -1.

    Args:
        connection: of a transaction that may write.
        rows: lines of ``directory_gap``, one a category, of one tenant and area.
        by: who asks.
        at: when.
    """
    asker = hashlib.sha256(f"{rows[0]['tenant']}\0{by}".encode()).hexdigest()[:32]
    old = at - timedelta(minutes=MINUTES)
    connection.execute(delete(directory_gap_lately).where(_LATELY.tenant == rows[0]["tenant"], _LATELY.at <= old))
    here = (_LATELY.asker == asker, *(_LATELY[name] == rows[0][name] for name in _SAME))
    lately = {row.category: row for row in connection.execute(select(directory_gap_lately).where(*here))}
    new = [dict(row) for row in rows if row["category"] not in lately and (row["category"] or not lately)]
    unsure = lately.get("")
    taken_back = []
    if unsure is not None and new:
        connection.execute(delete(directory_gap_lately).where(*here, _LATELY.category == ""))
        counted = {name: getattr(unsure, name) for name in _COUNTED}
        taken_back = [{**new[0], **counted, "count": -1}]
    kept = [{**{name: row[name] for name in (*_SAME, *_COUNTED)}, "asker": asker, "at": at} for row in new]
    if kept:
        connection.execute(_KEEP[connection.dialect.name], kept)
    return [*new, *taken_back]
