"""The first import of a source: its services are joined from what is staged, while its records are written.

Nothing of the source is stored yet, so that what is staged is all of it. The processes of the import read it from its
file, and this process has time to write: an import of many services takes a third less than in two steps.
"""

import functools
from collections.abc import Iterator, Sequence

from footbridge.directory.importing.compared import Compared
from footbridge.directory.importing.plan import BATCH, FEW, Step
from footbridge.directory.importing.rows import batches
from footbridge.directory.importing.staged_services import join_staged


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
