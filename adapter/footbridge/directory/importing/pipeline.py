"""Each record by itself: what may not be shown goes first, then it is cleaned, then a service gets its categories.

Nothing here knows a database: where a source has many records, this runs in processes of its own.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import orjson

from footbridge.directory import preparation, privacy
from footbridge.directory.packed_json import as_json
from footbridge.directory.records import Finding, Kind, Record
from footbridge.directory.taxonomy.attributes import code_places, population_codes
from footbridge.directory.taxonomy.categories import categories_of
from footbridge.directory.taxonomy.findings import taxonomy_findings

Job = TypeVar("Job")
Result = TypeVar("Result")
AHEAD = 2  # batches that are given to each process before the first comes back
PROCESSES = 2
SELDOM = (50_000, 20, 50)  # thresholds of the garbage collector (https://docs.python.org/3/library/gc.html)


RELATED: dict[Kind, tuple[tuple[str, str, Kind], ...]] = {
    "organization": (("organization", "parent_organization_id", "organization"),),
    "location": (("organization", "organization_id", "organization"),),
    "service": (("organization", "organization_id", "organization"),),
    "service_at_location": (("service", "service_id", "service"), ("location", "location_id", "location")),
}
"""Members of a record that name another one by its native id: the column, the member, the other's kind."""
_NAMES = {kind: frozenset(member for _, member, _ in rows) for kind, rows in RELATED.items()}


class Raw(NamedTuple):
    """A record as its source wrote it; ``data`` is JSON, which goes to another process in a tenth of the time."""

    kind: Kind
    native_id: str
    data: bytes
    path: str
    line: int | None


class Prepared(NamedTuple):
    """A record that is ready to be stored, as far as it alone decides; each of its parts in JSON, or None.

    Attributes:
        data: without the members that name other records; None where nothing of it may be kept.
        findings: what was dropped, and what was cleaned.
        secrets: values that may not be shown in other records either; None: nothing is withheld.
        withholds: whether where it is may not be shown.
    """

    data: bytes | None
    findings: bytes | None
    secrets: bytes | None
    withholds: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a stored record: ``is_marked``: it withholds a place, or something was dropped from it."""

    fingerprint: str
    relation: str | None
    is_marked: bool

    def differs(self, fingerprint: str) -> bool:
        """Whether a record with this fingerprint is prepared anew."""
        return self.is_marked or self.fingerprint != fingerprint


def prepare(country: str, raws: Sequence[Raw]) -> list[Prepared]:
    """Take each record through privacy, cleaning and categories; ``country`` is for phones that name none."""
    return [_prepare(country, Record(one.kind, one.native_id, orjson.loads(one.data), *one[3:])) for one in raws]


def _prepare(country: str, native: Record) -> Prepared:
    found = preparation.prepare(native, country=country)
    record = found.record
    if record is not None and record.kind == "service":
        record, told = _with_categories(native, record)
        found.findings.extend(privacy.redact_findings(told, found.secrets))
    data = None
    if record is not None:
        names = _NAMES[record.kind]
        data = as_json({name: value for name, value in record.data.items() if name not in names})
    findings = as_json(found.findings) if found.findings else None
    # A place that is withheld without being told is known all the same: another source may tell it.
    is_hidden = record is not None and record.kind == "location" and record.data.get("address_withheld") is True
    return Prepared(data, findings, as_json(found.secrets) if found.secrets or is_hidden else None, found.withholds)


def _with_categories(native: Record, record: Record) -> tuple[Record, list[Finding]]:
    if "restrictions" in record.data and "name" not in record.data:
        return record, []  # it is hidden
    places = code_places(record.data)
    matches = categories_of(record.data, places)
    populations = population_codes(places)
    ours: dict[str, Any] = {"categories": list(matches)} if matches else {}
    ours |= {"target_populations": list(populations)} if populations else {}
    told = list(taxonomy_findings(native, record.data, matches, places))
    if not ours:
        return record, told
    return Record(record.kind, record.native_id, {**record.data, **ours}, record.path, record.line), told


class Workers(AbstractContextManager["Workers"]):
    """The processes of one import, started when there is much to do for the first time."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def map(
        self, function: Callable[[Job], Result], jobs: Iterable[Job], *, many: bool, ahead: int = AHEAD
    ) -> Iterator[Result]:
        """Results in the order of the jobs: made in this process, unless they are ``many``.

        As many jobs as ``ahead`` are taken for each process before the first result is given.
        """
        if not many or self._processes < 1:
            return map(function, jobs)
        self._pool = self._pool or _pool(self._processes)
        return _in_order(self._pool, function, jobs, self._processes * ahead)

    def end(self) -> None:
        """End the processes; they are started again where there is more to do."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self.end()


def _pool(processes: int) -> ProcessPoolExecutor:
    # A forked copy of a process with threads may never end: the children start from nothing.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["footbridge.directory.importing.preloaded"])
    return ProcessPoolExecutor(processes, mp_context=context)


def _in_order(
    pool: ProcessPoolExecutor, function: Callable[[Job], Result], jobs: Iterable[Job], ahead: int
) -> Iterator[Result]:
    waiting: deque[Future[Result]] = deque()
    for job in jobs:
        waiting.append(pool.submit(function, job))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
