"""Reads a source to its end: each record is recognised or prepared, and staged. Nothing of it is stored yet."""

import functools
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from footbridge.directory.errors import DirectoryError
from footbridge.directory.ids import canonical, fingerprint, record_id
from footbridge.directory.importing import rows as stored
from footbridge.directory.importing.pipeline import Known, Prepared, Raw, prepare
from footbridge.directory.importing.plan import BATCH, FEW, Step, seen_key
from footbridge.directory.importing.record_rows import links_of
from footbridge.directory.importing.staging import Staged, Staging
from footbridge.directory.readers.refused import RULE as REFUSED
from footbridge.directory.records import Finding, Record
from footbridge.i18n import _

_LEFT_OUT = frozenset({REFUSED, "table.row-too-long"})
MOST_TOLD = 100_000  # findings of a source that has hardly a record; it may go on like that for ever
_LINKS = frozenset({"organization_id", "service_id", "location_id"})


@dataclass(slots=True)
class _Batch:
    """Records that are looked up together, with their ids and fingerprints."""

    records: list[Record] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)
    prints: list[str] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)

    def raw(self, position: int) -> Raw:
        record = self.records[position]
        return Raw(record.kind, record.native_id, self.raws[position], record.path, record.line)

    def is_new(self, position: int) -> bool:
        known = self.known.get(self.ids[position])
        return known is None or known.differs(self.prints[position])


class Reading:
    """Reads one source."""

    def __init__(self, step: Step, staged: Staging) -> None:
        self._step, self._staged = step, staged
        self._rules = step.rules
        self._prepare = functools.partial(prepare, step.plan.terms.country)
        self._filled = 0  # records that say anything

    def read(self, records: Iterable[Record | Finding]) -> None:
        """Stage every record. Raises DirectoryError when the source cannot be read."""
        source = iter(records)
        first = list(itertools.islice(source, FEW + 1))
        waiting: list[_Batch] = []  # those that are prepared elsewhere, in order

        def jobs() -> Iterator[list[Raw]]:
            for batch in self._batches(itertools.chain(first, source)):
                waiting.append(batch)
                yield [batch.raw(position) for position in range(len(batch.records)) if batch.is_new(position)]

        for prepared in self._step.workers.map(self._prepare, jobs(), many=len(first) > FEW):
            self._stage(waiting.pop(0), prepared)
        self._staged.index()

    def prepare_now(self, row: Staged) -> None:
        """Prepare a record that was staged as its source wrote it, because another one has a new say in it."""
        (prepared,) = self._prepare([Raw(row.kind, row.native_id, row.data or b"{}", row.path, row.line)])
        self._fill(row, prepared)
        row.is_new = True

    def _batches(self, records: Iterator[Record | Finding]) -> Iterator[_Batch]:
        batch = _Batch()
        for one in records:
            if isinstance(one, Finding):
                self.found(one)
                self._filled += one.rule in _LEFT_OUT
                self._require_some()
            else:
                self._take(one, batch)
                self._filled += not one.data.keys() <= _LINKS
            if len(batch.records) >= BATCH:
                yield self._looked_up(batch)
                batch = _Batch()
        if batch.records:
            yield self._looked_up(batch)

    def _take(self, record: Record, batch: _Batch) -> None:
        step = self._step
        one = record_id(step.plan.source, record.kind, record.native_id)
        key = seen_key(one)
        if not step.seen.add(key):
            self.found(Finding("import.repeated-id", record.path, record.line, record.kind, record.native_id))
            return
        if record.kind == "service":
            step.summary.read += 1
            step.progress(_("read"), step.summary.read)
        batch.records.append(record)
        batch.ids.append(one)
        raw = canonical(record)
        batch.raws.append(raw)
        batch.prints.append(fingerprint(raw, self._rules))

    def found(self, finding: Finding) -> None:
        """Take a finding of the reader; a service that strict mode refuses, or whose row is odd, is one it has."""
        if finding.rule in _LEFT_OUT and finding.kind == "service":
            self._step.summary.read += 1
        self._step.summary.found(finding.rule)
        self._staged.findings.add(orjson.dumps(finding).decode())

    def _require_some(self) -> None:
        """Raise DirectoryError for a source that holds nearly nothing but what is wrong."""
        told = self._step.summary.findings
        if told > MOST_TOLD and self._filled * 10 < told:
            raise DirectoryError(
                _(
                    "So far the source has {count:,} findings, and {filled:,} records that say anything. This is not "
                    "a directory, or not of this form: check what was exported.",
                    count=told,
                    filled=self._filled,
                )
            )

    def _looked_up(self, batch: _Batch) -> _Batch:
        generation = self._step.generation
        if generation.before:
            kinds = [(record.kind, one) for record, one in zip(batch.records, batch.ids, strict=True)]
            with self._step.database.read() as connection:
                batch.known = stored.known(connection, generation, kinds)
        return batch

    def _stage(self, batch: _Batch, prepared: list[Prepared]) -> None:
        fresh = iter(prepared)
        rows = []
        for position, record in enumerate(batch.records):
            known = batch.known.get(batch.ids[position])
            links = links_of(self._step.plan.source, record)
            row = Staged(
                batch.ids[position],
                record.kind,
                record.native_id,
                record.path,
                record.line,
                batch.prints[position],
                links.get("organization"),
                links.get("service"),
                links.get("location"),
                is_new=batch.is_new(position),
                withholds=False,
                secrets=None,
                data=None,
                findings=None,
                known_relation=None if known is None else known.relation,
            )
            if row.is_new:
                self._fill(row, next(fresh))
            else:
                row.data = batch.raws[position]
            rows.append(row)
        self._staged.add(rows)

    @staticmethod
    def _fill(row: Staged, prepared: Prepared) -> None:
        row.data, row.findings, row.secrets, row.withholds = prepared
