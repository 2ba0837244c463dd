"""Reads a source of documents: those that the last import knows are left out, and what they gave stays.

First it is found which documents are new, and which components (``recognition``) these reach. Then those are read,
as if there were nothing else. Where that does not hold, as when what all documents share has changed, all are read.
"""

import functools
import itertools
from collections.abc import Iterator

from footbridge.directory.errors import DirectoryError
from footbridge.directory.ids import record_id
from footbridge.directory.importing import rows as stored
from footbridge.directory.importing.changed import Changed, changed_documents
from footbridge.directory.importing.inventory import AGAIN, GIVES, Inventory
from footbridge.directory.importing.notes import READ, RECORD, where
from footbridge.directory.importing.plan import BATCH, FEW, Step, seen_key
from footbridge.directory.importing.reading import Reading
from footbridge.directory.importing.recognition import DIGEST, Recognition, ids_in, load
from footbridge.directory.importing.recognition import RECORD as RECORD_BYTES
from footbridge.directory.importing.record_rows import How, Made, Part, record_rows
from footbridge.directory.importing.staging import Staging as Staged
from footbridge.directory.importing.summary import Summary
from footbridge.directory.importing.told import Told
from footbridge.directory.readers.hsds_copies import KINDS
from footbridge.directory.readers.hsds_documents import Document
from footbridge.directory.readers.hsds_roots import SCOPES
from footbridge.directory.readers.hsds_source import BATCH as DOCUMENTS
from footbridge.directory.readers.hsds_source import HsdsSource, StagedFile
from footbridge.directory.readers.hsds_take import Taken
from footbridge.directory.readers.staging import Staging
from footbridge.directory.readers.tally import Counted, Tally
from footbridge.directory.records import Finding, Kind
from footbridge.i18n import _

MOST_EMPTY = 100_000  # documents without any record, where that is nearly all of them
_SERVICE = KINDS.index("service")


class _EntangledError(Exception):
    """A part of the source cannot be read without the rest."""


class DocumentReading:
    """Reads one source; ``reading`` takes what is told, ``staged`` the records."""

    def __init__(self, step: Step, staged: Staged, reading: Reading, source: HsdsSource) -> None:
        self._step, self._staged, self._reading, self._source = step, staged, reading, source
        self._rules = f"{step.rules} hsds-json 1"
        self._begin(None)

    def read(self) -> None:
        """Stage the records of what has to be read. Raises DirectoryError when the source cannot be read."""
        known = self._known()
        changed = changed_documents(known, self._source, self._step.workers) if known is not None else None
        try:
            self._read(known if changed is not None else None, changed)
        except _EntangledError:
            self._staged.clear()
            self._step.seen.clear()
            self._step.summary = Summary()
            self._read(None, None)
        for finding in itertools.chain(self._source.findings, self._told.findings()):
            self._reading.found(finding)
        self._count_kept()
        self._staged.index()

    def gone(self) -> list[tuple[Kind, str]] | None:
        """The records that the source no longer has; None where all that are stored must be looked through."""
        known = self._inventory.known
        if known is None:
            return None
        return [one for one in self._old() if seen_key(one[1]) not in self._step.seen]

    def recognition(self) -> Recognition | None:
        """What the next import recognises; None: nothing. Call it when all records are as they are stored."""
        if not self._can_recognise() or self._is_ambiguous or self._told.is_full:
            return None
        return self._inventory.recognition(self._rules, self._staged, self._told)

    def _old(self) -> Iterator[tuple[Kind, str]]:
        """Records that the components had which are not kept."""
        known, kept = self._inventory.known, self._inventory.kept
        for component in range(len(known.again)) if known is not None else ():
            if known is not None and component not in kept:
                yield from ids_in(known.records_of(component))

    def _begin(self, known: Recognition | None) -> None:
        self._inventory, self._told = Inventory(known), Told(self._staged.findings)
        self._is_ambiguous = False
        self._filled = 0  # documents in which something was

    def _can_recognise(self) -> bool:
        return self._step.plan.complete and not self._source.is_checked

    def _known(self) -> Recognition | None:
        if not self._step.generation.before or not self._can_recognise():
            return None
        with self._step.database.read() as connection:
            known = load(connection, self._step.generation)
        return known if known is not None and known.rules == self._rules else None

    def _read(self, known: Recognition | None, changed: Changed | None) -> None:
        self._begin(known)
        with Staging(Tally()) as staging:
            batches = self._batches(changed)
            first = list(itertools.islice(batches, FEW // DOCUMENTS + 1))
            many = len(first) * DOCUMENTS > FEW and not self._source.is_checked
            broken: list[tuple[int, Finding]] = []
            for taken in self._step.workers.map(self._source.take, itertools.chain(first, batches), many=many):
                self._take(taken, staging)
                broken += taken.broken
            for number, finding in broken:
                self._told.tell_of_file(number, self._source.broken(number, finding))
            staging.finish()
            bits = self._inventory.all_kinds()
            if known is not None and bits != known.kinds:
                raise _EntangledError
            kinds = frozenset(one for one in range(len(KINDS)) if bits >> one & 1)
            self._records(staging, StagedFile(staging.file, kinds, staging.has_split), many=many)

    def _batches(self, changed: Changed | None) -> Iterator[list[Document]]:
        """The documents that are read, some at a time; the others are noted as they go by."""
        some: list[Document] = []
        for one in self._source.documents():
            if isinstance(one, Finding):
                self._told.tell_of_file(len(self._inventory), one)
                continue
            if changed is not None and self._is_kept(one, changed):
                continue
            self._inventory.read(self._source.digest(one), where(one))
            some.append(one)
            if len(some) >= DOCUMENTS:
                yield some
                some = []
        if some:
            yield some

    def _is_kept(self, document: Document, changed: Changed) -> bool:
        """Note a document that does not have to be read."""
        known, at = self._inventory.known, changed.positions[document.number]
        if known is None or at < 0 or changed.components[known.components[at]]:
            return False
        place = where(document)
        self._inventory.keep(known.digests[at * DIGEST : (at + 1) * DIGEST], known.components[at], place)
        if at in known.notes:
            self._told.repeat(document.number, known.notes[at], place)
        return True

    def _take(self, taken: Taken, staging: Staging) -> None:
        inventory = self._inventory
        staging.add_rows(taken.copies, taken.pairs)
        for row in taken.lookups:
            staging.add_lookup_row(*row)
        for copy in taken.copies:
            number = (copy[0] or 0) >> SCOPES
            self._filled += not inventory.kinds[number]
            inventory.kinds[number] |= 1 << copy[1]
        self._filled += len(taken.givers)
        _require_some(len(inventory), self._filled)
        for number, keys in taken.keys:
            inventory.mentions.add(number, keys)
        for number, findings, counted in taken.notes:
            told: list[Finding | Counted] = [*findings, *counted]
            for one in told:
                self._told.tell(READ, number << SCOPES, one, inventory.place(number))
        for number in taken.givers:
            inventory.flags[number] |= GIVES | AGAIN
        for number, _finding in taken.broken:
            inventory.flags[number] |= AGAIN

    def _records(self, staging: Staging, file: StagedFile, *, many: bool) -> None:
        plan = self._step.plan
        work = functools.partial(record_rows, How(file, plan.source, plan.terms.country, self._step.rules))
        known = self._inventory.known
        old = (
            (known.records_of(one) for one in range(len(known.again)) if one not in self._inventory.kept)
            if known
            else ()
        )
        mine = {one for records in old for _kind, one in ids_in(records)}
        waiting: list[Part] = []

        def parts() -> Iterator[Part]:
            for first, last in file.ranges(BATCH):
                waiting.append(self._part(staging, first, last))
                yield waiting[-1]

        for made in self._step.workers.map(work, parts(), many=many):
            part = waiting.pop(0)
            if known is not None and not part.known.keys() <= mine:
                raise _EntangledError
            self._stage(made)

    def _part(self, staging: Staging, first: int, last: int) -> Part:
        generation = self._step.generation
        if not generation.before:
            return Part(first, last, {})
        source = self._step.plan.source
        ids = [(kind, record_id(source, kind, own)) for kind, own in staging.ids(first, last)]
        with self._step.database.read() as connection:
            return Part(first, last, stored.known(connection, generation, ids))

    def _stage(self, made: Made) -> None:
        step = self._step
        rows = []
        for row in made.rows:
            key = seen_key(row[0])
            if not step.seen.add(key):
                self._is_ambiguous = True
                self._reading.found(Finding("import.repeated-id", row[3], row[4], row[1], row[2]))
                continue
            rows.append(row)
            if row[1] == "service":
                step.summary.read += 1
        step.progress(_("read"), step.summary.read)
        self._staged.add_rows(rows)
        told: list[tuple[int, Finding | Counted]] = [*made.findings, *made.counted]
        for number, found in told:
            self._told.tell(RECORD, number, found, self._inventory.place(number >> SCOPES))

    def _count_kept(self) -> None:
        known, summary = self._inventory.known, self._step.summary
        if known is None:
            return
        for component in self._inventory.kept:
            records = known.records_of(component)
            summary.read += records[::RECORD_BYTES].count(_SERVICE)
            summary.unchanged += len(records) // RECORD_BYTES
        self._step.progress(_("read"), summary.read)


def _require_some(count: int, filled: int) -> None:
    """Raise DirectoryError for a source of which hardly a document holds anything: it may go on like that for ever."""
    if count - filled > MOST_EMPTY and filled * 10 < count:
        raise DirectoryError(
            _(
                "Of the first {count:,} documents {filled:,} hold a service, an organization or a location. This is "
                "not a directory, or not of this form: check what was exported.",
                count=count,
                filled=filled,
            )
        )
