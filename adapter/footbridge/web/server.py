"""Runs the app under gunicorn (threads): ``footbridge serve``.

Each process opens the database for itself and, unless told not to, sends what is owed to partners in threads of its
own. Any number of processes may: messages are leased, on SQLite as on PostgreSQL (``sync.worker``). A prescription
that a process takes in wakes that process's own worker, so it leaves at once.
"""

import gc
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError

from footbridge import metrics, traces
from footbridge.data import folder
from footbridge.jobs.worker import Worker
from footbridge.logs import get_logger
from footbridge.mapping import MappingContext, to_bundle
from footbridge.mapping.validate_input import accept
from footbridge.model.clock import SystemClock
from footbridge.referrals.build import build_worker
from footbridge.settings import settings
from footbridge.store.engine import file_of, open_database
from footbridge.store.migrate import require_current
from footbridge.terminology import open_store
from footbridge.validation import Validator
from footbridge.web.app import create_app
from footbridge.web.context import EXTENSION
from footbridge.web.gunicorn_worker import LONGEST_LINE, ReadingWorker

if TYPE_CHECKING:
    from footbridge.security.audit import AuditWriter

CONNECTIONS = 500  # that one process holds at a time, idle and half-sent ones included
GRACE = 30  # seconds that requests and deliveries under way have when the server is told to stop
SILENCE = 60  # seconds after which a process that hangs is replaced

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to serve.

    Attributes:
        host, port: where to listen; port 0 takes a free one.
        workers: processes.
        threads: requests that one process answers at a time.
        deliveries: threads of one process that send what is owed; 0 leaves that to ``footbridge worker``.
    """

    host: str
    port: int
    workers: int = 1
    threads: int = 8
    deliveries: int = 2


def serve(plan: Plan, *, ready: Callable[[str], None] | None = None) -> None:
    """Answer requests until SIGTERM or SIGINT; what is under way is finished first. Call it in the main thread.

    The tables of an empty database are made. Raises ConfigurationError for a database of another version.

    Args:
        plan: how.
        ready: called with the base URL once the server listens.
    """
    url = settings().database_url.get_secret_value()
    path = file_of(url)
    if path is not None and not path.exists():
        _log.warning("database.created", path=str(path))
    database = open_database(url)
    try:
        require_current(database, create=True)
    finally:
        database.dispose()
    with _shared_numbers():
        _Server(plan, ready or _silently).run()


@contextmanager
def _shared_numbers() -> Iterator[None]:
    """Let all processes count in files of one folder, so that each can show the sums; removed by this process."""
    place, owner = tempfile.mkdtemp(prefix="footbridge-metrics-"), os.getpid()
    os.environ[metrics.FOLDER] = place
    try:
        yield
    finally:
        if os.getpid() == owner:  # the processes that answer end through here, too
            os.environ.pop(metrics.FOLDER, None)
            shutil.rmtree(place, ignore_errors=True)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, told by a plan instead of a command line."""

    def __init__(self, plan: Plan, ready: Callable[[str], None]) -> None:
        self._plan = plan
        self._ready = ready
        self._courier: _WorkerThread | None = None
        self._audit: AuditWriter | None = None
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for name, value in {
            "bind": f"{self._plan.host}:{self._plan.port}",
            "workers": self._plan.workers,
            "worker_class": f"{ReadingWorker.__module__}.{ReadingWorker.__qualname__}",
            "worker_connections": CONNECTIONS,
            "threads": self._plan.threads,
            "timeout": SILENCE,
            "graceful_timeout": GRACE,
            "keepalive": 30,
            "limit_request_line": LONGEST_LINE,
            "control_socket_disable": True,
            "logger_class": _Log,
            "loglevel": "warning",
            "when_ready": lambda arbiter: self._ready(_base_url(arbiter.LISTENERS[0].sock.getsockname())),
            "worker_exit": lambda _arbiter, _process: self._leave(),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the app of one process, in that process."""
        traces.enable()  # here, since its thread does not outlive a fork
        plan, clock, validator = self._plan, SystemClock(), Validator()
        database = open_database(settings().database_url.get_secret_value())
        wake = None
        if plan.deliveries:
            worker = build_worker(database, clock, threads=plan.deliveries, validator=validator)
            self._courier, wake = _WorkerThread(worker), worker.wake
        listeners = max(1, plan.threads // 2)
        loaded = open_store()
        _warm_up(validator)
        app = create_app(database, clock, validator=validator, loaded=loaded, wake=wake, listeners=listeners)
        self._audit = app.extensions[EXTENSION].audit
        self._audit.start()
        with suppress(SQLAlchemyError):  # whoever asks is told
            app.extensions[EXTENSION].asker.warm_up()
        gc.collect()
        gc.freeze()  # tables and compiled rules live as long as the process: no collection has to look at them again
        return app

    def _leave(self) -> None:
        if self._courier is not None:
            self._courier.stop()
        if self._audit is not None:
            self._audit.stop()
        traces.disable()


class _WorkerThread:
    """A worker in a thread of its own."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._stop = threading.Event()
        self._thread = threading.Thread(target=worker.run, args=(self._stop,), name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way; what takes longer than the grace is tried again by another worker."""
        self._stop.set()
        self._worker.wake()
        self._thread.join(GRACE)


class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own messages in our log, without what a request said: it may name a person."""

    def exception(self, msg: object, *_args: object, **_more: object) -> None:
        """Tell that something failed, by its class."""
        kind = sys.exc_info()[0]
        _log.error("server.failed", what=str(msg), exception=kind.__name__ if kind else None)

    def error(self, msg: object, *args: object, **_more: object) -> None:
        """Tell what went wrong in the server itself."""
        _log.error("server", what=_first_part(msg, args))

    critical = error

    def warning(self, msg: object, *args: object, **_more: object) -> None:
        """Tell what is odd."""
        _log.warning("server", what=_first_part(msg, args))


def _first_part(msg: object, args: tuple[object, ...]) -> str:
    return (str(msg) % args if args else str(msg)).partition(": ")[0]


def _warm_up(validator: Validator) -> None:
    """Read the tables that the first prescription would wait for."""
    accepted = accept(folder("examples").joinpath("01-good-food-box.json").read_bytes())
    mapped = to_bundle(accepted.prescription, MappingContext(jurisdiction=accepted.jurisdiction))
    for entry in mapped.bundle["entry"]:
        list(validator.validate(entry["resource"]))


def _base_url(name: tuple[Any, ...]) -> str:
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"http://{host}:{name[1]}"


def _silently(_base_url: str) -> None:
    """Nobody asked to be told."""
