"""One import, from records to what is seen: all is read first, written in short transactions, made current by one more.

What a source wrote as it wrote it before is recognised by its fingerprint and not cleaned again. Whatever goes wrong on
the way, and a process that is killed, leaves the directory as it was.
"""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from footbridge.directory import taken_over
from footbridge.directory.importing import generation as generations
from footbridge.directory.importing import relations, settling, statistics, withheld_rows
from footbridge.directory.importing import rows as stored
from footbridge.directory.importing.across import withhold_across
from footbridge.directory.importing.documents import DocumentReading
from footbridge.directory.importing.earlier import conceal
from footbridge.directory.importing.generation import Generation
from footbridge.directory.importing.hiding import hide_what_stands_in
from footbridge.directory.importing.hushed import hushed
from footbridge.directory.importing.pipeline import SELDOM, Workers
from footbridge.directory.importing.plan import Plan, Progress, Step, seen_key
from footbridge.directory.importing.reading import Reading
from footbridge.directory.importing.recognition import forget
from footbridge.directory.importing.staging import Staging, staging
from footbridge.directory.importing.strays import strays
from footbridge.directory.importing.summary import Summary
from footbridge.directory.importing.withholding import Entries, entries_of
from footbridge.directory.importing.writing import Writing
from footbridge.directory.privacy.withheld import pack
from footbridge.directory.readers.hsds_source import HsdsSource
from footbridge.directory.records import Finding, Record
from footbridge.directory.search import index
from footbridge.directory.search.publish import publish
from footbridge.model.clock import Clock
from footbridge.store.engine import Database

AtEnd = Callable[[Database, Generation], None]
"""Called when all is written and nothing is seen yet; what it raises fails the import."""


def run_import(
    database: Database,
    clock: Clock,
    plan: Plan,
    records: Iterable[Record | Finding],
    progress: Progress = lambda _step, _done: None,
    at_end: AtEnd | None = None,
) -> Summary:
    """Import a source: read all of it, and make it what is seen (or not, in a dry run).

    Args:
        database: migrated.
        clock: the time that everything goes by.
        plan: what is imported, and how.
        records: what a reader gives.
        progress: told how far it is.
        at_end: called before anything is seen.

    Raises:
        DirectoryError: the source cannot be read, another import of it runs, or it lost most of its services; the
            directory is as it was.
    """
    with Workers(plan.processes) as workers, _few_collections():
        step = _begin(database, clock, plan, progress, workers)
        return _run(step, records, at_end)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the garbage collector look less often: what is made for a record has no circles, and is gone with it."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _run(step: Step, records: Iterable[Record | Finding], at_end: AtEnd | None) -> Summary:
    database, plan = step.database, step.plan
    try:
        writing = Writing(step)
        with staging() as staged:
            reading = Reading(step, staged)
            of_documents = DocumentReading(step, staged, reading, records) if isinstance(records, HsdsSource) else None
            if of_documents is not None:
                of_documents.read()
            else:
                reading.read(records)
            if not step.generation.before:
                step.seen.clear()  # nothing can be missing
            taken: defaultdict[str, set[str]] = defaultdict(set)
            say = _resolve(step, staged, reading, taken)
            writing.records(staged, reading, say)
            gone = of_documents.gone() if of_documents is not None else None
            writing.missing(gone)
            step.seen.clear()
            writing.services()
            writing.count()
            step.workers.end()  # their memory is not needed any more, and what follows needs some
            recognition = of_documents.recognition() if of_documents is not None else None
            with database.read() as connection:
                alone = list(strays(connection, plan))
            for one in alone:
                reading.found(one)
            writing.findings(hushed(staged.findings.all(), staged, plan.source, taken))
        if recognition is not None:
            writing.recognition(recognition)
        del recognition, of_documents, reading
        if at_end is not None:
            at_end(database, step.generation)  # before the losses: it says what was lost, and why
        writing.check_losses()
    except BaseException:
        _take_back(step, step.generation.number)
        raise
    if plan.dry_run:
        _take_back(step, step.generation.number)
        with database.write() as connection:
            generations.forget_try(connection, step.generation)
        return step.summary
    publish(database, plan.tenant, plan.source, step.generation.number)
    with database.write() as connection:
        figures = step.summary.as_json()
        generations.make_current(connection, step.generation, plan.terms, figures, step.clock.now())
        # At once, so that one who is killed after it leaves nothing to be told; only what is much comes later.
        after = conceal(connection, step.generation) if step.generation.before else None
    _conceal(step, after)
    _purge(step)
    _close_corrections(step)
    _settle(step)
    return step.summary


def _resolve(step: Step, staged: Staging, reading: Reading, taken: defaultdict[str, set[str]]) -> dict[str, str]:
    """Take out what may not be shown because of another record, of this source (``taken``) or of another one."""
    says: defaultdict[str, set[str]] = defaultdict(set)
    hide_what_stands_in(staged, reading.prepare_now, says)
    say = relations.resolve(staged, reading.prepare_now, taken=taken, says=says)
    plan, generation = step.plan, step.generation
    with step.database.read() as connection:
        known = withheld_rows.current(connection, plan.tenant)
    entries: Entries = {}
    if not plan.complete and plan.source in known:
        of_before = known[plan.source].entries().items()
        entries = {key: some for key, some in of_before if seen_key(key) not in step.seen}
    entries |= entries_of(staged)
    against = withheld_rows.others(known, plan.source)
    more = withhold_across(staged, withheld_rows.entries_of(against), reading.prepare_now)
    with step.writing() as connection:
        withheld_rows.store(connection, generation, pack(entries), against)
    return say | {key: relations.digest({one, say.get(key, "")}) for key, one in more.items()}


def _conceal(step: Step, after: tuple[str, str] | None) -> None:
    """Take what is withheld now out of what was said before, from where it stopped."""
    while after is not None:
        with step.writing() as connection:
            after = conceal(connection, step.generation, after)


def _close_corrections(step: Step) -> None:
    """Close the suggestions that the source took over, and forget what it said before and withholds now."""
    after: str | None = ""
    while after is not None:
        with step.writing() as connection:
            after = taken_over.settle(connection, step.plan.tenant, step.generation.source, step.clock.now(), after)


def _settle(step: Step) -> None:
    """Take out of every source what others withhold by now."""
    with step.database.read() as connection:
        left = settling.unsettled(connection, step.plan.tenant)
    for source, new in left.items():
        further = settling.hold_against(step, source, new)
        if further is None:
            continue
        generation = further.generation
        publish(step.database, generation.tenant, source, generation.number)
        figures = settling.summary_of(further)
        with step.database.write() as connection:
            generations.make_current(connection, generation, further.plan.terms, figures, step.clock.now())
        _purge(further)
        _close_corrections(further)


def _begin(database: Database, clock: Clock, plan: Plan, progress: Progress, workers: Workers) -> Step:
    with database.write() as connection:
        generation = generations.begin(
            connection, plan.tenant, plan.source, plan.terms, clock.now(), complete=plan.complete
        )
        left = generations.undone(connection, generation)
        before = generations.summary_before(connection, generation)
    step = Step(database, clock, plan, generation, progress, workers)
    step.summary.rules = step.rules
    step.summary.rules_changed = before.rules not in ("", step.rules)
    if generation.before:
        with step.writing() as connection:
            statistics.look_once(connection)
    for number in left:
        _take_back(step, number)
    return step


def _take_back(step: Step, number: int) -> None:
    """Undo an import that will never count."""
    generation = step.generation
    with step.writing() as connection:
        generations.fail(connection, generation, number, step.clock.now())
        forget(connection, generation.tenant, generation.source, kept=generation.before)
        withheld_rows.forget(connection, generation.tenant, generation.source, kept=generation.before)
    with step.writing() as connection:
        statistics.look_once(connection)
    step.until_none(lambda connection: stored.take_back(connection, generation, number))
    step.until_none(
        lambda connection: index.discard(connection, generation.tenant, generation.source, after=generation.before)
    )


def _purge(step: Step) -> None:
    """Delete what neither this import nor the one before shows."""
    generation = step.generation
    step.until_none(lambda connection: stored.purge(connection, generation))
    with step.writing() as connection:
        forget(connection, generation.tenant, generation.source, kept=generation.number)
        withheld_rows.forget(connection, generation.tenant, generation.source, kept=generation.number)
    step.until_none(
        lambda connection: index.purge(connection, generation.tenant, generation.source, before=generation.number)
    )
