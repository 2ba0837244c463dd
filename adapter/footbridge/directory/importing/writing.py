"""Writes what was staged: versions of records, the end of those that are gone, the index of the services they touch."""

import functools
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

import orjson
from sqlalchemy import Connection

from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing import first, statistics
from footbridge.directory.importing import generation as generations
from footbridge.directory.importing import rows as stored
from footbridge.directory.importing.assembly import parts
from footbridge.directory.importing.compared import Compared, compare
from footbridge.directory.importing.joining import NOTHING, Parts
from footbridge.directory.importing.pipeline import RELATED
from footbridge.directory.importing.plan import BATCH, FEW, WRITTEN, Step, seen_key
from footbridge.directory.importing.reading import Reading
from footbridge.directory.importing.recognition import Recognition, parts_of, store
from footbridge.directory.importing.rows import Row, batches
from footbridge.directory.importing.staging import Staged, Staging
from footbridge.directory.readers.refused import RULE as REFUSED
from footbridge.directory.records import Kind
from footbridge.directory.search import index
from footbridge.directory.search.packed import PackedService
from footbridge.i18n import _

_FEW = 10  # where fewer than one in so many records are written, what the database knows of them still holds
SUSPECT = 20  # services that a source may lose at once, whatever their share


class Writing:
    """Writes one import beside what is seen."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._added = 0
        self._written = 0
        self._dropped: list[tuple[int, bytes]] = []  # findings of records that are not stored, by position
        self._new: Counter[str] = Counter()  # findings of the records that are written

    def records(self, staged: Staging, reading: Reading, relations: dict[str, str]) -> None:
        """Store the staged records that are new, or whose relation to others is; index the services of a first import.

        They are written in the order of their ids, which is that of the indexes: in any other, each row touches a page
        of its own in each of them, and the import takes twice as long.
        """
        step, generation = self._step, self._step.generation
        writing = self._records(staged, reading, relations)
        ids = staged.services() if not generation.before else []
        if not ids:
            for _ in writing:
                pass
        else:
            key = self.begin_index()
            for compared in first.joined(step, staged.shared(), ids, key, writing):
                self.write(key, compared)
        self._tell_dropped(staged)

    def _records(self, staged: Staging, reading: Reading, relations: dict[str, str]) -> Iterator[None]:
        step = self._step
        for rows in staged.by_id(WRITTEN):
            fresh = []
            for position, row in rows:
                if not row.is_new and row.known_relation != relations.get(row.id):
                    reading.prepare_now(row)
                if row.is_new:
                    fresh.append(row)
                    if row.data is None and row.findings:
                        self._dropped.append((position, row.findings))
            step.summary.unchanged += len(rows) - len(fresh)
            self._store(fresh, relations)
            yield

    def _tell_dropped(self, staged: Staging) -> None:
        """Say why records are not stored. Other processes read the file no more."""
        for _position, findings in sorted(self._dropped):
            for finding in orjson.loads(findings):
                self._step.summary.found(finding["rule"])
                staged.findings.add(orjson.dumps(finding).decode())

    def _store(self, fresh: Sequence[Staged], relations: dict[str, str]) -> None:
        if not fresh:
            return
        step = self._step
        kept = [row for row in fresh if row.data is not None]
        written = [_row(row, relations.get(row.id)) for row in kept]
        for one in written:
            if one.findings:
                self._new.update(stored.rules_in(one.findings))
        step.in_turns("records", written, WRITTEN, self._write_rows)
        ended = [(row.kind, row.id) for row in fresh if row.data is None]
        if ended:
            with step.writing() as connection:
                stored.end(connection, step.generation, ended)

    def _write_rows(self, connection: Connection, rows: Sequence[Row]) -> None:
        stored.write(connection, self._step.generation, rows, self._step.clock.now())
        self._written += len(rows)

    def count(self) -> None:
        """Let the database know how many records there are now, where one in ten of them, or more, is new."""
        if self._written > self._step.summary.unchanged // _FEW:
            with self._step.writing() as connection:
                statistics.look(connection)

    def findings(self, found: Iterator[str]) -> None:
        """Store what the reader found."""
        position = itertools.count()
        while some := list(itertools.islice(found, 2 * BATCH)):
            with self._step.writing() as connection:
                stored.write_findings(connection, self._step.generation, [next(position) for _ in some], some)

    def recognition(self, recognition: Recognition) -> None:
        """Store what the next import recognises."""
        for at, part in enumerate(parts_of(recognition)):
            with self._step.writing() as connection:
                store(connection, self._step.generation, at, part)

    def missing(self, gone: Sequence[tuple[Kind, str]] | None) -> None:
        """End the records that a complete source no longer has: ``gone``, where it is known already."""
        step = self._step
        if not step.plan.complete or not step.generation.before:
            return
        if gone is not None:
            for some in batches(gone, stored.ROWS):
                with step.writing() as connection:
                    stored.end(connection, step.generation, some)
            return
        for kind in RELATED:
            after = ""
            while True:
                with step.database.read() as connection:
                    ids = stored.open_ids(connection, step.generation, kind, after)
                if not ids:
                    break
                after = ids[-1]
                for some in batches([(kind, one) for one in ids if seen_key(one) not in step.seen], stored.ROWS):
                    with step.writing() as connection:
                        stored.end(connection, step.generation, some)

    def services(self) -> None:
        """Index the services that are shown otherwise than before, and count."""
        step, generation = self._step, self._step.generation
        with step.database.read() as connection:
            ids = stored.touched(connection, generation) if generation.before else []
            before = generations.summary_before(connection, generation)
            ended = stored.ended_findings(connection, generation)
        if ids:
            self._index(ids)
        summary = step.summary
        summary.kept = before.kept + self._added - summary.removed
        summary.stand(before.of_records - ended + self._new)
        if step.plan.complete:
            summary.dropped = summary.read - summary.kept

    def check_losses(self) -> None:
        """Raise DirectoryError where the source has nothing, or lost most of its services, and nobody allowed it."""
        plan, summary = self._step.plan, self._step.summary
        before = summary.kept + summary.removed - self._added
        if plan.complete and not summary.read and not (before and plan.allow_removal):
            raise DirectoryError(
                _("There is no service in {location}: the directory was left as it was.", location=plan.terms.location)
            )
        if plan.complete and summary.by_rule[REFUSED] and not summary.kept and not plan.dry_run:
            raise DirectoryError(
                _(
                    "The official schema refuses each of the {count:,} services of {location}: the directory was left "
                    "as it was. --report FILE lists why; without --strict what can be read is imported.",
                    count=summary.read,
                    location=plan.terms.location,
                )
            )
        if summary.removed > max(SUSPECT, before / 2) and not plan.allow_removal and not plan.dry_run:
            raise DirectoryError(
                _(
                    "This import would remove {removed:,} of {before:,} services of {source}: the "
                    "directory was left as it was. Is the source whole? If so, repeat with "
                    "--allow-removal.",
                    removed=summary.removed,
                    before=before,
                    source=plan.source,
                )
            )

    def _index(self, ids: Sequence[str]) -> None:
        key = self.begin_index()
        work = functools.partial(compare, self._step.plan.source, key, self._step.database.is_sqlite)
        for compared in self._step.workers.map(work, self._parts(ids), many=len(ids) > FEW):
            self.write(key, compared)

    def begin_index(self) -> int:
        """The number of the source's index."""
        with self._step.writing() as connection:
            return index.begin(connection, self._step.generation.tenant, self._step.generation.source)

    def write(self, key: int, compared: Compared) -> None:
        """Write some services into the index, and count them."""
        step, generation = self._step, self._step.generation
        with step.writing() as connection:
            index.end(connection, generation.tenant, generation.source, generation.number, compared.ended)
            index.write_vocabulary(connection, key, generation.number, compared.packed)
            generations.sign_of_life(connection, generation, step.clock.now())

        def write(connection: Connection, services: Sequence[PackedService]) -> None:
            index.write_services(connection, key, generation.number, services)
            generations.sign_of_life(connection, generation, step.clock.now())

        step.in_turns("services", compared.packed.services, BATCH, write)
        self._added += compared.added
        step.summary.removed += compared.removed
        step.summary.changed += len(compared.packed.services)
        step.progress(_("indexed"), step.summary.changed)

    def _parts(self, ids: Sequence[str]) -> Iterator[tuple[Parts, Parts]]:
        generation = self._step.generation
        mine = (generation.tenant, generation.source)
        for some in batches(ids, BATCH):
            with self._step.database.read() as connection:
                now = parts(connection, *mine, generation.number, some)
                yield now, parts(connection, *mine, generation.before, some) if generation.before else NOTHING


def _row(row: Staged, relation: str | None) -> Row:
    return Row(
        row.kind,
        row.id,
        row.native_id,
        row.fingerprint,
        relation,
        row.withholds or row.secrets is not None,
        row.organization,
        row.service,
        row.location,
        (row.data or b"{}").decode(),
        row.findings.decode() if row.findings else None,
    )
