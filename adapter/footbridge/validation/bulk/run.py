"""Runs the stream: here, or in worker processes that take parcels of documents and give them back in order.

The first parcels are looked at here. A short stream then needs no worker, and workers that are forked off (as on Linux)
have all that was compiled for those parcels.
"""

import functools
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from footbridge.errors import FootbridgeError
from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import Checked, Item
from footbridge.validation.bulk.setup import Setup, check
from footbridge.validation.core.scope import Unchecked
from footbridge.validation.engine.engine import Outcome
from footbridge.validation.validator import Validator

if TYPE_CHECKING:
    from concurrent.futures import Future

PARCEL_ITEMS = 100
PARCEL_BYTES = 1_000_000
AHEAD = 3  # parcels that wait for each worker
ALONE = 4  # parcels that are looked at before there are workers

Parcel = list[Item]
# The parts of a Checked: source, type, id, its issues and notes as their parts, whether it is a prescription.
Row = tuple[str, str | None, str | None, list[tuple[Any, ...]], list[tuple[str, str, str]], bool]


def check_all(items: Iterable[Item], setup: Setup, *, jobs: int = 1) -> Iterator[Checked]:
    """What is found in each document, in the order of the input; in ``jobs`` processes where that is more than one.

    Raises PackageNotFound and PackageError before the first document, and ConfigurationError where it cannot be read.
    """
    validator = setup.validator()
    if jobs > 1:
        # A server's connection or a rule of somebody's own may not stand to be used here and then in forked workers.
        closed = setup.terminology is None and not setup.packs and setup.options.fetch is None
        first = ALONE if closed else 0
        return _with_workers(parcels(items), validator, setup, jobs, first)
    return (check(item, validator, setup.profiles) for item in items)


def parcels(items: Iterable[Item]) -> Iterator[Parcel]:
    """Items in lists, each of a bounded number and size."""
    parcel: Parcel = []
    size = 0
    for item in items:
        parcel.append(item)
        size += len(item.data or b"")
        if len(parcel) >= PARCEL_ITEMS or size >= PARCEL_BYTES:
            yield parcel
            parcel, size = [], 0
    if parcel:
        yield parcel


def _with_workers(
    waiting: Iterator[Parcel], validator: Validator, setup: Setup, jobs: int, first: int
) -> Iterator[Checked]:
    key, size = id(validator), 0
    following = next(waiting, None)
    for _ in range(first):
        size += sum(len(item.data or b"") for item in following or ())
        if following is None or size > PARCEL_BYTES:  # documents that are large are for the workers
            break
        yield from (check(item, validator, setup.profiles) for item in following)
        following = next(waiting, None)
    if following is None:
        return
    if first:
        _ready()[key] = validator  # forked workers find it there
    try:
        yield from _in_processes(chain([following], waiting), setup, jobs, key)
    finally:
        _ready().pop(key, None)


def _in_processes(waiting: Iterator[Parcel], setup: Setup, jobs: int, key: int) -> Iterator[Checked]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - slow to import, and one file does not need it
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - as above

    pool = ProcessPoolExecutor(jobs, initializer=_prepare, initargs=(setup, key))
    done = False
    try:
        sent: deque[Future[list[Row]]] = deque()
        for parcel in waiting:
            sent.append(pool.submit(_work, [(item.source, item.data, item.line) for item in parcel]))
            if len(sent) >= jobs * AHEAD:
                yield from map(_unpacked, sent.popleft().result())
        while sent:
            yield from map(_unpacked, sent.popleft().result())
        done = True
    except BrokenProcessPool as error:
        raise FootbridgeError("A worker process ended before its time, most likely for want of memory.") from error
    finally:
        # Unless waited for, the pool's thread closes its pipe while Python's end writes to it. Who stops early, by an
        # error or by Ctrl-C, is not kept waiting for what the workers have in hand.
        pool.shutdown(wait=done, cancel_futures=True)


@functools.cache
def _ready() -> dict[int, Validator]:
    """The validators of the streams that this process serves, each by a key."""
    return {}


@functools.cache
def _work_of() -> list[tuple[Validator, Setup]]:
    """What a worker works with, put there by ``_prepare``."""
    return []


def _prepare(setup: Setup, key: int) -> None:
    _work_of().append((_ready().get(key) or setup.validator(), setup))


def _work(parcel: list[tuple[str, bytes | None, int]]) -> list[Row]:
    validator, setup = _work_of()[-1]
    return [_packed(check(Item(*row), validator, setup.profiles)) for row in parcel]


def _packed(checked: Checked) -> Row:
    """A result as tuples, which go from process to process at a third of what objects take."""
    issues = [
        (issue.rule, issue.severity, issue.code, issue.message, issue.expression, issue.pointer, issue.profile,
         issue.spec, issue.line, issue.column)
        for issue in checked.outcome.issues
    ]  # fmt: skip
    unchecked = [(row.rule, row.expression, row.why) for row in checked.outcome.unchecked]
    return checked.source, checked.resource_type, checked.id, issues, unchecked, checked.is_prescription


def _unpacked(row: Row) -> Checked:
    source, resource_type, identity, issues, unchecked, is_prescription = row
    outcome = Outcome(tuple([Issue(*one) for one in issues]), tuple([Unchecked(*one) for one in unchecked]))
    return Checked(source, resource_type, identity, outcome, is_prescription)
