"""Services out of what is staged, joined and packed for the index; in a process of its own where there are many."""

import functools
import sqlite3
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from footbridge.directory.importing.compared import Compared, compare
from footbridge.directory.importing.joining import NOTHING, READ, Parts, Row


def join_staged(file: str, source: str, key: int, keeps_words: bool, ids: Sequence[str]) -> Compared:
    """Join staged services; in a process of its own where there are many."""
    return compare(source, key, keeps_words, (parts(_opened(file), ids), NOTHING))


def parts(staged: sqlite3.Connection, ids: Sequence[str]) -> Parts:
    """As ``assembly.parts``, of what is staged."""

    def seen(kind: str, column: str, wanted: Iterable[str]) -> list[Row]:
        some = list(wanted)
        return staged.execute(
            f"SELECT {', '.join(READ)} FROM staged"  # noqa: S608 - our own words
            f" WHERE {column} IN ({', '.join('?' * len(some))}) AND kind = ? AND data IS NOT NULL",
            (*some, kind),
        ).fetchall()

    services = seen("service", "id", ids)
    links = seen("service_at_location", "service", [row[0] for row in services])
    places = seen("location", "id", {row[4] for row in links} - {None})
    return Parts(services, links, places, seen("organization", "id", {row[2] for row in services} - {None}))


@functools.lru_cache(maxsize=1)
def _opened(file: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(file)}?mode=ro&immutable=1", uri=True, check_same_thread=False)
