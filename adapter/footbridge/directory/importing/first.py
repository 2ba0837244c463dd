"""The first import of a source: its services are joined from what is staged, while its records are written.

Nothing of the source is stored yet, so that what is staged is all of it. The processes of the import read it from its
file, and this process has time to write: an import of many services takes a third less than in two steps.
"""

import functools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from footbridge.directory.importing.assembly import NOTHING, Parts
from footbridge.directory.importing.compared import Compared, compare
from footbridge.directory.importing.plan import BATCH, FEW, Step
from footbridge.directory.importing.rows import batches

_Row: TypeAlias = tuple[Any, ...]


def joined(step: Step, file: str, ids: Sequence[str], key: int, writing: Iterator[object]) -> Iterator[Compared]:
    """The services of these ids as the index takes them, some at a time; between them ``writing`` goes on, to its end.

    Args:
        step: of the import.
        file: ``Staging.shared``.
        ids: in their order.
        key: of the source's index.
        writing: does a piece of work each time that it is asked for the next.
    """
    work = functools.partial(join_staged, file, step.plan.source, key, step.database.is_sqlite)
    for compared in step.workers.map(work, batches(ids, BATCH), many=len(ids) > FEW):
        next(writing, None)
        next(writing, None)
        yield compared
    for _ in writing:
        pass


def join_staged(file: str, source: str, key: int, keeps_words: bool, ids: Sequence[str]) -> Compared:
    """Join staged services; in a process of its own where there are many."""
    return compare(source, key, keeps_words, (parts(_opened(file), ids), NOTHING))


def parts(staged: sqlite3.Connection, ids: Sequence[str]) -> Parts:
    """As ``assembly.parts``, of what is staged."""

    def seen(kind: str, column: str, wanted: Iterable[str]) -> list[_Row]:
        some = list(wanted)
        return staged.execute(
            "SELECT id, native_id, organization, service, location, data FROM staged"  # noqa: S608 - our own words
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
