"""Ends the process at any moment, knowing no function of it: at a step of its database, or at a request to a partner.

    with crash_at(world.database, 7) as crash:
        world.worker.step()          # ends before its seventh step
    assert crash.happened
    world.recover()                  # another worker takes over

A step is a SQL statement or a COMMIT of the thread that entered the block; other threads go on. ``Crashed`` is raised
there, and again at each later step: a process that is dead writes nothing more, whatever its ``except`` and
``finally`` try. The connection is closed by SQLAlchemy without a COMMIT, so that the database itself undoes the rest.
``for_each_crash`` goes through all steps of an action, each in a world of its own.
"""

import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal, Protocol, TypeVar

from sqlalchemy import Connection, event

from footbridge.partners.fhir.simulator import Fault, FhirSimulator
from footbridge.store.engine import Database

When = Literal["before", "after"]
_WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b", re.IGNORECASE)


class Crashed(BaseException):
    """The process ended here; no ``except Exception`` stops it."""


class Crash:
    """What one thread does to a database, and where it is made to end.

    Attributes:
        steps: the statements and COMMITs that were begun, in order.
        happened: whether the process was ended.
    """

    def __init__(self, ends: Callable[["Crash", When], bool], *, writes_only: bool = False) -> None:
        """``ends`` is asked at each step, before and after it; ``writes_only`` passes over what only reads."""
        self.steps: list[str] = []
        self.happened = False
        self._ends = ends
        self._writes_only = writes_only
        self._thread = threading.get_ident()
        self._written: set[int] = set()  # the driver's connections with a transaction that wrote

    @property
    def place(self) -> str:
        """The last step that was begun, in one line."""
        return " ".join(self.steps[-1].split())[:200] if self.steps else "the beginning"

    @contextmanager
    def watching(self, database: Database) -> Iterator[None]:
        """Follow the steps until the end of the block, which a crash leads to."""
        engine, dialect = database.engine, database.engine.dialect
        commit = dialect.do_commit

        def do_commit(proxied: Any) -> None:
            wrote = id(proxied.dbapi_connection) in self._written
            self._written.discard(id(proxied.dbapi_connection))
            self._step("before", "COMMIT", wrote)
            commit(proxied)
            self._step("after", "COMMIT", wrote)

        handlers = {"before_cursor_execute": self._before, "after_cursor_execute": self._after}
        for name, handler in handlers.items():
            event.listen(engine, name, handler)
        dialect.do_commit = do_commit  # SQLAlchemy has no event for what follows a COMMIT
        try:
            yield
        except Crashed:
            assert self.happened
        finally:
            del dialect.do_commit
            for name, handler in handlers.items():
                event.remove(engine, name, handler)

    def _before(self, connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        wrote = _WRITES.search(statement) is not None
        if wrote:
            self._written.add(id(connection.connection.dbapi_connection))
        self._step("before", statement, wrote)

    def _after(self, _connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        self._step("after", statement, _WRITES.search(statement) is not None)

    def _step(self, when: When, statement: str, wrote: bool) -> None:
        if threading.get_ident() != self._thread:
            return
        if self.happened:
            raise Crashed
        if self._writes_only and not wrote:
            return
        if when == "before":
            self.steps.append(statement)
        if self._ends(self, when):
            self.happened = True
            raise Crashed


@contextmanager
def steps_of(database: Database, *, writes_only: bool = False) -> Iterator[list[str]]:
    """The steps of what is done in the block; nothing ends."""
    crash = Crash(lambda _crash, _when: False, writes_only=writes_only)
    with crash.watching(database):
        yield crash.steps


@contextmanager
def crash_at(database: Database, step: int, when: When = "before", *, writes_only: bool = False) -> Iterator[Crash]:
    """End the process before or after a step, counted from 1; with ``writes_only`` of those that write."""
    crash = Crash(lambda crash, now: (len(crash.steps), now) == (step, when), writes_only=writes_only)
    with crash.watching(database):
        yield crash


@contextmanager
def crash_when(database: Database, condition: Callable[[], object]) -> Iterator[Crash]:
    """End the process before the first step at which something is so, such as what a partner holds."""
    crash = Crash(lambda _crash, now: now == "before" and bool(condition()))
    with crash.watching(database):
        yield crash


@contextmanager
def crash_at_request(
    database: Database, server: FhirSimulator, number: int, *, took_effect: bool = True
) -> Iterator[Crash]:
    """End the process while a partner's server has its request of that number, counted from 1.

    The request takes effect or does not, and no answer comes; later requests do nothing. Faults that were planned at
    the server before are forgotten afterwards.
    """
    before = len(server.requests)
    lose_answer(server, number, took_effect=took_effect)
    server.faults.sometimes(1.0, Fault(status=503))
    try:
        with crash_when(database, lambda: len(server.requests) - before >= number) as crash:
            yield crash
    finally:
        server.faults.clear()


def lose_answer(
    server: FhirSimulator,
    number: int = 1,
    *,
    method: str | None = None,
    route: str | None = None,
    took_effect: bool = True,
) -> None:
    """Close the connection in place of the answer to a request of that number, of those with a method and a route.

    Args:
        server: the partner's.
        number: counted from 1, from now on.
        method: such as ``POST``; any when None.
        route: as ``FhirSimulator.requests`` names it; any when None.
        took_effect: whether the server did what it was asked.
    """
    server.faults.next(times=number - 1, method=method, route=route)
    server.faults.next(drop=True, status=None if took_effect else 503, method=method, route=route)


@contextmanager
def while_it_waits(server: FhirSimulator, method: str, route: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something while a partner's server holds back the next request of a kind, before that takes effect."""
    before = len(server.requests)
    server.faults.next(delay=1, method=method, route=route)
    came, over = threading.Event(), threading.Event()

    def wait_and_act() -> None:
        while not over.wait(0.005):
            if any((one.method, one.route) == (method, route) for one in server.requests[before:]):
                came.set()
                act()
                return

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert came.is_set(), f"no {method} {route} came"


class HasDatabase(Protocol):
    """What an action works on."""

    database: Database


W = TypeVar("W", bound=HasDatabase)


def for_each_crash(
    make_world: Callable[[], AbstractContextManager[W]],
    action: Callable[[W], object],
    check: Callable[[W], object],
    *,
    recover: Callable[[W], object],
    most: int = 20,
    seed: int = 0,
    writes_only: bool = False,
) -> None:
    """Show that something holds in the end, wherever the process ended in the middle of an action.

    The action runs once without a crash, to count its steps. Then each step has a world of its own, in which the
    process ends before it; and one world more, in which it ends after the last.

    Args:
        make_world: a world as it is before the action, always the same.
        action: what is ended.
        check: asserts what must hold in the end.
        recover: what happens after a crash by itself, or what a client does: the next worker, the request repeated.
        most: of how many steps at most, chosen by ``seed``.
        seed: of that choice.
        writes_only: only steps that write.
    """
    with make_world() as world:
        with steps_of(world.database, writes_only=writes_only) as steps:
            action(world)
        recover(world)
        check(world)
    places: list[tuple[int, When]] = [(number, "before") for number in range(1, len(steps) + 1)]
    if len(places) > most:
        places = sorted(random.Random(seed).sample(places, most))
    for step, when in [*places, (len(steps), "after")]:
        with make_world() as world:
            with crash_at(world.database, step, when, writes_only=writes_only) as crash:
                action(world)
            try:
                assert crash.happened, "the action took fewer steps than before"
                recover(world)
                check(world)
            except BaseException as error:
                error.add_note(f"The process ended {when} step {step} of {len(steps)}: {crash.place}")
                raise
